// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/cli/options.h"

/// The table of commands and their flags. Parsing, help texts and shell completion all come from
/// it, so that they cannot disagree.
namespace marey::cli {

class Console;

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  ///< the trace is unusable, or the system refused
inline constexpr int kExitUsage = 2;

/// The command that shows the flags of go tool trace.
inline constexpr const char* kHelpOnModes = "marey help -d";

/// The words of "a|b|c".
std::vector<std::string_view> split_choices(std::string_view choices);

struct FlagSpec {
  std::string_view name;    ///< without dashes
  std::string_view dashes;  ///< "-" or "--": how texts spell it; both are understood
  std::string_view value;   ///< what stands for its value, "auto|always" for a choice; "": none
  std::string_view help;    ///< a sentence without its full stop
  /// Puts the value into the options; false: it is none. A flag without a value gets "true" or
  /// "false".
  bool (*set)(Options& options, std::string_view value);
  std::string_view expects;  ///< "a number from 1 to 1024": what a good value is
  bool offered = true;       ///< by help and completion; false: understood, to say what is wrong
  /// Of a list: the words that may stand between its commas.
  std::vector<std::string_view> (*words)() = nullptr;

  std::string spelling() const { return std::string(dashes) + std::string(name); }
  bool is_list() const { return words != nullptr; }
  bool is_choice() const { return value.find('|') != std::string_view::npos; }
  /// The values of a choice.
  std::vector<std::string_view> choices() const { return split_choices(value); }
};

struct CommandSpec {
  std::string_view name;      ///< "": what `go tool trace` does
  std::string_view operands;  ///< as in usage lines: "FILE", "[COMMAND]"
  std::size_t least_operands;
  std::size_t most_operands;
  std::string_view summary;  ///< one line
  std::string_view details;  ///< paragraphs for the command's own help
  std::vector<const FlagSpec*> flags;
  int (*run)(const Options& options, Console& console);
  /// Of a command with an operand before the file: "a goroutine".
  std::string_view first_operand_is = {};
  /// The words that it can be, if it is not anything.
  std::vector<std::string_view> (*words)() = nullptr;

  const FlagSpec* find_flag(std::string_view flag) const;
  /// The flags that help and completion show.
  std::vector<const FlagSpec*> offered_flags() const;
  bool takes_file() const { return operands.ends_with("FILE"); }
  /// The words of which the first operand must be one; none: it is anything.
  std::vector<std::string_view> first_words() const {
    if (words != nullptr) return words();
    return operands.contains('|') ? split_choices(operands) : std::vector<std::string_view>{};
  }
  /// "marey events"
  std::string title() const;
};

/// All commands with a name, in the order of the help text.
std::span<const CommandSpec> commands();
/// What runs when the first argument is a flag, as in `marey -d=parsed FILE`.
const CommandSpec& go_trace_command();
const CommandSpec* find_command(std::string_view name);

// One file each.
int run_answer(const Options& options, Console& console);
int run_procs(const Options& options, Console& console);
int run_tasks(const Options& options, Console& console);
int run_logs(const Options& options, Console& console);
int run_goroutines(const Options& options, Console& console);
int run_goroutine(const Options& options, Console& console);
int run_mmu(const Options& options, Console& console);
/// The kinds of `marey profile`.
std::vector<std::string_view> profile_kinds();
int run_profile(const Options& options, Console& console);
int run_report(const Options& options, Console& console);
int run_info(const Options& options, Console& console);
int run_events(const Options& options, Console& console);
int run_version(const Options& options, Console& console);
int run_help(const Options& options, Console& console);
int run_completion(const Options& options, Console& console);
int run_go_trace(const Options& options, Console& console);

}  // namespace marey::cli
