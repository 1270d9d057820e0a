// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "marey/ids.h"

/// The events of a trace, with the vocabulary of Go's golang.org/x/exp/trace.
namespace marey {

namespace wire {
class Tables;
}

/// What an event is about; says which of Event's details may be asked for.
enum class EventKind : std::uint8_t {
  Bad,
  Sync,             ///< a point at which all goroutines, procs and threads have been enumerated
  Metric,           ///< a new value of a metric
  Label,            ///< a label put on a resource
  StackSample,      ///< a CPU profile sample
  RangeBegin,       ///< a named span of time begins (GC mark, sweep, assist, stop-the-world)
  RangeActive,      ///< such a span was already under way
  RangeEnd,
  TaskBegin,        ///< runtime/trace.NewTask
  TaskEnd,
  RegionBegin,      ///< runtime/trace.StartRegion
  RegionEnd,
  Log,              ///< runtime/trace.Log
  StateTransition,  ///< a goroutine or proc changes its state
  Experimental,     ///< an event of an experiment, unchecked
};
std::string_view name_of(EventKind kind);

enum class GoState : std::uint8_t { Undetermined, NotExist, Runnable, Running, Waiting, Syscall };
std::string_view name_of(GoState state);

enum class ProcState : std::uint8_t { Undetermined, NotExist, Running, Idle };
std::string_view name_of(ProcState state);

enum class ResourceKind : std::uint8_t { None, Goroutine, Proc, Thread };
std::string_view name_of(ResourceKind kind);

/// A goroutine, proc or thread, or nothing.
struct ResourceID {
  ResourceKind kind = ResourceKind::None;
  std::int64_t id = -1;

  GoID goroutine() const { return GoID{id}; }
  ProcID proc() const { return ProcID{id}; }
  ThreadID thread() const { return ThreadID{id}; }
  bool operator==(const ResourceID&) const = default;
};

struct StackFrame {
  std::uint64_t pc = 0;
  std::string_view function;
  std::string_view file;
  std::uint64_t line = 0;
};

/// A stack: a cheap handle. Lives as long as the generation of the event that it came from.
///
/// Two equal handles have equal frames; two unequal ones may have equal frames, too.
class Stack {
 public:
  Stack() = default;
  Stack(const wire::Tables* tables, StackID id) : tables_(tables), id_(id) {}

  explicit operator bool() const { return id_ != StackID{}; }
  StackID id() const { return id_; }
  const wire::Tables* tables() const { return tables_; }
  /// Number of frames, at most 128 in v2 traces.
  std::size_t size() const;
  /// Frame number `i`, leaf first.
  StackFrame operator[](std::size_t i) const;
  bool operator==(const Stack&) const = default;

 private:
  const wire::Tables* tables_ = nullptr;
  StackID id_{};
};

struct Metric {
  std::string_view name;    ///< as in Go's runtime/metrics, the unit after the colon
  std::uint64_t value = 0;
};

struct Label {
  std::string_view label;
  ResourceID resource;
};

struct Range {
  std::string name;
  ResourceID scope;  ///< kind None: the range is global
};

struct RangeAttribute {
  std::string_view name;
  std::uint64_t value = 0;
};

struct Task {
  TaskID id{};
  TaskID parent = kNoTask;  ///< kNoTask where unknown, too
  std::string_view type;    ///< "" where the begin of the task is not in the trace
};

struct Region {
  TaskID task{};
  std::string_view type;
};

struct Log {
  TaskID task{};
  std::string_view category;
  std::string_view message;
};

/// A change of state. `from` and `to` are GoStates or ProcStates, as `resource.kind` says.
struct StateTransition {
  ResourceID resource;
  std::string_view reason;  ///< of blocking or stopping; "" where the trace gives none
  Stack stack;              ///< of the resource that changes, not of who caused it
  std::uint8_t from = 0;
  std::uint8_t to = 0;

  GoState go_from() const { return static_cast<GoState>(from); }
  GoState go_to() const { return static_cast<GoState>(to); }
  ProcState proc_from() const { return static_cast<ProcState>(from); }
  ProcState proc_to() const { return static_cast<ProcState>(to); }
};

/// The three clocks, read at nearly the same moment (Go 1.25 and later).
struct ClockSnapshot {
  Time trace = 0;               ///< the trace's clock, nanoseconds
  std::uint64_t mono = 0;       ///< the system's monotonic clock, nanoseconds
  std::int64_t wall_sec = 0;    ///< the wall clock: seconds since 1970, UTC ...
  std::int64_t wall_nsec = 0;   ///< ... and nanoseconds, not always below one second
};

struct ExperimentalBatch {
  std::string_view experiment;
  ThreadID thread = kNoThread;
  std::span<const std::byte> data;  ///< lives as long as the generation
};

struct Sync {
  std::int64_t n = 0;  ///< this is the nth Sync event of the trace, from 1
  std::optional<ClockSnapshot> clock_snapshot;
  std::vector<ExperimentalBatch> experimental_batches;
};

struct ExperimentalEvent {
  std::string_view name;
  std::string_view experiment;
  std::span<const std::string_view> args;  ///< names of the arguments
  std::span<const std::uint64_t> values;   ///< as many
};

/// One event of a trace, in its place in the order.
///
/// A value of 80 bytes that refers to its generation's tables: what it says about strings and
/// stacks may be asked for as long as the reader keeps that generation (see marey/reader.h).
/// Asking for details of another kind than kind() gives an empty detail.
class Event {
 public:
  /// The event as the engine keeps it: the wire's number of its type and the arguments that follow
  /// the time, with what the order found out in the free places.
  struct Record {
    Time time = 0;
    GoID goroutine = kNoGoroutine;
    ProcID proc = kNoProc;
    ThreadID thread = kNoThread;
    std::array<std::uint64_t, 4> args{};
    const wire::Tables* tables = nullptr;
    std::uint8_t type = 0;
  };

  Event() = default;
  explicit Event(const Record& record) : record_(record) {}

  EventKind kind() const;
  /// Nanoseconds on the trace's clock; strictly rising from event to event.
  Time time() const { return record_.time; }
  /// The goroutine that was running when the event happened; before it, for a state transition.
  GoID goroutine() const { return record_.goroutine; }
  /// The proc that the thread held, before the event.
  ProcID proc() const { return record_.proc; }
  ThreadID thread() const { return record_.thread; }
  /// Stack of the context in which the event happened.
  Stack stack() const;

  Metric metric() const;
  Label label() const;
  Range range() const;
  /// What a RangeEnd says about the range: bytes swept and reclaimed, of a sweep.
  std::vector<RangeAttribute> range_attributes() const;
  Task task() const;
  Region region() const;
  Log log() const;
  StateTransition state_transition() const;
  Sync sync() const;
  ExperimentalEvent experimental() const;

  const Record& record() const { return record_; }

 private:
  Record record_;
};

}  // namespace marey
