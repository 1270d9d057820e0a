// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <vector>

#include "src/analysis/mutator_utilization.h"
#include "src/cli/answer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"

namespace marey::cli {

int run_mmu(const Options& options, Console& console) {
  return answer(
      [&](const analysis::Vocabulary& vocabulary) {
        std::vector<std::unique_ptr<analysis::Analysis>> analyses;
        analyses.push_back(
            std::make_unique<analysis::MutatorUtilization>(vocabulary, options.mutator));
        return analyses;
      },
      options, console,
      "no event up to the end of that time tells how many procs there are (GOMAXPROCS), as before "
      "Go "
      "1.22 if the world was never stopped; so there is no mutator utilization to tell of");
}

}  // namespace marey::cli
