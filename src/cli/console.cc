// SPDX-License-Identifier: Apache-2.0
#include "src/cli/console.h"

#include <fmt/format.h>
#include <string>
#include <system_error>
#include <unistd.h>

#include "src/base/quote.h"
#include "src/cli/command.h"
#include "src/cli/terminal.h"

namespace marey::cli {

Console::Console() : out_(STDOUT_FILENO), out_is_terminal_(is_terminal(STDOUT_FILENO)) {}

void Console::say_bare(std::string_view message) {
  out_.flush();
  Output err(STDERR_FILENO);
  err.text() += message;
  err.text() += '\n';
  err.flush();
}

void Console::say(std::string_view message) {
  // Messages quote names of files and of things in traces, which hold anything.
  std::string line = "marey: ";
  base::append_escaped(line, message);
  say_bare(line);
}

int Console::fail(std::string_view name, const Error& error) {
  const bool named = name.empty() || std::string_view(error.message).starts_with(name);
  say(named ? error.message : fmt::format("{}: {}", name, error.message));
  return error.kind == ErrorKind::Usage ? kExitUsage : kExitFailure;
}

int Console::fail_usage(std::string_view message, std::string_view help_command) {
  say(message);
  say_bare(fmt::format("Run '{}' for help.", help_command));
  return kExitUsage;
}

int Console::finish(int status) {
  out_.flush();
  if (const std::optional<int> error = out_.error()) {
    say(fmt::format("cannot write standard output: {}", std::system_category().message(*error)));
    return kExitFailure;
  }
  return status;
}

}  // namespace marey::cli
