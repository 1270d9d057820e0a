// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>

#include "marey/event.h"
#include "marey/ids.h"

#include "src/analysis/duration.h"
#include "src/analysis/goroutine_times.h"
#include "src/analysis/vocabulary.h"
#include "src/wire/event_types.h"

/// What analyses are fed: whole spans of time, never cut where a generation ends.
namespace marey::analysis {

/// What is known of one end of an interval.
enum class Edge : std::uint8_t {
  Seen,     ///< an event says so
  Trace,    ///< the trace begins or ends in the middle of it
  Range,    ///< an event says so, but it lies outside the time that was asked for, which ends here
  Unended,  ///< of a region: its goroutine is over, and did not end it
  Damage,   ///< the trace has a gap there: up to it, or from it on, it says how things were
  Guess,    ///< the event's place is a guess, or it contradicts what was: so is the length
};

/// Of what begins or ends with an event.
inline Edge edge_at(const Event::Record& record) {
  return record.guessed ? Edge::Guess : Edge::Seen;
}

/// Whether an interval counts in Go's profiles: there a goroutine exists from the moment when it
/// first runs.
enum class Ran : std::uint8_t {
  Before,  ///< the goroutine had run in the trace before (or runs in this interval)
  Later,   ///< it ran only later
  Never,   ///< it did not run in the trace at all
};

inline constexpr std::size_t kGoStateCount = static_cast<std::size_t>(GoState::Syscall) + 1;

inline constexpr Time kNever = std::numeric_limits<Time>::max();

/// A goroutine's place in the arrays of a fold; handed out again when the goroutine is gone.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

/// How a stay of a goroutine in a state began.
struct StayBegin {
  /// When an event first tells of the state, ns. That is when it began, unless the trace begins in
  /// the middle of it.
  Time seen = 0;
  GoID goroutine = kNoGoroutine;
  GoID start_by = kNoGoroutine;  ///< who was running there: who created it, unblocked it, itself
  ThreadID start_thread = kNoThread;
  ProcID start_proc = kNoProc;
  StackNumber stack = StackNumber::None;  ///< of the event, so of `start_by`
  Text reason = Text::Empty;              ///< why it waits or was stopped
  /// Where the goroutine itself is, unless it runs, if that is known: where it blocked, was
  /// stopped, or entered a system call last, or the function that it was created with. Only if
  /// asked for.
  StackNumber own_stack = StackNumber::None;
  Slot slot = kNoSlot;
  GoState state = GoState::Undetermined;
  wire::EventType start_event = wire::EventType::None;
  Edge start_edge = Edge::Seen;
  /// Of a goroutine that was created for a call from C: the one kind whose ids are used again, by
  /// the next call on the same thread. Go's summary knows only the last goroutine of an id.
  bool callback = false;
  /// The piece does not have the goroutine's creation: it may be such a one, as the end of its life
  /// will say.
  bool older = false;
  /// It begins with a status that another thread tells of: `start_thread` is the goroutine's, but
  /// `start_proc` is that of the other thread.
  bool told_by_other = false;
};

/// One stay of a goroutine in one state.
///
/// With the state NotExist it is the goroutine's whole life, from its creation (or the trace's
/// begin) to its end; lives come after all other intervals of the goroutine, and with them its slot
/// is given up. Lives of callbacks, and of goroutines that were `older` somewhere, come also when
/// no lives are asked for.
struct Interval : StayBegin {
  Time start = 0;  ///< ns; the trace's begin where that lies in the middle
  Time end = 0;    ///< ns; never before `start`
  /// Of a Syscall: when the goroutine lost its proc, from which on it is blocked; kNever: it did
  /// not.
  Time proc_lost = kNever;
  Duration outside = 0;  ///< of a life: time between `start` and `end` that was not asked for
  GoID end_by = kNoGoroutine;
  ThreadID end_thread = kNoThread;
  ProcID end_proc = kNoProc;
  /// Of the event that ends it, so of `end_by`: of Running, where the goroutine itself is then.
  /// Only if asked for.
  StackNumber end_stack = StackNumber::None;
  wire::EventType end_event = wire::EventType::None;
  Edge end_edge = Edge::Seen;
  Ran ran = Ran::Before;
  bool is_outside = false;  ///< of a life: none of it was asked for, and it counts for nothing

  Duration duration() const { return elapsed(start, end) - outside; }
  /// When it began or ended is not known.
  bool is_guess() const { return start_edge == Edge::Guess || end_edge == Edge::Guess; }
  /// Both ends are in the trace.
  bool whole() const { return start_edge == Edge::Seen && end_edge == Edge::Seen; }
};

/// A whole stay (see Interval::whole), for analyses that need to know no more of it.
struct BriefStay {
  BriefStay() = default;
  explicit BriefStay(const Interval& interval)
      : start(interval.start),
        end(interval.end),
        slot(interval.slot),
        reason(interval.reason),
        stack(interval.state == GoState::Running ? interval.end_stack : interval.own_stack) {}

  Time start = 0;  ///< ns
  Time end = 0;    ///< ns; not before `start`
  Slot slot = kNoSlot;
  Text reason = Text::Empty;
  /// Where the goroutine itself is, at the end if it runs: StayBegin::own_stack or
  /// Interval::end_stack. Only if asked for.
  StackNumber stack = StackNumber::None;

  Duration duration() const { return elapsed(start, end); }
};

/// The time that a proc runs, that is, belongs to a thread (also in system calls); or, where idle
/// procs are asked for, that it belongs to none.
struct ProcInterval {
  Time start = 0;
  Time end = 0;
  std::int64_t proc = -1;
  ThreadID thread = kNoThread;
  Edge start_edge = Edge::Seen;
  Edge end_edge = Edge::Seen;

  /// How long it was is not known.
  bool is_guess() const { return start_edge == Edge::Guess || end_edge == Edge::Guess; }
};

/// Events that a thread had one after the other, without those of other threads between them.
struct ThreadRun {
  ThreadID thread = kNoThread;
  Time first = 0;  ///< of its first event
  Time last = 0;
};

/// What a proc does for the garbage collector with a goroutine that runs on it.
enum class CollectorWork : std::uint8_t {
  Assist,      ///< a mark assist
  Dedicated,   ///< a background mark worker that has the proc to itself
  Background,  ///< another one, "GC (fractional)"; idle ones take no time from the program
};

/// Time in which a proc works for the garbage collector.
struct CollectorInterval {
  Time start = 0;
  Time end = 0;
  std::int64_t proc = -1;
  GoID goroutine = kNoGoroutine;
  CollectorWork work = CollectorWork::Assist;
  Edge start_edge = Edge::Seen;
  Edge end_edge = Edge::Seen;

  /// How long it was is not known: damage hides one of its ends.
  bool is_guess() const { return start_edge >= Edge::Damage || end_edge >= Edge::Damage; }
};

/// From `time` on there are `count` procs: GOMAXPROCS.
struct ProcCount {
  Time time = 0;
  std::int64_t count = 0;
};

enum class RangeKind : std::uint8_t { Mark, Assist, Sweep, StopTheWorld };

/// A range: of garbage collection, or a stop-the-world.
struct RangeInterval {
  Time start = 0;
  Time end = 0;
  GoID goroutine = kNoGoroutine;  ///< that began it; of a mark phase that of the event, if any
  Slot slot = kNoSlot;            ///< of that goroutine, if the range also ended on it
  std::int64_t proc = -1;         ///< of a sweep
  Text name = Text::Empty;        ///< of a stop-the-world: its kind
  std::uint64_t swept = 0;        ///< bytes, of a sweep whose end is known
  std::uint64_t reclaimed = 0;    ///< bytes
  StackNumber stack = StackNumber::None;  ///< of the begin
  RangeKind kind = RangeKind::Mark;
  Edge start_edge = Edge::Seen;
  Edge end_edge = Edge::Seen;

  Duration duration() const { return elapsed(start, end); }
  bool whole() const { return start_edge == Edge::Seen && end_edge == Edge::Seen; }
  /// How long it was is not known: damage hides one of its ends.
  bool is_guess() const { return start_edge >= Edge::Damage || end_edge >= Edge::Damage; }
};

/// A runtime/trace.Region.
struct RegionInterval {
  Time start = 0;
  Time end = 0;
  GoID goroutine = kNoGoroutine;
  TaskID task{};
  Text name = Text::Empty;
  StackNumber stack = StackNumber::None;  ///< of the begin
  Edge start_edge = Edge::Seen;
  Edge end_edge = Edge::Seen;
  GoroutineTimes times;  ///< what the goroutine did meanwhile; adds up to the duration

  Duration duration() const { return elapsed(start, end); }
  /// Both its begin and its end are in the trace.
  bool whole() const { return start_edge == Edge::Seen && end_edge == Edge::Seen; }
  bool is_guess() const { return start_edge >= Edge::Damage || end_edge >= Edge::Damage; }
};

/// A runtime/trace.Task.
struct TaskInterval {
  Time start = 0;
  Time end = 0;
  TaskID id{};
  TaskID parent = kNoTask;
  Text type = Text::Empty;                ///< empty where its begin is not in the trace
  GoID goroutine = kNoGoroutine;          ///< that began it
  GoID end_goroutine = kNoGoroutine;      ///< that ended it
  StackNumber stack = StackNumber::None;  ///< of the begin
  Edge start_edge = Edge::Seen;
  Edge end_edge = Edge::Seen;
  /// What its goroutine did meanwhile, where the same one ended it; adds up to the duration.
  GoroutineTimes times;

  Duration duration() const { return elapsed(start, end); }
  bool whole() const { return start_edge == Edge::Seen && end_edge == Edge::Seen; }
  bool is_guess() const { return start_edge >= Edge::Damage || end_edge >= Edge::Damage; }
};

/// A set of goroutine states; NotExist stands for whole lives.
class StateSet {
 public:
  constexpr StateSet() = default;
  constexpr StateSet(std::initializer_list<GoState> states) {
    for (const GoState state : states) bits_ |= bit(state);
  }
  constexpr bool has(GoState state) const { return (bits_ & bit(state)) != 0; }
  constexpr StateSet operator|(StateSet other) const {
    other.bits_ |= bits_;
    return other;
  }
  constexpr StateSet operator-(StateSet other) const {
    other.bits_ = static_cast<std::uint8_t>(bits_ & ~other.bits_);
    return other;
  }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  static constexpr std::uint8_t bit(GoState state) {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(state));
  }
  std::uint8_t bits_ = 0;
};

}  // namespace marey::analysis
