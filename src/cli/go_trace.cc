// SPDX-License-Identifier: Apache-2.0
// What `go tool trace` does, with its flags.
#include <fmt/format.h>
#include <span>
#include <string>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/go_profile.h"
#include "src/cli/raw_dump.h"
#include "src/cli/reading.h"
#include "src/cli/suggest.h"
#include "src/export/event_text.h"

namespace marey::cli {
namespace {

int print_parsed(const Options& options, Console& console) {
  exporting::EventText printer;
  return read_events(options, console, [&](std::span<const Event> events) {
    for (const Event& event : events) printer.append(console.out().text(), event);
    return true;
  });
}

/// Neither -d nor -pprof: what opens the web page in Go's tool.
int refuse_page(const Options& options, Console& console) {
  const std::string& file = options.operands.back();
  if (options.http.empty()) {
    return console.fail_usage(
        fmt::format("one of -d=MODE and -pprof=TYPE is needed, or a command: {}",
                    marked_command("marey report", file)),
        "marey help");
  }
  return console.fail_usage(
      fmt::format("the web page (-http) is not part of this version; {} shows the main tables, {} "
                  "makes a profile for go tool pprof",
                  marked_command("marey report", file), marked_command("marey -pprof=sched", file)),
      "marey help");
}

}  // namespace

int run_go_trace(const Options& options, Console& console) {
  if (!options.pprof.empty() && !options.debug.empty()) {
    return console.fail_usage("-d and -pprof exclude each other; give one of them", kHelpOnModes);
  }
  if (!options.pprof.empty()) return print_profile(options, console);
  if (options.debug == "parsed") return print_parsed(options, console);
  if (options.debug == "wire") return print_wire(options, console);
  if (options.debug == "footprint") return print_footprint(options, console);
  return refuse_page(options, console);
}

}  // namespace marey::cli
