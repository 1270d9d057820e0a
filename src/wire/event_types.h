// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The one place where the v2 format's event types are written: number, name, arguments, and the
// version that introduced each. Decoder, text dump, writer and documentation are derived from
// this table. Facts: Go 1.27, internal/trace/tracev2/events.go and internal/trace/version.

namespace marey::wire {

/// The version in a trace's header ("go 1.N trace"). Go 1.24 writes 1.23's format, 1.27 1.26's.
enum class Version : std::uint32_t {
  Go111 = 11,
  Go119 = 19,
  Go121 = 21,
  Go122 = 22,
  Go123 = 23,
  Go125 = 25,
  Go126 = 26,
};

inline constexpr Version kNewestVersion = Version::Go126;

/// Whether this is the old format (v1, one stream of batches for each proc, no generations).
constexpr bool is_v1(Version version) { return version < Version::Go122; }

/// Limits of the v2 format (internal/trace/tracev2/events.go).
inline constexpr std::uint64_t kMaxBatchSize = 64 << 10;  // bytes
inline constexpr std::uint64_t kMaxFramesPerStack = 128;  // frames
inline constexpr std::uint64_t kMaxStringSize = 1 << 10;  // bytes

/// Number of arguments of the longest timed event, its time delta not counted.
inline constexpr std::size_t kMaxTimedArgs = 4;

/// First number of the experimental event types, less one.
inline constexpr std::uint8_t kMaxEvent = 127;

// clang-format off
#define MAREY_EVENT_TYPES(V) /* number, name, arguments, since, start event, class */ \
  V(1,   EventBatch,            "gen m time size",                         Go122, None, Structural) \
  V(2,   Stacks,                "",                                        Go122, None, Structural) \
  V(3,   Stack,                 "id nframes",                              Go122, None, StackEntry) \
  V(4,   Strings,               "",                                        Go122, None, Structural) \
  V(5,   String,                "id",                                      Go122, None, Data) \
  V(6,   CPUSamples,            "",                                        Go122, None, Structural) \
  V(7,   CPUSample,             "time m p g stack",                        Go122, None, Structural) \
  V(8,   Frequency,             "freq",                                    Go122, None, Structural) \
  V(9,   ProcsChange,           "dt procs_value stack",                    Go122, None, Timed) \
  V(10,  ProcStart,             "dt p p_seq",                              Go122, None, Timed) \
  V(11,  ProcStop,              "dt",                                      Go122, None, Timed) \
  V(12,  ProcSteal,             "dt p p_seq m",                            Go122, None, Timed) \
  V(13,  ProcStatus,            "dt p pstatus",                            Go122, None, Timed) \
  V(14,  GoCreate,              "dt new_g new_stack stack",                Go122, None, Timed) \
  V(15,  GoCreateSyscall,       "dt new_g",                                Go122, None, Timed) \
  V(16,  GoStart,               "dt g g_seq",                              Go122, None, Timed) \
  V(17,  GoDestroy,             "dt",                                      Go122, None, Timed) \
  V(18,  GoDestroySyscall,      "dt",                                      Go122, None, Timed) \
  V(19,  GoStop,                "dt reason_string stack",                  Go122, None, Timed) \
  V(20,  GoBlock,               "dt reason_string stack",                  Go122, None, Timed) \
  V(21,  GoUnblock,             "dt g g_seq stack",                        Go122, None, Timed) \
  V(22,  GoSyscallBegin,        "dt p_seq stack",                          Go122, None, Timed) \
  V(23,  GoSyscallEnd,          "dt",                                      Go122, GoSyscallBegin, Timed) \
  V(24,  GoSyscallEndBlocked,   "dt",                                      Go122, GoSyscallBegin, Timed) \
  V(25,  GoStatus,              "dt g m gstatus",                          Go122, None, Timed) \
  V(26,  STWBegin,              "dt kind_string stack",                    Go122, None, Timed) \
  V(27,  STWEnd,                "dt",                                      Go122, STWBegin, Timed) \
  V(28,  GCActive,              "dt gc_seq",                               Go122, GCBegin, Timed) \
  V(29,  GCBegin,               "dt gc_seq stack",                         Go122, None, Timed) \
  V(30,  GCEnd,                 "dt gc_seq",                               Go122, GCBegin, Timed) \
  V(31,  GCSweepActive,         "dt p",                                    Go122, GCSweepBegin, Timed) \
  V(32,  GCSweepBegin,          "dt stack",                                Go122, None, Timed) \
  V(33,  GCSweepEnd,            "dt swept_value reclaimed_value",          Go122, GCSweepBegin, Timed) \
  V(34,  GCMarkAssistActive,    "dt g",                                    Go122, GCMarkAssistBegin, Timed) \
  V(35,  GCMarkAssistBegin,     "dt stack",                                Go122, None, Timed) \
  V(36,  GCMarkAssistEnd,       "dt",                                      Go122, GCMarkAssistBegin, Timed) \
  V(37,  HeapAlloc,             "dt heapalloc_value",                      Go122, None, Timed) \
  V(38,  HeapGoal,              "dt heapgoal_value",                       Go122, None, Timed) \
  V(39,  GoLabel,               "dt label_string",                         Go122, None, Timed) \
  V(40,  UserTaskBegin,         "dt task parent_task name_string stack",   Go122, None, Timed) \
  V(41,  UserTaskEnd,           "dt task stack",                           Go122, None, Timed) \
  V(42,  UserRegionBegin,       "dt task name_string stack",               Go122, None, Timed) \
  V(43,  UserRegionEnd,         "dt task name_string stack",               Go122, UserRegionBegin, Timed) \
  V(44,  UserLog,               "dt task key_string value_string stack",   Go122, None, Timed) \
  V(45,  GoSwitch,              "dt g g_seq",                              Go123, None, Timed) \
  V(46,  GoSwitchDestroy,       "dt g g_seq",                              Go123, None, Timed) \
  V(47,  GoCreateBlocked,       "dt new_g new_stack stack",                Go123, None, Timed) \
  V(48,  GoStatusStack,         "dt g m gstatus stack",                    Go123, None, Timed) \
  V(49,  ExperimentalBatch,     "exp gen m time",                          Go123, None, Data) \
  V(50,  Sync,                  "",                                        Go125, None, Structural) \
  V(51,  ClockSnapshot,         "dt mono sec nsec",                        Go125, None, Timed) \
  V(52,  EndOfGeneration,       "",                                        Go126, None, Structural) \
  V(128, Span,                  "dt id npages_value kindclass",            Go126, None, AllocFree) \
  V(129, SpanAlloc,             "dt id npages_value kindclass",            Go126, None, AllocFree) \
  V(130, SpanFree,              "dt id",                                   Go126, None, AllocFree) \
  V(131, HeapObject,            "dt id type",                              Go126, None, AllocFree) \
  V(132, HeapObjectAlloc,       "dt id type",                              Go126, None, AllocFree) \
  V(133, HeapObjectFree,        "dt id",                                   Go126, None, AllocFree) \
  V(134, GoroutineStack,        "dt id order",                             Go126, None, AllocFree) \
  V(135, GoroutineStackAlloc,   "dt id order",                             Go126, None, AllocFree) \
  V(136, GoroutineStackFree,    "dt id",                                   Go126, None, AllocFree)
// clang-format on

/// A v2 event type, by its number on the wire. The experimental types (128 and up) have been
/// written since Go 1.23, but Go's raw dump knows them only from header 1.26 on, which is what
/// their "since" says; the reader proper takes them at any version, as Go's does.
enum class EventType : std::uint8_t {
  None = 0,
#define MAREY_ENUMERATOR(number, name, args, since, start, kind) name = number,
  MAREY_EVENT_TYPES(MAREY_ENUMERATOR)
#undef MAREY_ENUMERATOR
};

inline constexpr std::size_t kEventTypeCount = 137;

/// How an event is laid out on the wire.
enum class EventClass : std::uint8_t {
  None,        ///< no such event type
  Structural,  ///< part of the framing or of a table: only varint arguments
  StackEntry,  ///< `nframes` groups of four varints follow: pc, func, file, line
  Data,        ///< a varint length and as many bytes follow
  Timed,       ///< an event of a thread; its first argument is a time delta
  AllocFree,   ///< Timed, of the AllocFree experiment
};

/// What an argument means; read off its name as Go does ("g_seq" is a Seq, "stack" a Stack).
enum class ArgKind : std::uint8_t { Raw, Stack, String };

inline constexpr std::size_t kMaxArgs = 5;

/// One row of the table.
struct EventSpec {
  std::string_view name;
  std::array<std::string_view, kMaxArgs> args;
  std::uint8_t arg_count = 0;
  EventClass event_class = EventClass::None;
  EventType start = EventType::None;  ///< the event that opens what this one closes
  Version since = Version::Go122;
  /// Indices into the arguments without the time delta; -1: none. The first stack is the stack of
  /// the context in which the event happened.
  std::array<std::int8_t, 2> stack_args{-1, -1};
  std::array<std::int8_t, 2> string_args{-1, -1};

  constexpr bool timed() const {
    return event_class == EventClass::Timed || event_class == EventClass::AllocFree;
  }
};

namespace internal {

constexpr EventSpec make_spec(std::string_view name, std::string_view args, Version since,
                              EventType start, EventClass event_class) {
  EventSpec spec;
  spec.name = name;
  spec.since = since;
  spec.start = start;
  spec.event_class = event_class;
  while (!args.empty()) {
    const std::size_t space = args.find(' ');
    spec.args[spec.arg_count++] = args.substr(0, space);
    args = space == std::string_view::npos ? std::string_view{} : args.substr(space + 1);
  }
  if (!spec.timed()) return spec;
  std::size_t stacks = 0;
  std::size_t strings = 0;
  for (std::size_t i = 1; i < spec.arg_count; i++) {
    if (spec.args[i] == "stack") spec.stack_args[stacks++] = static_cast<std::int8_t>(i - 1);
    if (spec.args[i].ends_with("_string")) {
      spec.string_args[strings++] = static_cast<std::int8_t>(i - 1);
    }
  }
  for (std::size_t i = 1; i < spec.arg_count; i++) {
    if (spec.args[i].ends_with("_stack")) {
      spec.stack_args[stacks++] = static_cast<std::int8_t>(i - 1);
    }
  }
  return spec;
}

constexpr std::array<EventSpec, 256> make_specs() {
  std::array<EventSpec, 256> specs{};
#define MAREY_SPEC(number, name, args, since, start, kind) \
  specs[number] = make_spec(#name, args, Version::since, EventType::start, EventClass::kind);
  MAREY_EVENT_TYPES(MAREY_SPEC)
#undef MAREY_SPEC
  return specs;
}

}  // namespace internal

/// Indexed by the event type's number; rows without an event have class None.
inline constexpr std::array<EventSpec, 256> kEventSpecs = internal::make_specs();

constexpr const EventSpec& spec_of(EventType type) {
  return kEventSpecs[static_cast<std::uint8_t>(type)];
}

/// How many event type numbers a version knows: types at or above are invalid in its raw dump.
constexpr std::size_t known_types(Version version) {
  if (version < Version::Go123) return static_cast<std::size_t>(EventType::UserLog) + 1;
  if (version < Version::Go125) return static_cast<std::size_t>(EventType::ExperimentalBatch) + 1;
  if (version < Version::Go126) return static_cast<std::size_t>(EventType::ClockSnapshot) + 1;
  return kEventTypeCount;
}

/// Statuses of goroutines and procs as they stand on the wire.
enum class GoStatus : std::uint8_t { Bad, Runnable, Running, Syscall, Waiting };
enum class ProcStatus : std::uint8_t { Bad, Running, Idle, Syscall, SyscallAbandoned };

constexpr std::string_view name_of(GoStatus status) {
  constexpr std::array<std::string_view, 5> kNames{"Bad", "Runnable", "Running", "Syscall",
                                                   "Waiting"};
  const auto i = static_cast<std::size_t>(status);
  return i < kNames.size() ? kNames[i] : kNames[0];
}

constexpr std::string_view name_of(ProcStatus status) {
  constexpr std::array<std::string_view, 5> kNames{"Bad", "Running", "Idle", "Syscall",
                                                   "SyscallAbandoned"};
  const auto i = static_cast<std::size_t>(status);
  return i < kNames.size() ? kNames[i] : kNames[0];
}

/// Experiments that batches and events may belong to.
enum class Experiment : std::uint8_t { None, AllocFree };

}  // namespace marey::wire
