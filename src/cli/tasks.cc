// SPDX-License-Identifier: Apache-2.0
#include <variant>

#include "src/analysis/analyses.h"
#include "src/cli/answer.h"
#include "src/cli/command.h"

namespace marey::cli {

int run_tasks(const Options& options, Console& console) {
  using Detail = analysis::Tasks::Detail;
  if (!options.task) return run_answer(options, console);
  const bool is_one = std::holds_alternative<TaskID>(*options.task);
  return answer(
      [is_one](const analysis::Vocabulary& vocabulary, const analysis::Scope& scope) {
        return analysis::task_analyses(vocabulary, scope, is_one ? Detail::OneTask : Detail::Types);
      },
      options, console);
}

}  // namespace marey::cli
