// SPDX-License-Identifier: Apache-2.0
#include "src/cli/completion.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/quote.h"
#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/help.h"

namespace marey::cli {
namespace {

using base::shell_quoted;
using Words = std::vector<std::string_view>;

Words command_names() {
  Words names;
  for (const CommandSpec& command : commands()) names.push_back(command.name);
  return names;
}

/// The words that an operand can be; none: a file, or nothing.
Words operand_words(const CommandSpec& command) {
  if (command.operands == "[COMMAND]") return command_names();
  return command.first_words();
}

/// Flags that can stand where `marey help` takes a command's name.
std::vector<const FlagSpec*> operand_flags(const CommandSpec& command) {
  std::vector<const FlagSpec*> flags;
  if (command.operands != "[COMMAND]") return flags;
  for (const FlagSpec* const flag : go_trace_command().offered_flags()) {
    if (is_about_go_trace(flag->name)) flags.push_back(flag);
  }
  return flags;
}

std::string spaced(const Words& words) { return fmt::format("{}", fmt::join(words, " ")); }

/// All flags with a value, each once.
std::vector<const FlagSpec*> value_flags() {
  std::vector<const FlagSpec*> out;
  const auto add = [&out](const CommandSpec& command) {
    for (const FlagSpec* const flag : command.offered_flags()) {
      // Flags of one name take the same values.
      const bool is_known = std::ranges::find(out, flag->name, &FlagSpec::name) != out.end();
      if (!flag->value.empty() && !is_known) out.push_back(flag);
    }
  };
  for (const CommandSpec& command : commands()) add(command);
  add(go_trace_command());
  return out;
}

/// What bash completes a command's arguments with; flags with a value end in "=".
std::string bash_case(std::string_view pattern, const CommandSpec& command) {
  std::vector<std::string> flags;
  for (const FlagSpec* const flag : command.offered_flags()) {
    flags.push_back(flag->spelling() + (flag->value.empty() ? "" : "="));
  }
  for (const FlagSpec* const flag : operand_flags(command)) flags.push_back(flag->spelling());
  return fmt::format("    {}) flags='{}' words='{}' ;;\n", pattern, fmt::join(flags, " "),
                     spaced(operand_words(command)));
}

/// `text` within an argument of zsh's _arguments.
std::string zsh_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_case(std::string_view pattern, const CommandSpec& command) {
  std::string out = fmt::format("    {}) _arguments", pattern);
  for (const FlagSpec* const flag : command.offered_flags()) {
    std::string spec = fmt::format("{}{}[{}]", flag->spelling(), flag->value.empty() ? "" : "=",
                                   zsh_escaped(flag->help));
    if (flag->is_choice()) {
      spec += fmt::format(":{}:({})", flag->name, spaced(flag->choices()));
    } else if (flag->is_list()) {
      spec += fmt::format(":{0}:_values -s , {0} {1}", flag->name, spaced(flag->words()));
    } else if (!flag->value.empty()) {
      spec += fmt::format(":{}:", flag->value);
    }
    out += " \\\n      " + shell_quoted(spec);
  }
  for (const FlagSpec* const flag : operand_flags(command)) {
    const std::string spec = fmt::format("{}[{}]", flag->spelling(), zsh_escaped(flag->help));
    out += " \\\n      " + shell_quoted(spec);
  }
  if (const Words words = operand_words(command); !words.empty()) {
    out += " \\\n      " + shell_quoted(fmt::format("1:word:({})", spaced(words)));
  }
  if (command.takes_file()) out += " \\\n      '*:trace:_files'";
  return out + " ;;\n";
}

std::string fish_flag(const FlagSpec& flag, std::string_view condition, bool takes_value = true) {
  // -o is a name of several letters behind one dash.
  const std::string_view form = flag.name.size() == 1 ? "-s" : flag.dashes == "-" ? "-o" : "-l";
  std::string line = fmt::format("complete -c marey -n {} {} {} -d {}", shell_quoted(condition),
                                 form, flag.name, shell_quoted(flag.help));
  if (!takes_value) return line + "\n";
  if (!flag.value.empty()) line += " -x";
  if (flag.is_choice()) line += fmt::format(" -a {}", shell_quoted(spaced(flag.choices())));
  if (flag.is_list()) {
    line += fmt::format(" -a {}",
                        shell_quoted(fmt::format("(__fish_complete_list , \"string split , {}\")",
                                                 fmt::join(flag.words(), ","))));
  }
  return line + "\n";
}

}  // namespace

std::string bash_completion() {
  std::string out =
      "# bash completion for marey: source <(marey completion bash)\n"
      "_marey() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  local flag=\"$before\" flags='' words='' list=''\n"
      "  COMPREPLY=()\n"
      "  # bash takes FLAG=VALUE apart into three words.\n"
      "  if [ \"$word\" = = ]; then\n"
      "    word=''\n"
      "  elif [ \"$before\" = = ]; then\n"
      "    flag=\"${COMP_WORDS[COMP_CWORD-2]}\"\n"
      "  fi\n"
      "  case \"$flag\" in\n";
  for (const FlagSpec* const flag : value_flags()) {
    if (flag->is_list()) {  // its last word
      out += fmt::format(
          "    -{0}|--{0})\n"
          "      [[ \"$word\" == *,* ]] && list=\"${{word%,*}},\"\n"
          "      mapfile -t COMPREPLY < <(compgen -P \"$list\" -W '{1}' -- \"${{word##*,}}\")\n"
          "      return ;;\n",
          flag->name, spaced(flag->words()));
      continue;
    }
    if (!flag->is_choice()) {  // nothing to offer, not even files
      out += fmt::format("    -{0}|--{0}) return ;;\n", flag->name);
      continue;
    }
    out += fmt::format(
        "    -{0}|--{0}) mapfile -t COMPREPLY < <(compgen -W '{1}' -- \"$word\"); return ;;\n",
        flag->name, spaced(flag->choices()));
  }
  out +=
      "  esac\n"
      "  case \"${COMP_WORDS[1]}\" in\n";
  for (const CommandSpec& command : commands()) out += bash_case(command.name, command);
  out += bash_case("-*", go_trace_command());
  out += fmt::format(
      "  esac\n"
      "  [ \"$COMP_CWORD\" -eq 1 ] && words='{}'\n",
      spaced(command_names()));
  out +=
      "  if [[ \"$word\" == -* ]]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$word\")\n"
      "    [[ \"${COMPREPLY[0]}\" == *= ]] && compopt -o nospace 2>/dev/null\n"
      "  elif [ -n \"$words\" ]; then\n"
      "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "  else\n"
      "    compopt -o filenames 2>/dev/null\n"
      "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
      "  fi\n"
      "  return 0\n"
      "}\n"
      "complete -F _marey marey\n";
  return out;
}

std::string zsh_completion() {
  std::string out =
      "#compdef marey\n"
      "# zsh completion for marey: write this to a file _marey in a directory of $fpath.\n"
      "_marey() {\n"
      "  local -a commands=(\n";
  for (const CommandSpec& command : commands()) {
    out += "    " + shell_quoted(fmt::format("{}:{}", command.name, zsh_escaped(command.summary))) +
           "\n";
  }
  out +=
      "  )\n"
      "  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  if [[ $words[2] != -* ]]; then\n"
      "    shift words\n"
      "    (( CURRENT-- ))\n"
      "  fi\n"
      "  case $words[1] in\n";
  for (const CommandSpec& command : commands()) out += zsh_case(command.name, command);
  out += zsh_case("*", go_trace_command());
  out +=
      "  esac\n"
      "}\n"
      "if [[ $funcstack[1] == _marey ]]; then\n"
      "  _marey \"$@\"\n"
      "else\n"
      "  compdef _marey marey\n"
      "fi\n";
  return out;
}

std::string fish_completion() {
  std::string out =
      "# fish completion for marey: marey completion fish | source\n"
      "complete -c marey -f\n";
  for (const CommandSpec& command : commands()) {
    out += fmt::format("complete -c marey -n __fish_use_subcommand -a {} -d {}\n", command.name,
                       shell_quoted(command.summary));
  }
  for (const CommandSpec& command : commands()) {
    const std::string condition = fmt::format("__fish_seen_subcommand_from {}", command.name);
    for (const FlagSpec* const flag : command.offered_flags()) out += fish_flag(*flag, condition);
    for (const FlagSpec* const flag : operand_flags(command))
      out += fish_flag(*flag, condition, false);
    if (const Words words = operand_words(command); !words.empty()) {
      out += fmt::format("complete -c marey -n {} -a {}\n", shell_quoted(condition),
                         shell_quoted(spaced(words)));
    }
    if (command.takes_file()) {
      out += fmt::format("complete -c marey -n {} -F\n", shell_quoted(condition));
    }
  }
  const std::string condition =
      fmt::format("not __fish_seen_subcommand_from {}", spaced(command_names()));
  for (const FlagSpec* const flag : go_trace_command().offered_flags())
    out += fish_flag(*flag, condition);
  out += "complete -c marey -n 'string match -q -- \"-*\" (commandline -opc)[2]' -F\n";
  return out;
}

int run_completion(const Options& options, Console& console) {
  const std::string& shell = options.operands[0];
  console.out().add(shell == "bash"  ? bash_completion()
                    : shell == "zsh" ? zsh_completion()
                                     : fish_completion());
  return kExitOk;
}

}  // namespace marey::cli
