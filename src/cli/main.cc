// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <vector>

#include "src/cli/run.h"

int main(int argc, char** argv) {
  marey::cli::prepare_process();
  return marey::cli::run(std::vector<std::string_view>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
