// SPDX-License-Identifier: Apache-2.0
#include "src/cli/reading.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "marey/trace.h"

#include "src/cli/command.h"
#include "src/cli/health_text.h"
#include "src/cli/progress.h"

namespace marey::cli {

std::string display_name(const std::string& path) {
  return path == "-" || path == "/dev/stdin" ? "standard input" : path;
}

int fail_reading(std::string_view name, const Error& error, const Options& options,
                 Console& console) {
  if (options.strict && error.kind == ErrorKind::Input) {
    console.say_bare(error.message);
    return kExitFailure;
  }
  return console.fail(name, error);
}

int read_events(const Options& options, Console& console,
                const std::function<bool(std::span<const Event>)>& take) {
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  Result<Reader> reader = Reader::open(path, {.strict = options.strict});
  if (!reader) return fail_reading(name, reader.error(), options, console);

  std::uint64_t useful_events = 0;
  bool enough = false;
  Reader::Status status = Reader::Status::Event;
  {
    Progress progress(!console.out_is_terminal());
    std::span<const Event> events;
    while (!enough && (status = reader->next_block(events)) == Reader::Status::Event) {
      useful_events += static_cast<std::uint64_t>(std::ranges::count_if(
          events, [](const Event& event) { return event.kind() != EventKind::Sync; }));
      enough = !take(events) || !console.out().relieve();
    }
  }
  if (!console.out().wanted()) return kExitOk;  // Console::finish() knows if it is an error
  if (status == Reader::Status::Error)
    return fail_reading(name, *reader->error(), options, console);
  if (options.strict) return kExitOk;
  return report_health(name, reader->health(), useful_events, console);
}

}  // namespace marey::cli
