// SPDX-License-Identifier: Apache-2.0
#include "src/cli/parse.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <string>
#include <utility>
#include <vector>

#include "src/cli/suggest.h"
#include "src/cli/values.h"

namespace marey::cli {
namespace {

std::unexpected<Error> usage(std::string message) {
  return std::unexpected(Error{ErrorKind::Usage, std::move(message)});
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

/// `-dparsed` for `-d=parsed`: a flag and one of its choices run together.
std::string split_spelling(const CommandSpec& command, std::string_view name) {
  for (const FlagSpec* const flag : command.flags) {
    if (!flag->is_choice() || !name.starts_with(flag->name)) continue;
    const std::string_view rest = name.substr(flag->name.size());
    if (is_one_of(rest, flag->choices())) {
      return fmt::format("{}={}", flag->spelling(), rest);
    }
  }
  return {};
}

/// The error of a flag that the command does not have, with the closest one that there is.
/// `names_mode`: -d or -pprof is among the arguments.
std::unexpected<Error> unknown_flag(const CommandSpec& command, std::string_view arg,
                                    std::string_view name, bool names_mode) {
  const std::string_view as_typed = arg.substr(0, arg.find('='));
  if (const std::string split = split_spelling(command, name); !split.empty()) {
    return usage(fmt::format("unknown flag '{}'; did you mean '{}'?", as_typed, split));
  }
  if (names_mode && name == "json") {
    return usage("'-d' and '-pprof' have no flag '--json'; 'marey events --json FILE' prints JSON");
  }
  // A flag of another command is no slip of the pen.
  for (const CommandSpec& other : commands()) {
    if (other.find_flag(name) != nullptr) {
      return usage(
          fmt::format("'{}' has no flag '{}'; '{}' has", command.title(), as_typed, other.title()));
    }
  }
  std::vector<std::string_view> names;
  names.reserve(command.flags.size());
  for (const FlagSpec* const flag : command.flags) names.push_back(flag->name);
  if (const std::string_view near = closest(name, names); !near.empty()) {
    return usage(fmt::format("unknown flag '{}'; did you mean '{}'?", as_typed,
                             command.find_flag(near)->spelling()));
  }
  if (const FlagSpec* const flag = go_trace_command().find_flag(name); flag && flag->is_choice()) {
    const std::vector<std::string_view> choices = flag->choices();
    const std::string_view typed = arg.substr(std::min(as_typed.size() + 1, arg.size()));
    return usage(fmt::format("'{}' has no flag '{}'; it stands alone: 'marey {}={} FILE'",
                             command.title(), as_typed, flag->spelling(),
                             is_one_of(typed, choices) ? typed : choices[0]));
  }
  return usage(fmt::format("'{}' has no flag '{}'", command.title(), as_typed));
}

/// The error of a list with a word that may not stand in it.
std::unexpected<Error> bad_list(const FlagSpec& flag, std::string_view value) {
  const std::vector<std::string_view> words = flag.words();
  std::vector<std::string> lowered;
  lowered.reserve(words.size());
  for (const std::string_view word : words) lowered.push_back(lower(word));
  const std::vector<std::string_view> candidates(lowered.begin(), lowered.end());
  for (const std::string_view word : split(value, ',')) {
    const std::string typed = lower(word);
    if (is_one_of(typed, candidates)) continue;
    const std::string_view near = closest(typed, candidates);
    if (near.empty()) {
      return usage(fmt::format("{} takes {}, not '{}'", flag.spelling(), any_of(words), word));
    }
    const auto place = std::ranges::find(candidates, near) - candidates.begin();
    return usage(fmt::format("{} does not take '{}'; did you mean '{}'?", flag.spelling(), word,
                             words[static_cast<std::size_t>(place)]));
  }
  return usage(fmt::format("{} does not take '{}'", flag.spelling(), value));
}

std::unexpected<Error> bad_value(const FlagSpec& flag, std::string_view value) {
  if (flag.is_list()) return bad_list(flag, value);
  if (!flag.is_choice()) {
    if (flag.value.empty()) {
      return usage(
          fmt::format("{} takes no value but true or false, not '{}'", flag.spelling(), value));
    }
    return usage(fmt::format("{} takes {}, not '{}'", flag.spelling(), flag.expects, value));
  }
  const std::vector<std::string_view> choices = flag.choices();
  const std::string_view near = closest(value, choices);
  if (near.empty()) {
    return usage(fmt::format("{} takes {}, not '{}'", flag.spelling(), any_of(choices), value));
  }
  return usage(fmt::format("{} takes {}, not '{}'; did you mean '{}={}'?", flag.spelling(),
                           any_of(choices), value, flag.spelling(), near));
}

std::string missing_operand(const CommandSpec& command, const Options& options) {
  if (command.name.empty()) {
    if (options.debug.empty() && options.pprof.empty()) {
      return "one of -d=MODE and -pprof=TYPE is needed, or a command, and a trace: "
             "'marey report FILE'";
    }
    const std::string flag = options.debug.empty() ? fmt::format("-pprof={}", options.pprof)
                                                   : fmt::format("-d={}", options.debug);
    return fmt::format("'marey {0}' needs a trace: marey {0} FILE ('-' is standard input)", flag);
  }
  if (command.takes_file()) {
    const bool has_word = command.operands != "FILE" && options.operands.empty();
    return fmt::format("'{0}' needs {1}a trace: {0} {2} ('-' is standard input)", command.title(),
                       has_word ? fmt::format("{} and ", command.first_operand_is) : "",
                       command.operands);
  }
  return fmt::format("'{}' needs {}", command.title(), any_of(command.first_words()));
}

Result<void> check_first_operand(const CommandSpec& command, const Options& options) {
  const std::vector<std::string_view> words = command.first_words();
  if (words.empty() || options.operands.empty()) return {};
  const std::string_view word = options.operands[0];
  if (is_one_of(word, words)) return {};
  const std::string_view near = closest(word, words);
  return usage(fmt::format("'{}' takes {}{}, not '{}'{}", command.title(),
                           command.takes_file() ? "first " : "", any_of(words), word,
                           near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

}  // namespace

std::string_view flag_name(std::string_view arg) {
  if (arg.starts_with('-')) arg.remove_prefix(arg.starts_with("--") ? 2 : 1);
  return arg.substr(0, arg.find('='));
}

bool is_mode_flag(std::string_view arg) {
  return arg.starts_with('-') && (flag_name(arg) == "d" || flag_name(arg) == "pprof");
}

std::string any_of(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); i++) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += fmt::format("'{}'", words[i]);
  }
  return out;
}

Result<Options> parse(const CommandSpec& command, std::span<const std::string_view> args) {
  Options options;
  options.command = command.name;
  for (std::size_t i = 0; i < args.size(); i++) {
    const std::string_view arg = args[i];
    if (arg == "--") {
      options.operands.insert(options.operands.end(), args.begin() + static_cast<long>(i) + 1,
                              args.end());
      break;
    }
    if (arg.size() < 2 || arg[0] != '-') {
      options.operands.emplace_back(arg);
      continue;
    }
    const std::size_t equals = arg.find('=');
    const std::string_view name = flag_name(arg);
    const FlagSpec* const flag = command.find_flag(name);
    if (flag == nullptr) {
      const bool names_mode = command.name.empty() && std::ranges::any_of(args, is_mode_flag);
      return unknown_flag(command, arg, name, names_mode);
    }

    std::string_view value = "true";
    if (equals != std::string_view::npos) {
      value = arg.substr(equals + 1);
    } else if (!flag->value.empty()) {
      if (++i == args.size()) {
        return usage(fmt::format("{} needs a value: {}={}", arg, flag->spelling(), flag->value));
      }
      value = args[i];
      // `-pprof --help`: no choice begins with a dash.
      const bool asks = flag->is_choice() && value.starts_with('-');
      if (const std::string_view word = flag_name(value); asks && (word == "help" || word == "h")) {
        options.help = true;
        return options;
      }
    }
    if (flag->is_choice() && !is_one_of(value, flag->choices())) {
      return bad_value(*flag, value);
    }
    if (!flag->set(options, value)) return bad_value(*flag, value);
  }
  if (options.help || options.version) return options;
  if (options.from && options.to && options.from->since == options.to->since &&
      options.from->nanoseconds >= options.to->nanoseconds) {
    return usage("nothing lies between --from and --to; --from must be the earlier time");
  }
  if (Result<void> good = check_first_operand(command, options); !good) {
    return std::unexpected(std::move(good).error());
  }
  if (options.operands.size() < command.least_operands) {
    return usage(missing_operand(command, options));
  }
  if (options.operands.size() > command.most_operands && command.takes_file() &&
      !command.name.empty()) {
    return usage(fmt::format("'{}' takes one trace, not '{}' too", command.title(),
                             options.operands[command.most_operands]));
  }
  if (options.operands.size() > command.most_operands) {
    return usage(fmt::format("'{}' does not know what to do with '{}'", command.title(),
                             options.operands[command.most_operands]));
  }
  return options;
}

}  // namespace marey::cli
