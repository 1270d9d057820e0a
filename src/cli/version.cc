// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "marey/trace.h"

#include "src/cli/command.h"
#include "src/cli/console.h"

namespace marey::cli {

int run_version(const Options&, Console& console) {
  console.out().add(fmt::format("marey {}\n", version()));
  return kExitOk;
}

}  // namespace marey::cli
