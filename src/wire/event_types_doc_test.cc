// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "src/base/test_document.h"
#include "src/wire/event_types.h"
#include "src/wire/v1/event_types.h"

// docs/event-types.md is written from the tables of event types, and kept in step with them here.

namespace marey::wire {
namespace {

constexpr std::string_view kDocument = "docs/event-types.md";

/// What an argument means, by its name or, with "*_" in front, by the end of its name.
struct Argument {
  std::string_view name;
  std::string_view meaning;
};

constexpr std::array kSuffixes{
    Argument{"*_seq",
             "sequence number: the event's place among those of the same goroutine (`g_seq`), proc "
             "(`p_seq`) or of garbage collection (`gc_seq`) that have one. It is what puts events "
             "of different threads in order: time stamps alone do not"},
    Argument{"*_string", "id of a string in the generation's string table"},
    Argument{"stack",
             "id of a stack in the generation's stack table: where the event happened; "
             "0: none"},
    Argument{"*_stack", "the same of another stack: `new_stack` is where the new goroutine starts"},
    Argument{"*_value",
             "plain number: `procs` is GOMAXPROCS, `npages` a number of pages, the "
             "others are bytes"},
    Argument{"*_g", "id of a goroutine: `new_g` is the one that is created"},
    Argument{"*_task", "id of a task: `parent_task` is the one that the new one belongs to"},
};

constexpr std::array kArguments{
    Argument{"dt",
             "time since the event before it in the batch, since the batch's `time` for the "
             "first one; in units of the trace's clock, of which `Frequency` has the number "
             "per second"},
    Argument{"exp", "number of the experiment: 1 is AllocFree"},
    Argument{"freq", "units of the trace's clock per second"},
    Argument{"g", "id of a goroutine"},
    Argument{"gen", "number of the generation"},
    Argument{"gstatus", "status of the goroutine"},
    Argument{"id",
             "number by which other events name it; of spans, objects and goroutine stacks, "
             "made from the address"},
    Argument{"kindclass", "1: not a span of the heap; else twice its span class"},
    Argument{"m", "id of a thread"},
    Argument{"mono", "monotonic clock, ns"},
    Argument{"nframes", "number of frames"},
    Argument{"nsec", "wall clock, ns within the second"},
    Argument{"order", "bits of the size in bytes: 12 for 2048"},
    Argument{"p", "id of a proc"},
    Argument{"pstatus", "status of the proc"},
    Argument{"sec", "wall clock, seconds since 1970"},
    Argument{"size", "bytes of the batch behind its head"},
    Argument{"task", "id of a task"},
    Argument{"time", "time, in units of the trace's clock"},
    Argument{"type", "number of the object's type in the experiment's batches; 0: not known"},
};

constexpr std::array kV1Arguments{
    Argument{"freq", "units of the trace's clock per second"},
    Argument{"g", "id of a goroutine; of `GoCreate`, the new one"},
    Argument{"id",
             "of `Stack`, the number by which other records name it; of `UserLog`, the id of "
             "a task"},
    Argument{"keyid", "id of a string: the category of a log message"},
    Argument{"kindid", "number of the reason to stop the world"},
    Argument{"labelid", "id of a string: the label of the goroutine"},
    Argument{"mem", "bytes"},
    Argument{"mode", "0: the region begins, 1: it ends"},
    Argument{"new_stack", "id of a stack: where the new goroutine starts"},
    Argument{"p", "id of a proc"},
    Argument{"pid", "id of the parent task"},
    Argument{"procs", "GOMAXPROCS"},
    Argument{"reclaimed", "bytes"},
    Argument{"seq", "sequence number: of a goroutine's events, or of garbage collections"},
    Argument{"siz", "number of frames"},
    Argument{"stack", "id of a stack: where the event happened"},
    Argument{"swept", "bytes"},
    Argument{"taskid", "id of a task"},
    Argument{"thread", "id of a thread"},
    Argument{"ticks", "time of the batch, in units of the trace's clock"},
    Argument{"ts",
             "time at which it happened, which is before the record's; at the end of a system call "
             "0 if it is not known"},
    Argument{"typeid", "id of a string: the name of a task or region"},
};

bool is_meant(const Argument& argument, std::string_view name) {
  if (argument.name.starts_with('*')) return name.ends_with(argument.name.substr(1));
  return name == argument.name;
}

bool is_explained(std::span<const Argument> arguments, std::string_view name) {
  return std::ranges::any_of(arguments,
                             [name](const Argument& argument) { return is_meant(argument, name); });
}

/// "`dt` `g` `g_seq`".
template <typename Spec>
std::string arguments_of(const Spec& spec) {
  std::string text;
  for (std::size_t i = 0; i < spec.arg_count; i++) {
    text += fmt::format("{}`{}`", i == 0 ? "" : " ", spec.args[i]);
  }
  return text;
}

std::string header_of(Version version) {
  return fmt::format("1.{}", static_cast<unsigned>(version));
}

std::string_view name_of(EventClass event_class) {
  switch (event_class) {
    case EventClass::None: break;
    case EventClass::Structural: return "structural";
    case EventClass::StackEntry: return "stack";
    case EventClass::Data: return "data";
    case EventClass::Timed: return "timed";
    case EventClass::AllocFree: return "AllocFree";
  }
  return "";
}

std::string_view name_of(v1::Layout layout) {
  switch (layout) {
    case v1::Layout::None: break;
    case v1::Layout::Batch: return "batch";
    case v1::Layout::Untimed: return "untimed";
    case v1::Layout::Stack: return "stack";
    case v1::Layout::String: return "string";
    case v1::Layout::Timed: return "timed";
    case v1::Layout::Log: return "log";
    case v1::Layout::Sample: return "sample";
  }
  return "";
}

std::string row(std::initializer_list<std::string_view> cells) {
  std::string text = "|";
  for (const std::string_view cell : cells) {
    text += cell.empty() ? " |" : fmt::format(" {} |", cell);
  }
  return text + "\n";
}

void append_arguments(std::string& text, std::span<const Argument> arguments) {
  text += "| argument | meaning |\n|---|---|\n";
  for (const Argument& argument : arguments) {
    text += row({fmt::format("`{}`", argument.name), argument.meaning});
  }
}

/// "0 Bad, 1 Runnable, ...".
template <typename Status>
std::string statuses(Status last) {
  std::string text;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); i++) {
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", i, name_of(static_cast<Status>(i)));
  }
  return text;
}

void append_v2(std::string& text) {
  text += R"(
## Go 1.22 and later (v2)

An event is a byte, its number, and its arguments, each of them an unsigned varint. The class says
what else there is to it:

| class | layout |
|---|---|
| timed | an event of the batch's thread. The first argument is `dt` |
| AllocFree | timed, of the experiment AllocFree (`GODEBUG=traceallocfree=1`) |
| structural | part of the framing or of a table: the arguments alone |
| stack | entry of the stack table: `nframes` times four varints follow, the program counter, the ids of the function's and the file's name, and the line |
| data | a varint and as many bytes follow: the text of a string, the content of a batch |

"Since" is the version in the header ("go 1.26 trace") from which on `-d=wire`, as Go's, knows the
type by its name. Go 1.24 writes the header of 1.23, and 1.27 that of 1.26. The types of AllocFree
have been written since Go 1.23, and are read at any version.

"Begun by" is the event that begins what this one ends. Of an `...Active` event it is the one that
began what is still under way when the generation begins.

)";
  text += row({"number", "name", "arguments", "since", "begun by", "class"});
  text += "|---|---|---|---|---|---|\n";
  for (std::size_t number = 0; number < kEventSpecs.size(); number++) {
    const EventSpec& spec = kEventSpecs[number];
    if (spec.event_class == EventClass::None) continue;
    const std::string start =
        spec.start == EventType::None ? "" : fmt::format("`{}`", spec_of(spec.start).name);
    text += row({fmt::to_string(number), fmt::format("`{}`", spec.name), arguments_of(spec),
                 header_of(spec.since), start, name_of(spec.event_class)});
  }
  text += R"(
The end of an argument's name says what it is, as in Go's tables:

)";
  append_arguments(text, kSuffixes);
  text += "\nThe others:\n\n";
  append_arguments(text, kArguments);
  text += fmt::format(R"(
Statuses of goroutines: {}.
Statuses of procs: {}.
)",
                      statuses(GoStatus::Waiting), statuses(ProcStatus::SyscallAbandoned));
}

void append_v1(std::string& text) {
  text += R"(
## Before Go 1.22 (v1)

The low six bits of a record's first byte are its number. `-d=wire` does not exist for this format,
and `events_by_type` counts the v2 events to which these are converted. The names are those of Go's
messages.

| layout | what follows |
|---|---|
| timed | an event of the batch's proc: the time since the record before it, which is not among the arguments below, and the arguments |
| log | as timed, then a varint and as many bytes, the message |
| sample | as timed, but of no proc's order of events |
| untimed | the arguments alone |
| batch | the arguments, which say of which proc the records behind it are and when they begin |
| stack | the arguments, then for each frame four varints: the program counter, the ids of the function's and the file's name, and the line |
| string | three things: an id, a varint, and as many bytes |

"Since" is the version in the header; 1.11 is the oldest that is read.

)";
  text += row({"number", "name", "arguments", "since", "layout"});
  text += "|---|---|---|---|---|\n";
  for (std::size_t number = 0; number < v1::kEventSpecs.size(); number++) {
    const v1::EventSpec& spec = v1::kEventSpecs[number];
    if (spec.layout == v1::Layout::None) continue;
    text += row({fmt::to_string(number), fmt::format("`{}`", spec.name), arguments_of(spec),
                 header_of(spec.since), name_of(spec.layout)});
  }
  text += "\n";
  append_arguments(text, kV1Arguments);
}

std::string document() {
  std::string text = R"(# Event types

The events of Go's execution traces as they lie in the file. Facts: Go 1.27,
`internal/trace/tracev2/events.go` and `internal/trace/internal/tracev1`.

<!-- Written from src/wire/event_types.h and src/wire/v1/event_types.h by
src/wire/event_types_doc_test.cc: MAREY_WRITE_DOCS=1 build/dev/src/wire_test -->
)";
  append_v2(text);
  append_v1(text);
  return text;
}

TEST(EventTypesDocument, IsInStep) {
  const std::string text = document();
  base::expect_document(kDocument, text, "the tables of event types");
}

TEST(EventTypesDocument, ArgumentsAreExplained) {
  for (const EventSpec& spec : kEventSpecs) {
    for (std::size_t i = 0; i < spec.arg_count; i++) {
      EXPECT_TRUE(is_explained(kSuffixes, spec.args[i]) || is_explained(kArguments, spec.args[i]))
          << spec.args[i] << " of " << spec.name;
    }
  }
  for (const v1::EventSpec& spec : v1::kEventSpecs) {
    for (std::size_t i = 0; i < spec.arg_count; i++) {
      EXPECT_TRUE(is_explained(kV1Arguments, spec.args[i])) << spec.args[i] << " of " << spec.name;
    }
  }
}

/// Whether some event has an argument that this explains.
template <typename Specs>
bool is_used(const Argument& argument, const Specs& specs) {
  return std::ranges::any_of(specs, [&argument](const auto& spec) {
    return std::any_of(spec.args.begin(), spec.args.begin() + spec.arg_count,
                       [&argument](std::string_view name) { return is_meant(argument, name); });
  });
}

TEST(EventTypesDocument, NothingElseIsExplained) {
  for (const Argument& argument : kSuffixes)
    EXPECT_TRUE(is_used(argument, kEventSpecs)) << argument.name;
  for (const Argument& argument : kArguments)
    EXPECT_TRUE(is_used(argument, kEventSpecs)) << argument.name;
  for (const Argument& argument : kV1Arguments) {
    EXPECT_TRUE(is_used(argument, v1::kEventSpecs)) << argument.name;
  }
}

}  // namespace
}  // namespace marey::wire
