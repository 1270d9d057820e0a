// SPDX-License-Identifier: Apache-2.0
#include "src/cli/writers.h"

namespace marey::cli {

std::vector<std::string_view> writers_of(std::uint32_t format) {
  switch (format) {
    case 11: return {"1.11 to 1.18"};
    case 19: return {"1.19", "1.20"};
    case 21: return {"1.21", "1.22 (GOEXPERIMENT=noexectracer2)"};
    case 22: return {"1.22"};
    case 23: return {"1.23", "1.24"};
    case 25: return {"1.25"};
    case 26: return {"1.26", "1.27"};
    default: return {};
  }
}

}  // namespace marey::cli
