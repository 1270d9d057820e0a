// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "marey/ids.h"

/// The events of a trace, with the vocabulary of Go's golang.org/x/exp/trace.
///
/// Nothing here fails: what an event does not have is empty. Every string_view, span and Stack that
/// an event gives out belongs to the generation of the event, which the reader keeps until its next
/// call of next() or next_block() (marey/trace.h); copy what is needed longer.
namespace marey {

namespace wire {
class Tables;
}

/// What an event is about; says which of Event's details may be asked for.
enum class EventKind : std::uint8_t {
  Bad,              ///< of an Event that no reader has delivered
  Sync,             ///< a point at which all goroutines, procs and threads have been enumerated
  Metric,           ///< a new value of a metric
  Label,            ///< a label put on a resource
  StackSample,      ///< a CPU profile sample
  RangeBegin,       ///< a named span of time begins (GC mark, sweep, assist, stop-the-world)
  RangeActive,      ///< such a span was already under way
  RangeEnd,         ///< such a span ends
  TaskBegin,        ///< runtime/trace.NewTask
  TaskEnd,          ///< Task.End
  RegionBegin,      ///< runtime/trace.StartRegion
  RegionEnd,        ///< Region.End
  Log,              ///< runtime/trace.Log
  StateTransition,  ///< a goroutine or proc changes its state
  Experimental,     ///< an event of an experiment, unchecked
};
/// "StateTransition", ...: as the enumerators here; good for ever, as all names of name_of().
std::string_view name_of(EventKind kind);

/// The state of a goroutine.
enum class GoState : std::uint8_t {
  Undetermined,  ///< not known: before the first word about it
  NotExist,      ///< not created yet, or ended
  Runnable,      ///< could run, and waits for a proc
  Running,       ///< on a proc
  Waiting,       ///< blocked
  Syscall,       ///< in a system call, or in C
};
/// "Runnable", ...; "Bad" where `state` is none.
std::string_view name_of(GoState state);

/// The state of a proc.
enum class ProcState : std::uint8_t {
  Undetermined,  ///< not known: before the first word about it
  NotExist,      ///< not there, because GOMAXPROCS is smaller
  Running,       ///< held by a thread
  Idle,          ///< held by none
};
/// "Running", ...; "Bad" where `state` is none.
std::string_view name_of(ProcState state);

/// What an event can be about.
enum class ResourceKind : std::uint8_t { None, Goroutine, Proc, Thread };
/// "Goroutine", ...; "Bad" where `kind` is none.
std::string_view name_of(ResourceKind kind);

/// A goroutine, proc or thread, or nothing.
struct ResourceID {
  ResourceKind kind = ResourceKind::None;
  std::int64_t id = -1;  ///< a GoID, ProcID or ThreadID, as `kind` says

  /// The id as one of these, whatever `kind` is.
  GoID goroutine() const { return GoID{id}; }
  ProcID proc() const { return ProcID{id}; }
  ThreadID thread() const { return ThreadID{id}; }
  bool operator==(const ResourceID&) const = default;
};

/// A frame of a stack; its strings belong to the generation of the event that gave out the Stack,
/// as that does.
struct StackFrame {
  std::uint64_t pc = 0;       ///< address in the program; 0 where the trace has none
  std::string_view function;  ///< with its package: "net/http.(*conn).serve"
  std::string_view file;      ///< as the compiler saw its path
  std::uint64_t line = 0;     ///< from 1; 0: unknown
};

/// A stack: a cheap handle, to be copied at will. What it leads to lives as long as the generation
/// of the event that gave it out, however many copies there are: see the top of this file.
///
///     for (const StackFrame& frame : event.stack()) std::cout << frame.function << '\n';
///
/// Two equal handles have equal frames; two unequal ones may have equal frames, too.
class Stack {
 public:
  Stack() = default;
  Stack(const wire::Tables* tables, StackID id) : tables_(tables), id_(id) {}

  /// Whether there is a stack.
  explicit operator bool() const { return id_ != StackID{}; }
  /// Its number in the stack table of the generation.
  StackID id() const { return id_; }
  /// For the library's own use.
  const wire::Tables* tables() const { return tables_; }
  /// Number of frames, at most 128 in v2 traces.
  std::size_t size() const;
  /// Frame number `i`, leaf first; an empty one from size() on.
  StackFrame operator[](std::size_t i) const;
  /// The frames, leaf first.
  class Iterator;
  Iterator begin() const;
  Iterator end() const;
  bool operator==(const Stack&) const = default;

 private:
  const wire::Tables* tables_ = nullptr;
  StackID id_{};
};

/// A forward iterator that makes the frames as it goes: it gives values, not references.
class Stack::Iterator {
 public:
  using iterator_concept = std::forward_iterator_tag;
  using iterator_category = std::input_iterator_tag;
  using value_type = StackFrame;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = StackFrame;

  Iterator() = default;
  Iterator(Stack stack, std::size_t index) : stack_(stack), index_(index) {}

  StackFrame operator*() const { return stack_[index_]; }
  Iterator& operator++() {
    index_++;
    return *this;
  }
  Iterator operator++(int) {
    const Iterator before = *this;
    index_++;
    return before;
  }
  bool operator==(const Iterator&) const = default;

 private:
  Stack stack_;
  std::size_t index_ = 0;
};

inline Stack::Iterator Stack::begin() const { return {*this, 0}; }
inline Stack::Iterator Stack::end() const { return {*this, size()}; }

/// A metric's new value.
struct Metric {
  std::string_view name;    ///< as in Go's runtime/metrics, the unit after the colon
  std::uint64_t value = 0;  ///< in that unit
};

/// What a resource is called from now on.
struct Label {
  std::string_view label;  ///< "GC (dedicated)" of a worker of the garbage collector
  ResourceID resource;     ///< a goroutine
};

/// A named span of time.
struct Range {
  std::string name;  ///< "GC concurrent mark phase", "stop-the-world (...)"
  ResourceID scope;  ///< kind None: the range is global
};

/// A figure that the end of a range comes with.
struct RangeAttribute {
  std::string_view name;    ///< "bytes swept", "bytes reclaimed"
  std::uint64_t value = 0;  ///< bytes
};

/// A runtime/trace.Task.
struct Task {
  TaskID id{};
  TaskID parent = kNoTask;  ///< kNoTask where unknown, too
  std::string_view type;    ///< "" where the begin of the task is not in the trace
};

/// A runtime/trace.Region.
struct Region {
  TaskID task{};          ///< kBackgroundTask: none in particular
  std::string_view type;  ///< its name
};

/// What runtime/trace.Log was given.
struct Log {
  TaskID task{};              ///< kBackgroundTask: none in particular
  std::string_view category;  ///< the program's word for what it is about; may be ""
  std::string_view message;   ///< what the program says
};

/// A change of state. `from` and `to` are GoStates or ProcStates, as `resource.kind` says.
struct StateTransition {
  ResourceID resource;
  std::string_view reason;  ///< of blocking or stopping; "" where the trace gives none
  Stack stack;              ///< of the resource that changes, not of who caused it
  std::uint8_t from = 0;
  std::uint8_t to = 0;

  /// The states of a goroutine, and of a proc; only one of the pairs makes sense.
  GoState go_from() const { return static_cast<GoState>(from); }
  GoState go_to() const { return static_cast<GoState>(to); }
  ProcState proc_from() const { return static_cast<ProcState>(from); }
  ProcState proc_to() const { return static_cast<ProcState>(to); }
};

/// The three clocks, read at nearly the same moment (Go 1.25 and later).
struct ClockSnapshot {
  Time trace = 0;              ///< the trace's clock, nanoseconds
  std::uint64_t mono = 0;      ///< the system's monotonic clock, nanoseconds
  std::int64_t wall_sec = 0;   ///< the wall clock: seconds since 1970, UTC ...
  std::int64_t wall_nsec = 0;  ///< ... and nanoseconds, not always below one second
};

/// Data of an experiment of the runtime's, as it lies in the trace.
struct ExperimentalBatch {
  std::string_view experiment;  ///< "AllocFree"
  ThreadID thread = kNoThread;  ///< which wrote it
  std::span<const std::byte> data;
};

/// What a Sync event says about the generation that it begins.
struct Sync {
  std::int64_t n = 0;  ///< this is the nth Sync event of the trace, from 1
  std::optional<ClockSnapshot> clock_snapshot;
  std::vector<ExperimentalBatch> experimental_batches;
};

/// An event of an experiment of the runtime's.
struct ExperimentalEvent {
  std::string_view name;                   ///< "SpanAlloc", "HeapObjectFree"
  std::string_view experiment;             ///< "AllocFree"
  std::span<const std::string_view> args;  ///< names of the arguments; good for ever
  std::span<const std::uint64_t>
      values;  ///< as many; they lie in the Event, and live as long as it
};

/// One event of a trace, in its place in the order.
///
/// A value of 80 bytes that refers to its generation's tables. Asking for details of another kind
/// than kind() gives an empty detail.
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
    bool guessed = false;  ///< see Event::guessed()
  };

  Event() = default;
  explicit Event(const Record& record) : record_(record) {}

  /// What it is about; Bad only of an Event that was never delivered.
  EventKind kind() const;
  /// Nanoseconds on the trace's clock; strictly rising from event to event.
  Time time() const { return record_.time; }
  /// Whether it was put into the order by force, or a long way behind its own time after another
  /// one was: of damaged traces only. How long something took that begins or ends with it is not
  /// known.
  bool guessed() const { return record_.guessed; }
  /// The goroutine that was running when the event happened; before it, for a state transition.
  GoID goroutine() const { return record_.goroutine; }
  /// The proc that the thread held, before the event.
  ProcID proc() const { return record_.proc; }
  /// The thread that it happened on.
  ThreadID thread() const { return record_.thread; }
  /// Stack of the context in which the event happened; none where the trace has none.
  Stack stack() const;

  /// Of a Metric.
  Metric metric() const;
  /// Of a Label.
  Label label() const;
  /// Of a RangeBegin, RangeActive or RangeEnd.
  Range range() const;
  /// What a RangeEnd says about the range: bytes swept and reclaimed, of a sweep.
  std::vector<RangeAttribute> range_attributes() const;
  /// Of a TaskBegin or TaskEnd.
  Task task() const;
  /// Of a RegionBegin or RegionEnd.
  Region region() const;
  /// Of a Log.
  Log log() const;
  /// Of a StateTransition.
  StateTransition state_transition() const;
  /// Of a Sync. The last one of a trace begins no generation and has a number only.
  Sync sync() const;
  /// Of an Experimental event.
  ExperimentalEvent experimental() const;

  /// For the library's own use.
  const Record& record() const { return record_; }

 private:
  Record record_;
};

}  // namespace marey
