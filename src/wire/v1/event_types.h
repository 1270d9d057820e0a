// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "src/wire/event_types.h"

// The one place where the v1 format's event types are written. Decoder, checks, messages and
// conversion are derived from this table. Facts: Go 1.27, internal/trace/internal/tracev1.

namespace marey::wire::v1 {

/// Limits that Go's reader of v1 traces keeps.
inline constexpr std::uint64_t kMaxArgumentBytes = 2048;    // bytes of length-prefixed arguments
inline constexpr std::uint64_t kMaxFramesPerStack = 1000;   // kMaxArgumentBytes leaves room for 511
inline constexpr std::uint64_t kMaxStringSize = 1'000'000;  // bytes
inline constexpr std::uint64_t kMaxProcId = INT32_MAX;      // but for the batches of no proc

/// Bytes of the longest string or message that a runtime wrote: it cut them off where its buffer of
/// 64 KiB ended. Tolerant reading takes no longer ones, so that an event with a deep stack of long
/// names has tens of megabytes of text at worst, not a gigabyte.
inline constexpr std::uint64_t kMaxWrittenTextSize = 64 << 10;

// clang-format off
// The time delta is not among the arguments; a stack, where there is one, is the last of them.
#define MAREY_V1_EVENT_TYPES(V) /* number, name, Go's name, arguments, since, layout */ \
  V(1,  Batch,             "Batch",             "p ticks",                    Go111, Batch) \
  V(2,  Frequency,         "Frequency",         "freq",                       Go111, Untimed) \
  V(3,  Stack,             "Stack",             "id siz",                     Go111, Stack) \
  V(4,  Gomaxprocs,        "Gomaxprocs",        "procs stack",                Go111, Timed) \
  V(5,  ProcStart,         "ProcStart",         "thread",                     Go111, Timed) \
  V(6,  ProcStop,          "ProcStop",          "",                           Go111, Timed) \
  V(7,  GCStart,           "GCStart",           "seq stack",                  Go111, Timed) \
  V(8,  GCDone,            "GCDone",            "",                           Go111, Timed) \
  V(9,  STWStart,          "GCSTWStart",        "kindid",                     Go111, Timed) \
  V(10, STWDone,           "GCSTWDone",         "",                           Go111, Timed) \
  V(11, GCSweepStart,      "GCSweepStart",      "stack",                      Go111, Timed) \
  V(12, GCSweepDone,       "GCSweepDone",       "swept reclaimed",            Go111, Timed) \
  V(13, GoCreate,          "GoCreate",          "g new_stack stack",          Go111, Timed) \
  V(14, GoStart,           "GoStart",           "g seq",                      Go111, Timed) \
  V(15, GoEnd,             "GoEnd",             "",                           Go111, Timed) \
  V(16, GoStop,            "GoStop",            "stack",                      Go111, Timed) \
  V(17, GoSched,           "GoSched",           "stack",                      Go111, Timed) \
  V(18, GoPreempt,         "GoPreempt",         "stack",                      Go111, Timed) \
  V(19, GoSleep,           "GoSleep",           "stack",                      Go111, Timed) \
  V(20, GoBlock,           "GoBlock",           "stack",                      Go111, Timed) \
  V(21, GoUnblock,         "GoUnblock",         "g seq stack",                Go111, Timed) \
  V(22, GoBlockSend,       "GoBlockSend",       "stack",                      Go111, Timed) \
  V(23, GoBlockRecv,       "GoBlockRecv",       "stack",                      Go111, Timed) \
  V(24, GoBlockSelect,     "GoBlockSelect",     "stack",                      Go111, Timed) \
  V(25, GoBlockSync,       "GoBlockSync",       "stack",                      Go111, Timed) \
  V(26, GoBlockCond,       "GoBlockCond",       "stack",                      Go111, Timed) \
  V(27, GoBlockNet,        "GoBlockNet",        "stack",                      Go111, Timed) \
  V(28, GoSysCall,         "GoSysCall",         "stack",                      Go111, Timed) \
  V(29, GoSysExit,         "GoSysExit",         "g seq ts",                   Go111, Timed) \
  V(30, GoSysBlock,        "GoSysBlock",        "",                           Go111, Timed) \
  V(31, GoWaiting,         "GoWaiting",         "g",                          Go111, Timed) \
  V(32, GoInSyscall,       "GoInSyscall",       "g",                          Go111, Timed) \
  V(33, HeapAlloc,         "HeapAlloc",         "mem",                        Go111, Timed) \
  V(34, HeapGoal,          "HeapGoal",          "mem",                        Go111, Timed) \
  V(35, TimerGoroutine,    "TimerGoroutine",    "g",                          Go111, Untimed) \
  V(36, FutileWakeup,      "FutileWakeup",      "",                           Go111, Timed) \
  V(37, String,            "String",            "",                           Go111, String) \
  V(38, GoStartLocal,      "GoStartLocal",      "g",                          Go111, Timed) \
  V(39, GoUnblockLocal,    "GoUnblockLocal",    "g stack",                    Go111, Timed) \
  V(40, GoSysExitLocal,    "GoSysExitLocal",    "g ts",                       Go111, Timed) \
  V(41, GoStartLabel,      "GoStartLabel",      "g seq labelid",              Go111, Timed) \
  V(42, GoBlockGC,         "GoBlockGC",         "stack",                      Go111, Timed) \
  V(43, GCMarkAssistStart, "GCMarkAssistStart", "stack",                      Go111, Timed) \
  V(44, GCMarkAssistDone,  "GCMarkAssistDone",  "",                           Go111, Timed) \
  V(45, UserTaskCreate,    "UserTaskCreate",    "taskid pid typeid stack",    Go111, Timed) \
  V(46, UserTaskEnd,       "UserTaskEnd",       "taskid stack",               Go111, Timed) \
  V(47, UserRegion,        "UserRegion",        "taskid mode typeid stack",   Go111, Timed) \
  V(48, UserLog,           "UserLog",           "id keyid stack",             Go111, Log) \
  V(49, CPUSample,         "CPUSample",         "ts p g stack",               Go119, Sample)
// clang-format on

/// A v1 event type, by its number on the wire (the low six bits of a record's first byte).
enum class EventType : std::uint8_t {
  None = 0,
#define MAREY_ENUMERATOR(number, name, go_name, args, since, layout) name = number,
  MAREY_V1_EVENT_TYPES(MAREY_ENUMERATOR)
#undef MAREY_ENUMERATOR
};

inline constexpr std::size_t kEventTypeCount = 50;

/// How a record is laid out behind its first byte.
enum class Layout : std::uint8_t {
  None,     ///< no such event type
  Batch,    ///< proc and time stamp: starts a batch
  Untimed,  ///< the arguments alone
  Stack,    ///< id, number of frames, and four varints a frame
  String,   ///< id, length, and as many bytes
  Timed,    ///< time delta and arguments: an event of the batch's proc
  Log,      ///< Timed, then a length and as many bytes of text
  Sample,   ///< Timed, but belongs to no proc's stream
};

inline constexpr std::size_t kMaxArgs = 4;

/// One row of the table.
struct EventSpec {
  std::string_view name;  ///< as Go's messages have it
  std::array<std::string_view, kMaxArgs> args;
  std::uint8_t arg_count = 0;   ///< with the stack, without the time delta
  std::uint8_t wire_count = 0;  ///< varints on the wire, the time delta included
  bool has_stack = false;       ///< the last argument is the stack of the context
  Layout layout = Layout::None;
  Version since = Version::Go111;

  /// An event of a proc's stream.
  constexpr bool timed() const { return layout == Layout::Timed || layout == Layout::Log; }
};

namespace internal {

constexpr EventSpec make_spec(std::string_view name, std::string_view args, Version since,
                              Layout layout) {
  EventSpec spec;
  spec.name = name;
  spec.since = since;
  spec.layout = layout;
  while (!args.empty()) {
    const std::size_t space = args.find(' ');
    const std::string_view arg = args.substr(0, space);
    spec.args[spec.arg_count++] = arg;
    spec.has_stack = arg == "stack";
    args = space == std::string_view::npos ? std::string_view{} : args.substr(space + 1);
  }
  const bool has_time = spec.timed() || layout == Layout::Sample;
  spec.wire_count = static_cast<std::uint8_t>(spec.arg_count + (has_time ? 1 : 0));
  return spec;
}

constexpr std::array<EventSpec, 64> make_specs() {
  std::array<EventSpec, 64> specs{};
#define MAREY_SPEC(number, name, go_name, args, since, layout) \
  specs[number] = make_spec(go_name, args, Version::since, Layout::layout);
  MAREY_V1_EVENT_TYPES(MAREY_SPEC)
#undef MAREY_SPEC
  return specs;
}

}  // namespace internal

/// Indexed by the event type's number; rows without an event have layout None.
inline constexpr std::array<EventSpec, 64> kEventSpecs = internal::make_specs();

constexpr const EventSpec& spec_of(EventType type) {
  return kEventSpecs[static_cast<std::uint8_t>(type) & 63];
}

/// Whether traces of this version may have such records.
constexpr bool known(EventType type, Version version) {
  const EventSpec& spec = spec_of(type);
  return spec.layout != Layout::None && spec.since <= version;
}

}  // namespace marey::wire::v1
