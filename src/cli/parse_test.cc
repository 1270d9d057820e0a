// SPDX-License-Identifier: Apache-2.0
#include "src/cli/parse.h"

#include <gtest/gtest.h>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "src/cli/completion.h"
#include "src/cli/help.h"
#include "src/cli/values.h"

namespace marey::cli {
namespace {

Result<Options> parse_words(const CommandSpec& command,
                            std::initializer_list<std::string_view> words) {
  return parse(command, std::vector<std::string_view>(words));
}

const CommandSpec& events() { return *find_command("events"); }

std::string error_of(const CommandSpec& command, std::initializer_list<std::string_view> words) {
  const Result<Options> options = parse_words(command, words);
  if (options) return "no error";
  EXPECT_EQ(options.error().kind, ErrorKind::Usage);
  return options.error().message;
}

TEST(Parse, GoSpellings) {
  for (const std::initializer_list<std::string_view> words :
       {std::initializer_list<std::string_view>{"-d=parsed", "trace"},
        {"--d=parsed", "trace"},
        {"-d", "parsed", "trace"},
        {"--d", "parsed", "trace"},
        {"trace", "-d=parsed"}}) {
    const Result<Options> options = parse_words(go_trace_command(), words);
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(options->debug, "parsed");
    EXPECT_EQ(options->operands, std::vector<std::string>{"trace"});
  }
}

TEST(Parse, ABinaryBeforeTheTrace) {
  const Result<Options> options = parse_words(go_trace_command(), {"-d=wire", "pkg.test", "trace"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->operands.back(), "trace");
}

TEST(Parse, Switches) {
  EXPECT_TRUE(parse_words(events(), {"-json", "trace"})->json);
  EXPECT_TRUE(parse_words(events(), {"--json=true", "trace"})->json);
  EXPECT_FALSE(parse_words(events(), {"--json", "--json=false", "trace"})->json);
  EXPECT_EQ(error_of(events(), {"--json=yes", "trace"}),
            "--json takes no value but true or false, not 'yes'");
}

TEST(Parse, ListsOfKinds) {
  const auto kinds = [](std::initializer_list<std::string_view> words) {
    return parse_words(events(), words)->kinds;
  };
  EXPECT_EQ(kinds({"trace"}), 0u);
  EXPECT_EQ(kinds({"--kind", "lOG", "trace"}), kind_bit(EventKind::Log));
  EXPECT_EQ(kinds({"--kind=Log,Sync", "trace"}),
            kind_bit(EventKind::Log) | kind_bit(EventKind::Sync));
  EXPECT_EQ(kinds({"--kind=Log", "--kind=Sync", "trace"}), kinds({"--kind=Log,Sync", "trace"}));
  EXPECT_EQ(error_of(events(), {"--kind=Log,tasks", "trace"}).substr(0, 20),
            "--kind takes 'Sync',");
  EXPECT_EQ(error_of(events(), {"--kind=Log,taskbegn", "trace"}),
            "--kind does not take 'taskbegn'; did you mean 'TaskBegin'?");
  for (const std::string_view value : {"", ",", "Log,", "Log Sync"}) {
    EXPECT_NE(error_of(events(), {"--kind", value, "trace"}), "no error") << value;
  }
}

TEST(Parse, Values) {
  const Result<Options> options = parse_words(
      events(),
      {"--threads", "3", "--memory=1G", "--from=5ms", "--to", "77", "--g=9", "--", "--odd-name"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->threads, 3u);
  EXPECT_EQ(options->memory, std::uint64_t{1} << 30);
  EXPECT_EQ(options->from->since, Moment::Since::Start);
  EXPECT_EQ(options->to->nanoseconds, 77);
  EXPECT_EQ(options->goroutines, std::vector{GoID{9}});
  EXPECT_EQ(options->operands, std::vector<std::string>{"--odd-name"});
}

TEST(Parse, ADashIsAFile) {
  EXPECT_EQ(parse_words(events(), {"-"})->operands, std::vector<std::string>{"-"});
}

TEST(Parse, HelpNeedsNoFile) {
  for (const std::string_view word : {"-h", "-help", "--help", "--h"}) {
    const Result<Options> options = parse_words(events(), {word});
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->help);
  }
}

TEST(Parse, ErrorsNameTheClosestSpelling) {
  EXPECT_EQ(error_of(events(), {"--jsno", "trace"}),
            "unknown flag '--jsno'; did you mean '--json'?");
  EXPECT_EQ(error_of(events(), {"--thr=3", "trace"}),
            "unknown flag '--thr'; did you mean '--threads'?");
  EXPECT_EQ(error_of(events(), {"--width=3", "trace"}),
            "'marey events' has no flag '--width'; 'marey report' has");
  EXPECT_EQ(error_of(events(), {"-pprof=net", "trace"}),
            "'marey events' has no flag '-pprof'; it stands alone: 'marey -pprof=net FILE'");
  EXPECT_EQ(error_of(events(), {"--zebra", "trace"}), "'marey events' has no flag '--zebra'");
  EXPECT_EQ(error_of(go_trace_command(), {"-d=parse", "trace"}),
            "-d takes 'parsed', 'wire' or 'footprint', not 'parse'; did you mean '-d=parsed'?");
  EXPECT_EQ(error_of(go_trace_command(), {"-dparsed", "trace"}),
            "unknown flag '-dparsed'; did you mean '-d=parsed'?");
  EXPECT_EQ(error_of(go_trace_command(), {"-pprof=cpu", "trace"}),
            "-pprof takes 'net', 'sync', 'syscall' or 'sched', not 'cpu'");
  EXPECT_EQ(error_of(*find_command("completion"), {"bsh"}),
            "'marey completion' takes 'bash', 'zsh' or 'fish', not 'bsh'; did you mean 'bash'?");
}

TEST(Parse, ErrorsOfValuesAndOperands) {
  EXPECT_EQ(error_of(events(), {"--threads=0", "trace"}),
            "--threads takes a number from 1 to 1024, not '0'");
  EXPECT_EQ(error_of(events(), {"--memory=much", "trace"}),
            "--memory takes a size like 512M or 2GiB, not 'much'");
  EXPECT_EQ(error_of(events(), {"trace", "--g"}), "--g needs a value: --g=ID[,ID...]");
  EXPECT_EQ(error_of(events(), {}),
            "'marey events' needs a trace: marey events FILE ('-' is standard input)");
  EXPECT_EQ(error_of(events(), {"a", "b"}), "'marey events' takes one trace, not 'b' too");
  EXPECT_EQ(error_of(go_trace_command(), {"-d=wire", "a", "b", "c"}),
            "'marey' does not know what to do with 'c'");
}

TEST(Parse, HelpInPlaceOfAModeIsHelp) {
  for (const std::string_view word : {"-h", "-help", "--help", "--h"}) {
    const Result<Options> options = parse_words(go_trace_command(), {"-pprof", word});
    ASSERT_TRUE(options);
    EXPECT_TRUE(options->help);
  }
}

/// The table's own rules, and that every text made from it has every flag.
TEST(Table, IsConsistent) {
  for (const CommandSpec& command : commands()) {
    std::set<std::string_view> names;
    for (const FlagSpec* const flag : command.flags) {
      EXPECT_TRUE(names.insert(flag->name).second) << command.name << " " << flag->name;
      EXPECT_TRUE(flag->value.empty() || flag->is_choice() || flag->is_list() ||
                  !flag->expects.empty() || flag->name == "http")
          << flag->name;
      if (flag->name == "h") continue;
      const std::string spelling = flag->spelling();
      if (!flag->offered) {
        EXPECT_EQ(help_on(command).find(spelling), std::string::npos) << spelling;
        continue;
      }
      EXPECT_NE(help_on(command).find(spelling), std::string::npos) << spelling;
      EXPECT_NE(bash_completion().find(spelling), std::string::npos) << spelling;
      EXPECT_NE(zsh_completion().find(spelling), std::string::npos) << spelling;
    }
    EXPECT_NE(overview().find(command.summary), std::string::npos) << command.name;
    EXPECT_NE(fish_completion().find(command.summary), std::string::npos) << command.name;
  }
}

TEST(Table, WhatIsOnlyUnderstoodIsNotOffered) {
  const auto is_shown = [](std::string_view text) { return text.contains("http"); };
  EXPECT_NE(go_trace_command().find_flag("http"), nullptr);
  EXPECT_FALSE(is_shown(help_on(go_trace_command())));
  EXPECT_FALSE(is_shown(overview()));
  EXPECT_FALSE(is_shown(bash_completion()));
  EXPECT_FALSE(is_shown(zsh_completion()));
  EXPECT_FALSE(is_shown(fish_completion()));
}

TEST(Table, HelpFitsATerminal) {
  std::string all = overview() + help_on(go_trace_command());
  for (const CommandSpec& command : commands()) all += help_on(command);
  std::size_t begin = 0;
  while (begin < all.size()) {
    const std::size_t end = all.find('\n', begin);
    EXPECT_LE(end - begin, 80u) << all.substr(begin, end - begin);
    begin = end + 1;
  }
}

}  // namespace
}  // namespace marey::cli
