// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <initializer_list>
#include <iterator>
#include <limits>

#include "src/analysis/mutator_options.h"
#include "src/cli/command.h"
#include "src/cli/terminal.h"
#include "src/cli/values.h"

namespace marey::cli {
namespace {

constexpr std::uint64_t kMostThreads = 1024;
constexpr std::uint64_t kMostRows = 1'000'000'000;

/// A flag without a value.
template <bool Options::* kField>
constexpr FlagSpec switch_flag(std::string_view name, std::string_view help) {
  return {name,
          "--",
          "",
          help,
          [](Options& options, std::string_view value) {
            options.*kField = value == "true";
            return options.*kField || value == "false";
          },
          ""};
}

/// Sets a text that must not be empty.
template <std::string Options::* kField>
bool set_text(Options& options, std::string_view value) {
  options.*kField = value;
  return !value.empty();
}

/// Sets one of a flag's choices, which has been checked.
template <std::string Options::* kField>
bool set_choice(Options& options, std::string_view value) {
  options.*kField = value;
  return true;
}

bool set_number(unsigned& field, std::string_view value, std::uint64_t least, std::uint64_t most) {
  const std::optional<std::uint64_t> number = parse_number(value, most);
  if (!number || *number < least) return false;
  field = static_cast<unsigned>(*number);
  return true;
}

template <std::optional<Moment> Options::* kField>
bool set_moment(Options& options, std::string_view value) {
  options.*kField = parse_moment(value);
  return (options.*kField).has_value();
}

constexpr std::string_view kMomentExpects =
    "a time like 1.5s, 250ms or 0.016 (seconds) after the start, a time of day like 14:23:42.1, or "
    "a whole number of nanoseconds on the trace's clock";

constexpr FlagSpec kHelp = switch_flag<&Options::help>("help", "show this help");
constexpr FlagSpec kShortHelp{"h", "-", "", "the same", kHelp.set, ""};
constexpr FlagSpec kVersion = switch_flag<&Options::version>("version", "show the version");
constexpr FlagSpec kJson =
    switch_flag<&Options::json>("json", "print JSON (schemas: Marey's document commands.md)");
constexpr FlagSpec kAnswerJson{
    "json", "--", "", "print JSON (schema: Marey's document answer-schema.md)", kJson.set, ""};
constexpr FlagSpec kCsv =
    switch_flag<&Options::csv>("csv", "print the first table, or that of --table, as CSV");
constexpr FlagSpec kTable{"table",
                          "--",
                          "ID",
                          "show one table only, named as in JSON",
                          set_text<&Options::table>,
                          "the id of a table, as --json names it"};
constexpr FlagSpec kSort{"sort",
                         "--",
                         "COLUMN",
                         "sort the tables that have the column, by its title or as named in "
                         "JSON, the greatest first; -COLUMN: the least first",
                         [](Options& o, std::string_view v) {
                           o.sort = v;
                           return !v.empty() && v != "-";
                         },
                         "the title of a column, or its name in JSON"};
constexpr FlagSpec kReportJson{
    "json", "--", "", "print JSON (schema: Marey's document report-schema.md)", kJson.set, ""};
constexpr FlagSpec kThreads{
    "threads",
    "--",
    "N",
    "use N threads; default: as many as the machine has",
    [](Options& o, std::string_view v) { return set_number(o.threads, v, 1, kMostThreads); },
    "a number from 1 to 1024"};
constexpr FlagSpec kCountThreads{
    "threads",
    "--",
    "N",
    "with --count of the whole trace, use N threads; default: as many as the machine has",
    kThreads.set,
    kThreads.expects};
constexpr FlagSpec kProfileThreads{
    "threads",    "--",
    "N",          "with -pprof, use N threads; default: as many as the machine has",
    kThreads.set, kThreads.expects};
constexpr FlagSpec kMemory{"memory",
                           "--",
                           "SIZE",
                           "stay below SIZE bytes of memory (512M, 2GiB) beside the mapped file",
                           [](Options& o, std::string_view v) {
                             const std::optional<std::uint64_t> size = parse_size(v);
                             o.memory = size.value_or(0);
                             return o.memory > 0;
                           },
                           "a size like 512M or 2GiB"};
constexpr FlagSpec kStrict = switch_flag<&Options::strict>(
    "strict", "stop where Go's reader stops, with its message; default: repair and go on");
constexpr FlagSpec kColor{
    "color",
    "--",
    "auto|always|never",
    "use colours, where there are any; auto: on a terminal, unless NO_COLOR is set",
    [](Options& o, std::string_view v) {
      o.color = v == "always" ? Color::Always : v == "never" ? Color::Never : Color::Auto;
      return true;
    },
    ""};
/// Of commands without colours: taken, so that it may stand in an alias, and not offered.
constexpr FlagSpec kColorOfNothing = [] {
  FlagSpec flag = kColor;
  flag.offered = false;
  return flag;
}();
constexpr FlagSpec kTop{
    "top",
    "--",
    "N",
    "show the first N rows of a table; default: 10, with --json and --csv all",
    [](Options& o, std::string_view v) { return set_number(o.top.emplace(), v, 1, kMostRows); },
    "a number from 1 on"};
constexpr FlagSpec kWidth{
    "width",
    "--",
    "N",
    "write lines of at most N columns; default: as wide as the terminal",
    [](Options& o, std::string_view v) { return set_number(o.width, v, 20, kMostColumns); },
    "a number from 20 to 10000"};
constexpr FlagSpec kFrom{
    "from",
    "--",
    "T",
    "leave out what happened before T: 1.5s, 250ms or 0.016 (seconds) after the start, a time of "
    "day like 14:23:42.1 (Go 1.25 and later), or a whole number of nanoseconds on the trace's "
    "clock, as in JSON",
    set_moment<&Options::from>,
    kMomentExpects};
constexpr FlagSpec kStuck{
    "stuck",
    "--",
    "DURATION",
    "a proc that one goroutine keeps for DURATION or longer is stuck; default: 100ms",
    [](Options& o, std::string_view v) {
      o.stuck = parse_duration(v);
      return o.stuck && *o.stuck > 0;
    },
    "a duration like 100ms or 1.5s"};
constexpr FlagSpec kTo{"to",
                       "--",
                       "T",
                       "leave out what happened at T and later; T as in --from",
                       set_moment<&Options::to>,
                       kMomentExpects};
constexpr FlagSpec kGoroutine{"g",
                              "--",
                              "ID[,ID...]",
                              "only what goroutine ID (22 or G22) does",
                              [](Options& o, std::string_view v) {
                                const auto ids = parse_goroutines(v);
                                if (!ids) return false;
                                o.goroutines.insert(o.goroutines.end(), ids->begin(), ids->end());
                                return true;
                              },
                              "the numbers of goroutines, 22 or G22,G23"};
constexpr FlagSpec kEventsGoroutine{"g",
                                    "--",
                                    "ID[,ID...]",
                                    "only events on goroutine ID (22 or G22), or about it",
                                    kGoroutine.set,
                                    kGoroutine.expects};
constexpr FlagSpec kFunction{
    "func",
    "--",
    "REGEXP",
    "only what goroutines do that were started with a function that matches, as in Go's regexp; "
    "reads the trace twice",
    set_text<&Options::function>,
    "a regular expression"};
constexpr FlagSpec kKind{"kind",
                         "--",
                         "KIND[,KIND...]",
                         "only events of these kinds (Log, TaskBegin, StateTransition, ...)",
                         [](Options& o, std::string_view v) {
                           for (const std::string_view word : split(v, ',')) {
                             const std::optional<EventKind> kind = parse_kind(word);
                             if (!kind) return false;
                             o.kinds |= kind_bit(*kind);
                           }
                           return true;
                         },
                         "",
                         true,
                         kind_names};
constexpr FlagSpec kCount =
    switch_flag<&Options::count>("count", "print totals in place of the events");
constexpr FlagSpec kStacks =
    switch_flag<&Options::stacks>("stacks", "print the events' stacks too (JSON has them always)");

constexpr FlagSpec kTask{
    "task",
    "--",
    "TASK",
    "only what goroutines do for task number TASK, or tasks of type TASK: in the task's regions, "
    "and on each goroutine from the first to the last of its begin, messages and end; reads the "
    "trace twice",
    [](Options& o, std::string_view v) {
      if (const auto id = parse_number(v, std::numeric_limits<std::int64_t>::max())) {
        o.task = TaskID{*id};
      } else {
        o.task = std::string(v);
      }
      // A negative number is meant for a number, not for a type.
      const bool is_negative = v.size() > 1 && v.starts_with('-') &&
                               v.find_first_not_of("0123456789", 1) == std::string_view::npos;
      return !v.empty() && !is_negative;
    },
    "the number of a task, 1 or greater, or a type of tasks"};
constexpr FlagSpec kRegion{
    "region",
    "--",
    "NAME",
    "only what goroutines do while they are in a region of this name; reads the trace twice",
    set_text<&Options::region>,
    "the name of a region"};
constexpr FlagSpec kCategory{"category",
                             "--",
                             "TEXT",
                             "only messages of this category",
                             [](Options& o, std::string_view v) {
                               o.category = v;
                               return true;
                             },
                             "the category of messages"};
constexpr FlagSpec kGrep{"grep",
                         "--",
                         "REGEXP",
                         "only messages that match, as in Go's regexp",
                         set_text<&Options::pattern>,
                         "a regular expression"};
constexpr FlagSpec kEach = switch_flag<&Options::each>(
    "each",
    "list the goroutines one by one, those with the longest lives first, or "
    "with the most of --sort; with more than a million, the first million");
constexpr FlagSpec kFormat{"format",
                           "--",
                           "top|tree|folded|pprof",
                           "show the functions (default), the calls as a tree, folded stacks for "
                           "flame graphs, or a gzipped pprof profile",
                           set_choice<&Options::format>,
                           ""};
constexpr FlagSpec kOutput{"output",
                           "--",
                           "PATH",
                           "write folded stacks or a pprof profile to a file",
                           set_text<&Options::output_path>,
                           "a path"};
constexpr FlagSpec kHtml{"html",
                         "--",
                         "PATH",
                         "write a page that opens in any browser without a network, to a file or, "
                         "with -, to standard output",
                         set_text<&Options::html_path>,
                         "a path, or - for standard output"};
constexpr FlagSpec kShortOutput{"o", "-", "PATH", "the same", kOutput.set, kOutput.expects};

/// What may count as lost for the program, by the words of Go's page.
struct Loss {
  std::string_view word;
  bool analysis::MutatorOptions::* counts;
};
constexpr std::array<Loss, 4> kLosses{{{"stw", &analysis::MutatorOptions::stw},
                                       {"background", &analysis::MutatorOptions::background},
                                       {"assist", &analysis::MutatorOptions::assist},
                                       {"sweep", &analysis::MutatorOptions::sweep}}};

bool include_losses(Options& options, std::string_view value) {
  for (const Loss& loss : kLosses) options.mutator.*loss.counts = false;
  for (const std::string_view word : split(value, ',')) {
    const auto* const loss = std::ranges::find(kLosses, lower(word), &Loss::word);
    if (loss == kLosses.end()) return false;
    options.mutator.*loss->counts = true;
  }
  return true;
}

constexpr FlagSpec kInclude{"include",
                            "--",
                            "WHAT[,WHAT...]",
                            "what counts as lost for the program: stop-the-world pauses of the "
                            "garbage collector (stw), its background workers, mark assists, "
                            "sweeps; default: stw,background,assist",
                            include_losses,
                            "",
                            true,
                            [] {
                              std::vector<std::string_view> words;
                              words.reserve(kLosses.size());
                              for (const Loss& loss : kLosses) words.push_back(loss.word);
                              return words;
                            }};
constexpr FlagSpec kPer{
    "per",
    "--",
    "system|proc",
    "the share of all procs (the standard definition, and the default), or each proc by itself, as "
    "a goroutine on it sees it",
    [](Options& o, std::string_view v) {
      o.mutator.per_proc = v == "proc";
      return true;
    },
    ""};
constexpr FlagSpec kWindow{"window",
                           "--",
                           "D[,D...]",
                           "the lengths of windows to show the worst and the percentiles of; "
                           "default: 1ms,10ms,100ms",
                           [](Options& o, std::string_view v) {
                             const auto windows = parse_durations(v);
                             if (windows) o.mutator.windows = *windows;
                             return windows.has_value();
                           },
                           "lengths of time like 1ms or 500us,20ms"};

constexpr FlagSpec kDebug{"d",
                          "-",
                          "parsed|wire|footprint",
                          "print the ordered events, the raw events, or what they take",
                          set_choice<&Options::debug>,
                          ""};
constexpr FlagSpec kPprof{"pprof",
                          "-",
                          "net|sync|syscall|sched",
                          "print a gzipped pprof profile",
                          set_choice<&Options::pprof>,
                          ""};
constexpr FlagSpec kHttp{"http",
                         "-",
                         "ADDR",
                         "the web page; not part of this version",
                         [](Options& o, std::string_view v) {
                           o.http = v.empty() ? ":0" : v;
                           return true;
                         },
                         "",
                         false};

const CommandSpec kGoTrace{
    "",
    "[BINARY] FILE",
    1,
    2,
    "the flags of go tool trace",
    "Prints what `go tool trace` prints with the same flags. As there, a second argument before "
    "the file is ignored.",
    {&kDebug, &kPprof, &kHttp, &kColorOfNothing, &kStrict, &kProfileThreads, &kMemory, &kVersion,
     &kHelp, &kShortHelp},
    run_go_trace};

/// Those of all commands that answer a question.
std::vector<const FlagSpec*> answer_flags() {
  return {&kFrom,  &kTo,     &kFunction, &kGoroutine,  &kTask, &kRegion,
          &kSort,  &kTop,    &kTable,    &kAnswerJson, &kCsv,  &kWidth,
          &kColor, &kStrict, &kThreads,  &kMemory,     &kHelp, &kShortHelp};
}
/// Of those, the ones that ask for some time of some goroutines.
constexpr std::initializer_list<const FlagSpec*> kGoroutineFlags{&kFunction, &kGoroutine, &kTask,
                                                                 &kRegion};

/// `flags` behind some of a command's own.
std::vector<const FlagSpec*> with(std::vector<const FlagSpec*> flags,
                                  std::initializer_list<const FlagSpec*> own) {
  flags.insert(flags.begin(), own);
  return flags;
}

std::vector<const FlagSpec*> without(std::vector<const FlagSpec*> flags,
                                     std::initializer_list<const FlagSpec*> others) {
  std::erase_if(
      flags, [&](const FlagSpec* flag) { return std::ranges::find(others, flag) != others.end(); });
  return flags;
}

/// A command that answers a question.
CommandSpec question(std::string_view name, std::string_view summary, std::string_view details) {
  return {name, "FILE", 1, 1, summary, details, answer_flags(), run_answer};
}

const std::array<CommandSpec, 21> kCommands{{
    {"report",
     "FILE",
     1,
     1,
     "what the trace is and what stands out in it",
     "Prints what the trace is, its health, and tables: goroutines by start function, tasks, "
     "scheduler latencies, stop-the-world pauses, where goroutines wait, CPU samples; and charts "
     "of "
     "procs, threads and goroutines. Each table says how to read it; what the columns mean is in "
     "Marey's document "
     "report-tables.md. With --html, all of it is one page in a file of less than 2 MB, with 500 "
     "rows of a table at most.",
     {&kFrom, &kTo, &kHtml, &kReportJson, &kTop, &kWidth, &kColor, &kStrict, &kThreads, &kMemory,
      &kHelp, &kShortHelp},
     run_report},
    {"goroutines", "FILE", 1, 1, "what goroutines spend their time on",
     "Prints what goroutines spend their time on, by the function that they were started with: "
     "sums, how they are distributed over the goroutines, what the waiting is for, and histograms "
     "of execution and of waiting to run. With --each, one by one.",
     with(answer_flags(), {&kEach}), run_goroutines},
    {"goroutine", "ID FILE", 2, 2, "the life of one goroutine",
     "Prints what one goroutine did: who created it and how it ended, every state that it was in, "
     "where it was at both ends of it and who ended it, and whom it created and unblocked.",
     without(answer_flags(), {&kFunction, &kGoroutine}), run_goroutine, "a goroutine"},
    question("latency", "how long goroutines wait until they run",
             "Prints how long goroutines were runnable before they ran: by what made them "
             "runnable, by start function, by call site, by proc; the distribution, the worst ones "
             "one by one, and how many were runnable over time."),
    question("blocked", "how long goroutines are blocked, and where",
             "Prints how long goroutines were blocked, by what they wait for and by the call that "
             "blocks; the longest waits; and who still waits when the trace ends."),
    question("unblocks", "who wakes whom",
             "Prints which calls unblock goroutines that are blocked in which calls, how often, "
             "and how long it then takes until they run, also as a histogram."),
    {"profile", "KIND FILE", 2, 2, "where time goes, by stack",
     "Prints a profile. KIND is one of these: sched, net, sync and syscall count as `go tool trace "
     "-pprof` does; cpu is "
     "the CPU profile that the program took meanwhile; wall is all time of goroutines, by stack, "
     "state and reason, and offcpu the same without what they run.",
     with(answer_flags(), {&kFormat, &kOutput, &kShortOutput}), run_profile, "a kind",
     profile_kinds},
    {"tasks", "FILE", 1, 1, "how long tasks take, and on what",
     "Prints the tasks of runtime/trace by type: how many, how long, what their goroutines did "
     "meanwhile; and the slowest ones one by one. With --task, also what happened in the task, one "
     "thing after the other, what each goroutine that worked for it spent time on, its subtasks, "
     "and how much of it overlaps with garbage collection.",
     answer_flags(), run_tasks},
    question("regions", "how long regions take, and on what",
             "Prints the regions of runtime/trace by name: how many, how long, what their "
             "goroutines did meanwhile; and the longest ones one by one."),
    {"logs", "FILE", 1, 1, "what the program said with runtime/trace.Log",
     "Prints the messages of runtime/trace.Log in the order of time.",
     with(answer_flags(), {&kCategory, &kGrep}), run_logs},
    question(
        "stw", "stop-the-world pauses",
        "Prints the stop-the-world pauses by kind, as a histogram, and the longest ones one by "
        "one: how long "
        "they were, how long it took until all goroutines had stopped, and which was the last "
        "to stop, and where."),
    question("gc", "garbage collection, cycle by cycle",
             "Prints what garbage collection did: each cycle with its trigger, pauses, share of "
             "CPU, assists, sweeps and heap; and who paid for it: mark assists by place, as a "
             "histogram, and the longest ones."),
    {"mmu", "FILE", 1, 1, "what garbage collection leaves to the program",
     "Prints the share of the procs that garbage collection leaves to the program (the mutator): "
     "the minimum for windows of time from 1us to all of the trace, the worst windows, and how "
     "utilization is distributed over windows. The page MMU of `go tool trace` defines it the same "
     "way; Marey's document commands.md says where its numbers differ.",
     with(without(answer_flags(), kGoroutineFlags), {&kInclude, &kPer, &kWindow}), run_mmu},
    question(
        "counters", "procs, threads, goroutines, heap over time",
        "Prints charts over time: procs, threads, goroutines by state and created a second, the "
        "heap and its goal, and GOMAXPROCS; and which go statements create goroutines."),
    {"procs", "FILE", 1, 1, "what procs do, and what keeps them",
     "Prints what each proc spends its time on and how even that is, changes of GOMAXPROCS, when "
     "procs were idle while goroutines were runnable, the system calls that kept a proc the "
     "longest, stuck procs, and how long goroutines run at a time and how often they are "
     "preempted.",
     with(answer_flags(), {&kStuck}), run_procs},
    question("threads", "what threads do, and calls to C",
             "Prints the threads over time, what each spends its time on, and how much of it calls "
             "to C take. A thread appears with its first event, not with its creation, of which "
             "traces do not tell."),
    {"info",
     "FILE",
     1,
     1,
     "what the trace is: versions, times, health",
     "Reads, orders and checks every event, and prints which Go wrote the trace, when, how long "
     "it is, how many events of which kind it has, and what is damaged.",
     {&kJson, &kWidth, &kColor, &kStrict, &kThreads, &kMemory, &kHelp, &kShortHelp},
     run_info},
    {"events",
     "FILE",
     1,
     1,
     "the ordered events, a line each",
     "Prints the ordered events as text for people or, with --json, one JSON object a line. Times "
     "of the text are seconds since the trace's start.",
     {&kJson, &kFrom, &kTo, &kEventsGoroutine, &kKind, &kStacks, &kCount, &kColorOfNothing,
      &kStrict, &kCountThreads, &kMemory, &kHelp, &kShortHelp},
     run_events},
    {"version",
     "",
     0,
     0,
     "the version of marey",
     "Prints the version of marey.",
     {&kColorOfNothing, &kHelp, &kShortHelp},
     run_version},
    {"help",
     "[COMMAND]",
     0,
     1,
     "help on a command",
     "Shows all commands, or one with its flags. 'marey help -d' shows the flags of go tool trace.",
     {&kColorOfNothing, &kHelp, &kShortHelp},
     run_help},
    {"completion",
     "bash|zsh|fish",
     1,
     1,
     "a script that completes command lines",
     "Prints a script for the shell. bash: `source <(marey completion bash)`. zsh: write it to a "
     "file _marey in a directory of $fpath. fish: `marey completion fish | source`.",
     {&kColorOfNothing, &kHelp, &kShortHelp},
     run_completion},
}};

}  // namespace

std::vector<std::string_view> split_choices(std::string_view choices) {
  return split(choices, '|');
}

const FlagSpec* CommandSpec::find_flag(std::string_view flag) const {
  const auto it = std::ranges::find(flags, flag, [](const FlagSpec* spec) { return spec->name; });
  return it == flags.end() ? nullptr : *it;
}

std::vector<const FlagSpec*> CommandSpec::offered_flags() const {
  std::vector<const FlagSpec*> offered;
  std::ranges::copy_if(flags, std::back_inserter(offered), &FlagSpec::offered);
  return offered;
}

std::string CommandSpec::title() const {
  return name.empty() ? "marey" : "marey " + std::string(name);
}

std::span<const CommandSpec> commands() { return kCommands; }
const CommandSpec& go_trace_command() { return kGoTrace; }

const CommandSpec* find_command(std::string_view name) {
  const auto it = std::ranges::find(kCommands, name, &CommandSpec::name);
  return it == kCommands.end() ? nullptr : &*it;
}

}  // namespace marey::cli
