// SPDX-License-Identifier: Apache-2.0
#include "src/cli/run.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <new>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/help.h"
#include "src/cli/memory_limit.h"
#include "src/cli/parse.h"
#include "src/cli/suggest.h"
#include "src/cli/time_zone.h"
#include "src/export/event_text_time.h"

namespace marey::cli {
namespace {

/// The first argument is neither a flag nor a command.
int fail_unknown_command(std::string_view word, Console& console) {
  struct stat status{};
  if (::stat(std::string(word).c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
    return console.fail_usage(fmt::format("'{}' is no command; did you mean {}?", word,
                                          marked_command("marey report", word)),
                              "marey help");
  }
  std::vector<std::string_view> names;
  names.reserve(commands().size());
  for (const CommandSpec& command : commands()) names.push_back(command.name);
  const std::string_view near = closest(word, names);
  return console.fail_usage(
      near.empty() ? fmt::format("'{}' is neither a command nor a file", word)
                   : fmt::format("'{}' is no command; did you mean 'marey {}'?", word, near),
      "marey help");
}

int fail_flags_first(const CommandSpec& command, Console& console) {
  return console.fail_usage(fmt::format("flags go behind the command: '{} [FLAGS] {}'",
                                        command.title(), command.operands),
                            fmt::format("marey help {}", command.name));
}

/// Whether a command may start threads. What prints events does so on this one.
bool starts_threads(const CommandSpec& command, const Options& options) {
  const bool selects =
      options.from || options.to || !options.goroutines.empty() || options.kinds != 0;
  const bool prints_events = command.name == "events" && (!options.count || selects);
  return !prints_events && options.debug.empty() && options.threads != 1;
}

/// The command of `marey --threads 2 report FILE`; nullptr: there is none, or it is in its place.
const CommandSpec* command_behind_flags(std::span<const std::string_view> args) {
  const auto speaks_for_itself = [](std::string_view arg) {
    if (!arg.starts_with('-')) return false;
    const std::string_view name = flag_name(arg);
    return is_mode_flag(arg) || name == "help" || name == "h" || name == "version";
  };
  if (std::ranges::any_of(args, speaks_for_itself)) return nullptr;
  for (const std::string_view arg : args) {
    if (arg == "--") return nullptr;
    if (const CommandSpec* const command = find_command(arg)) return command;
  }
  return nullptr;
}

/// Whether an argument is, or was meant to be, -d or -pprof: also `-dwire`.
bool concerns_mode(std::string_view arg) {
  if (!arg.starts_with('-')) return false;
  const std::string_view name = flag_name(arg);
  return name.starts_with('d') || name.starts_with("pprof");
}

int run_command(const CommandSpec& command, std::span<const std::string_view> args,
                Console& console) {
  // `marey help -d`: no flag of help's own.
  if (command.name == "help" && args.size() == 1 && is_about_go_trace(args[0])) {
    console.out().add(help_on(go_trace_command()));
    return kExitOk;
  }
  const Result<Options> options = parse(command, args);
  if (!options) {
    const bool of_modes = command.name.empty() && std::ranges::any_of(args, concerns_mode);
    return console.fail_usage(options.error().message,
                              of_modes               ? kHelpOnModes
                              : command.name.empty() ? "marey help"
                                                     : fmt::format("marey help {}", command.name));
  }
  if (options->help) {
    const bool of_marey = command.name.empty() && std::ranges::none_of(args, is_mode_flag);
    console.out().add(of_marey ? overview() : help_on(command));
    return kExitOk;
  }
  if (options->version) return run_version(*options, console);
  if (options->memory > 0) {
    limit_memory(*options, starts_threads(command, *options));
  }
  return command.run(*options, console);
}

}  // namespace

void prepare_process() {
  // A file that is opened later must not get the number of a standard descriptor.
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++) {
    if (::fcntl(descriptor, F_GETFD) == -1) {
      // What is written to a closed standard output must fail, and not vanish.
      const int mode = descriptor == STDOUT_FILENO ? O_RDONLY : O_RDWR;
      [[maybe_unused]] const int opened = ::open("/dev/null", mode);
    }
  }
  // A closed pipe is told by write(2), and is no error then.
  std::signal(SIGPIPE, SIG_IGN);
  std::set_new_handler(fail_for_memory);
  exporting::set_local_offset(local_offset);
}

int run(std::span<const std::string_view> args) {
  Console console;
  if (args.empty()) {
    std::string text = overview();
    text.pop_back();
    console.say_bare(text);
    return kExitUsage;
  }
  const std::string_view first = args[0];
  int status = kExitOk;
  if (const CommandSpec* const command = find_command(first)) {
    status = run_command(*command, args.subspan(1), console);
  } else if (first.starts_with('-') && first.size() > 1) {
    const CommandSpec* const behind = command_behind_flags(args);
    status = behind == nullptr ? run_command(go_trace_command(), args, console)
                               : fail_flags_first(*behind, console);
  } else {
    status = fail_unknown_command(first, console);
  }
  return console.finish(status);
}

}  // namespace marey::cli
