// SPDX-License-Identifier: Apache-2.0
#include "src/cli/help.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <string_view>
#include <vector>

#include "src/cli/console.h"
#include "src/cli/parse.h"
#include "src/cli/suggest.h"
#include "src/table/paragraph.h"

namespace marey::cli {
namespace {

constexpr std::size_t kColumns = 80;

/// Appends `text` at `indent`; its first line goes on from column `at`.
void append_wrapped(std::string& out, std::string_view text, std::size_t indent = 0,
                    std::size_t at = 0) {
  table::append_paragraph(out, text, {.at = at, .indent = indent, .width = kColumns});
}

std::string with_value(const FlagSpec& flag) {
  if (flag.value.empty()) return flag.spelling();
  // Go's flags are known with "=", the others with a blank; both work for all.
  return flag.spelling() + (flag.dashes == "-" ? "=" : " ") + std::string(flag.value);
}

void append_flags(std::string& out, const CommandSpec& command) {
  constexpr std::size_t kIndent = 22;
  for (const FlagSpec* const flag : command.offered_flags()) {
    if (flag->name == "h") continue;
    const std::string head = "  " + (flag->name == "help" ? "-h, --help" : with_value(*flag));
    out += head;
    if (head.size() + 2 <= kIndent) {
      append_wrapped(out, flag->help, kIndent, head.size());
    } else {
      out += '\n';
      append_wrapped(out, flag->help, kIndent);
    }
  }
}

}  // namespace

std::string overview() {
  std::string out =
      "Marey reads Go execution traces.\n"
      "\n"
      "Usage:\n";
  const CommandSpec& go_trace = go_trace_command();
  std::size_t width = 0;
  const auto usage_of = [](const CommandSpec& command) {
    return fmt::format("{} {}", command.title(), command.operands);
  };
  for (const CommandSpec& command : commands()) width = std::max(width, usage_of(command).size());
  for (const CommandSpec& command : commands()) {
    out += fmt::format("  {:{}}  {}\n", usage_of(command), width, command.summary);
  }
  out += "\nAs go tool trace (also with --strict, --threads, --memory):\n";
  for (const FlagSpec* const flag : go_trace.offered_flags()) {
    if (flag->dashes != "-" || flag->name == "h") continue;
    out += fmt::format("  marey {} {}\n", with_value(*flag), go_trace.operands);
    append_wrapped(out, flag->help, 6);
  }
  out += '\n';
  append_wrapped(
      out,
      "FILE may be '-' for standard input, and may be compressed with gzip or zstd. "
      "'marey help COMMAND' shows a command's flags, 'marey help -d' those of -d and -pprof.");
  out += '\n';
  append_wrapped(
      out,
      "Documents that help names, commands.md and others, are in docs/ of the sources and "
      "in share/doc/marey/ of an installed Marey.");
  out += '\n';
  append_wrapped(
      out,
      "Exit status: 0 fine; 1 the trace is unusable or damaged beyond use, or the system "
      "refused; 2 usage.");
  return out;
}

std::string help_on(const CommandSpec& command) {
  std::string out = "Usage: ";
  if (command.name.empty()) {
    out += fmt::format("marey {} [FLAGS] {}\n       marey {} [FLAGS] {}",
                       with_value(*command.find_flag("d")), command.operands,
                       with_value(*command.find_flag("pprof")), command.operands);
  } else {
    out += command.title();
    const bool has_flags = std::ranges::any_of(command.offered_flags(), [](const FlagSpec* flag) {
      return flag->name != "h" && flag->name != "help";
    });
    if (has_flags) out += " [FLAGS]";
    if (!command.operands.empty()) out += fmt::format(" {}", command.operands);
  }
  out += "\n\n";
  append_wrapped(out, command.details);
  out += "\nFlags:\n";
  append_flags(out, command);
  return out;
}

bool is_about_go_trace(std::string_view word) {
  const std::string_view name = flag_name(word);
  const FlagSpec* const flag = go_trace_command().find_flag(name);
  return flag != nullptr && flag->dashes == "-" && name != "h";
}

int run_help(const Options& options, Console& console) {
  if (options.operands.empty()) {
    console.out().add(overview());
    return kExitOk;
  }
  const std::string& name = options.operands[0];
  if (is_about_go_trace(name)) {
    console.out().add(help_on(go_trace_command()));
    return kExitOk;
  }
  if (const CommandSpec* const command = find_command(name)) {
    console.out().add(help_on(*command));
    return kExitOk;
  }
  std::vector<std::string_view> names;
  names.reserve(commands().size());
  for (const CommandSpec& command : commands()) names.push_back(command.name);
  const std::string_view near = closest(name, names);
  return console.fail_usage(
      near.empty() ? fmt::format("there is no command '{}'", name)
                   : fmt::format("there is no command '{}'; did you mean '{}'?", name, near),
      "marey help");
}

}  // namespace marey::cli
