// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "marey/trace.h"

#include "src/base/json_writer.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/passing.h"
#include "src/cli/reading.h"
#include "src/cli/totals.h"
#include "src/cli/trace_facts.h"

namespace marey::cli {

int run_info(const Options& options, Console& console) {
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  const Result<index::PassResult> result =
      run_with_progress(options, [&path](const index::PassOptions& pass_options) {
        return index::count_events(path, pass_options);
      });
  if (!result) return fail_reading(name, result.error(), options, console);
  std::string& out = console.out().text();
  if (options.json) {
    base::JsonWriter json(out);
    json.begin_object();
    json.field("schema", "marey.info/1");
    json.field("marey", version());
    write_facts(json, name, *result);
    json.end_object();
    out += '\n';
  } else {
    const TextStyle style = text_style(options);
    write_facts(out, facts_of(name, *result), style);
    append_rows(out, "  ", counts_of(*result).kinds());
    write_health(out, *result, style);
  }
  return judge_shown(name, *result, options, console);
}

}  // namespace marey::cli
