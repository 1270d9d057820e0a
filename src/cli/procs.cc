// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/analyses.h"
#include "src/cli/answer.h"
#include "src/cli/command.h"

namespace marey::cli {

int run_procs(const Options& options, Console& console) {
  const Duration stuck = options.stuck.value_or(analysis::kStuck);
  return answer(
      [stuck](const analysis::Vocabulary& vocabulary) {
        return analysis::proc_analyses(vocabulary, stuck);
      },
      options, console);
}

}  // namespace marey::cli
