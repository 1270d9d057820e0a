// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "marey/event.h"

#include "src/analysis/goroutine_table.h"
#include "src/analysis/interval.h"
#include "src/analysis/syscall_procs.h"
#include "src/analysis/timeline.h"
#include "src/analysis/vocabulary.h"
#include "src/order/record.h"

namespace marey::analysis {

/// Where finished intervals go.
class IntervalTaker {
 public:
  virtual ~IntervalTaker() = default;
  /// Some intervals, all of one state, so that whoever looks at the state is told the same again
  /// and again: processors guess that right. A life comes after all else of its goroutine.
  virtual void take(std::span<const Interval> intervals) = 0;
  /// The same of stays in one of GoroutineInterests::brief.
  virtual void take(GoState state, std::span<const BriefStay> stays) = 0;
};

/// What the intervals of goroutines are made for.
struct GoroutineInterests {
  StateSet states;  ///< NotExist: lives
  /// Of `states`: of these BriefStays will do, and what those leave out need not be right of an
  /// Interval either.
  StateSet brief;
  bool roots = false;      ///< the functions that goroutines were started with
  bool proc_lost = false;  ///< Interval::proc_lost
  bool stacks = false;     ///< StayBegin::own_stack and Interval::end_stack
};

/// Left slots of a merge, by the slots of the right side.
using SlotMap = std::vector<Slot>;

/// Turns transitions of goroutines into whole intervals.
///
/// It works on a piece of the trace (a generation or a part of one) that it may know nothing else
/// about, and merges with the piece that follows. What is cut by the ends of a piece:
///
///   - A goroutine whose life begins in the piece (created, or first named in the trace's first
///     generation) has *history*. All others have been in their first state, their *head*, for an
///     unknown time; the interval that ends the head is held until merge() finds its start.
///   - Whether a goroutine has ever run decides how Go's profiles count (see Ran). So what lies
///     before its first run in the piece is held, too: with history until it runs, else until the
///     piece before says. That is one or two intervals a goroutine.
///   - At the end of a piece the state that each goroutine is in stays open; finish() closes it.
///
/// So every interval is handed over exactly once, whole, whatever the pieces; only the order in
/// which they come depends on where the trace was cut.
///
/// Damage: where a transition contradicts the state that a goroutine is in, the state ends there
/// with Edge::Guess. Generations that are missing end all states, with Edge::Damage. A goroutine
/// that later whole generations do not mention (each restates all that live) ended with the last
/// one that did.
///
/// Cost: states that nobody asks for are one state, `Other`; changes within it cost a look-up.
/// Memory: 150 bytes a live goroutine, and what is held; a goroutine that a later piece only
/// mentions, as each generation mentions all that live, costs that piece 40 bytes.
class GoroutineIntervals {
 public:
  /// Everything referred to must outlive this.
  GoroutineIntervals(const GoroutineInterests& interests, Translation& translation,
                     IntervalTaker& taker);

  void begin(std::uint64_t generation) { timeline_.begin(generation); }
  void sync(Time time, bool begins_trace) { timeline_.sync(time, begins_trace); }
  /// Whether event() has something to do for this type of event.
  bool handles(std::uint8_t type) const { return actions_[type].kind != Action::Skip; }
  /// That nobody else has something to do for it: events() may go on with it.
  void set_only_here(std::uint8_t type) { actions_[type].only_here = true; }
  void event(const Event::Record& record);
  /// Takes in events from `first` on as long as their types are only for this; returns the first
  /// one that is not, or `last`.
  const Event::Record* events(const Event::Record* first, const Event::Record* last);
  /// A proc has stopped running: a goroutine in a system call on it is blocked from now on.
  void proc_stopped(std::int64_t proc, Time time);
  /// Tells when the last event so far was.
  void end(Time time) { timeline_.end(time); }

  /// Merging the following piece is done in two steps, between which the analyses merge what they
  /// have by slot: align() gives each goroutine of `next` a slot here, stitch() hands over the
  /// intervals that `next` could not finish. `next` is of no use then.
  SlotMap align(GoroutineIntervals& next);
  void stitch(GoroutineIntervals& next, const SlotMap& slots);

  /// Ends the trace: hands over all that is open.
  void finish(const Ending& ending);
  /// Hands over what has been collected.
  void flush();

  /// The slot of a goroutine that runs at `time`; the piece may not have heard of it before.
  Slot slot_of_running(GoID id, Time time);
  Slot slot_of(GoID id) {
    const Goroutine* const goroutine = find(raw(id));
    return goroutine == nullptr || (goroutine->slow & Goroutine::Done) != 0 ? kNoSlot
                                                                            : goroutine->slot;
  }
  /// Whether a goroutine is alive at the end of the trace, as far as is known. Before finish().
  bool may_live(GoID id, const Ending& ending);
  GoID id_of(Slot slot) const { return table_.at(slot).goroutine; }
  const GoroutineTable& table() const { return table_; }
  const Timeline& timeline() const { return timeline_; }

 private:
  /// An argument that is an id; where there is none, the id 0. Which events have one is as good as
  /// random: no branch.
  struct Argument {
    Argument() = default;
    explicit Argument(std::int8_t argument)
        : mask(argument < 0 ? 0 : ~std::uint64_t{0}),
          place(argument < 0 ? 0 : static_cast<std::uint8_t>(argument)) {}
    std::uint64_t of(const Event::Record& record) const { return record.args[place] & mask; }

    std::uint64_t mask = 0;
    std::uint8_t place = 0;
  };

  /// What to do about a type of event. `from` and `to` as nobody's and somebody's states.
  struct Action {
    enum Kind : std::uint8_t { Skip, Change, Create, Destroy, Status };
    /// Goroutine::condition() in which a Change is all that there is to it; of no other kind.
    std::uint16_t plain_condition = UINT16_MAX;
    Kind kind = Skip;
    Stay from = Stay::Other;
    Stay to = Stay::Other;
    bool only_here = false;
    bool ends_brief = false;    ///< `from` is one of GoroutineInterests::brief
    bool begins_brief = false;  ///< `to` is
    bool on_context = false;    ///< of the goroutine that the event happened on, else args[0]
    bool was_running = false;
    bool runs = false;  ///< runs from now on
    bool waits = false;
    bool leaves_syscall = false;
    bool enters_syscall = false;
    std::int8_t root = -1;         ///< argument with the goroutine's own stack; -1: none
    std::int8_t own_stack = -1;    ///< the same argument, for StayBegin::own_stack
    bool has_whole_stack = false;  ///< the goroutine called the runtime itself
    bool has_more = false;         ///< any of the last five but that
    Argument stack;                ///< the event's stack
    Argument reason;
  };
  /// An interval that waits for something; a list for each goroutine.
  struct Held {
    Interval interval;
    std::uint32_t next = 0;      ///< from 1
    bool head = false;           ///< its start is not known
    bool has_own_stack = false;  ///< StayBegin::own_stack is known, even if it is none
  };

  /// What a status says of a goroutine from before the piece; until something happens to it, that
  /// is all.
  struct Restated {
    Time time = 0;
    Root root;
    Stay stay = Stay::Other;
    bool running = false;
  };

  /// What this piece knows before the next one's timeline is merged in.
  struct Before {
    std::optional<Time> last_sync;
    bool begins_trace;
  };

  static std::array<Action, 256> make_actions(const GoroutineInterests& interests);
  Stay stay_of(GoState state) const;

  void change(Goroutine& g, const Action& action, const Event::Record& record);
  void change_slowly(Goroutine& g, const Action& action, const Event::Record& record);
  void create(const Action& action, const Event::Record& record);
  void destroy(const Action& action, const Event::Record& record);
  void status(const Action& action, const Event::Record& record);
  /// What is known of a goroutine that came into the piece in the state `stay`.
  static void come_in(Goroutine& g, Stay stay, bool running, Time time);
  Goroutine& meet(std::int64_t id, Stay stay, bool running, Time time);
  /// The goroutine with the id, if the piece knows of it.
  Goroutine* find(std::int64_t id);
  void meet_restated();
  Goroutine& start_life(GoID id, Time born, Edge birth);
  /// By the stack of one of the goroutine's events.
  Root root_of(const Action& action, const Event::Record& record);
  void begin_stay(Goroutine& g, const Action& action, const Event::Record& record);
  void enter(Goroutine& g, const Action& action, const Event::Record& record);
  void enter_syscall(Goroutine& g, const Event::Record& record);
  void leave_syscall(Goroutine& g);
  /// Ends the state that `g` is in, by an event that may contradict it.
  void leave(Goroutine& g, const Action& action, const Event::Record& record, Ran ran);
  void close(Goroutine& g, const Action& action, const Event::Record& record, Ran ran);
  void close_at(Goroutine& g, Time time, Edge edge);
  /// Ends a state at `end` that damage contradicts; from `start` on the goroutine is in another.
  void cut(Goroutine& g, Time end, Edge edge, Time start, Stay stay, GoState state);
  static void take_begin(Goroutine& g, const StayBegin& other);
  void add(Goroutine& g, Interval interval);
  void run(Goroutine& g);
  void hold(Goroutine& g, const Interval& interval, bool head, bool has_own_stack);
  void release_held(Goroutine& g, Ran ran);
  std::vector<Held> take_held(Goroutine& g);
  void end_life(Goroutine& g, Time time, Edge edge, bool destroyed);
  void end_deferred_life(Goroutine& g);
  void add_life(const Goroutine& g);
  /// For finish(): when a goroutine of which nobody has told the end was last heard of, if it would
  /// have been heard of since.
  std::optional<Time> gone_at(const Goroutine& g, const Ending& ending) const;

  void adopt(Goroutine& g, Goroutine& other, GoroutineIntervals& next, const Before& before);
  void continue_with(Goroutine& g, Goroutine& other, GoroutineIntervals& next);
  void give_history(Goroutine& g, Time born, Edge birth);
  void stitch_syscalls(GoroutineIntervals& next, const SlotMap& slots);
  /// `g`, in a system call on `proc` until `left`, loses it if it stops before that in `next`.
  static void lose_proc(Goroutine& g, std::int64_t proc, GoroutineIntervals& next, Time left);

  void push(const Interval& interval) {
    if (interests_.brief.has(interval.state) && interval.whole()) {
      next_stay(interval.state) = BriefStay(interval);
    } else {
      next_interval(interval.state) = interval;
    }
  }
  Interval& next_interval(GoState state) {
    Batch& batch = batches_[static_cast<std::size_t>(state)];
    if (batch.size == kBatch) [[unlikely]]
      make_room(batch);
    return batch.intervals[batch.size++];
  }
  BriefStay& next_stay(GoState state) {
    StayBatch& batch = stay_batches_[static_cast<std::size_t>(state)];
    if (batch.size == kStayBatch) [[unlikely]]
      make_room(state);
    return batch.stays[batch.size++];
  }
  static void begin_interval(Interval& interval, const Goroutine& g);
  void end_interval(Interval& interval, const Action& action, const Event::Record& record);
  /// Damage hides where the goroutine is.
  static void lose_own_stack(Goroutine& g);
  void note_own_stack(Goroutine& g, const Action& action, const Event::Record& record);

  /// Intervals of one state.
  struct Batch {
    std::size_t size = 0;
    std::unique_ptr<Interval[]> intervals;
  };
  Batch& lives() { return batches_[static_cast<std::size_t>(GoState::NotExist)]; }
  /// BriefStays in one state.
  struct StayBatch {
    std::size_t size = 0;
    std::unique_ptr<BriefStay[]> stays;
  };
  void hand_over(Batch& batch);
  void hand_over(GoState state);
  void make_room(Batch& batch);
  void make_room(GoState state);
  bool has_many_removed() const { return table_.removed_count() >= kBatch; }

  // Small enough for the batches to stay in the nearest cache beside the block of events.
  static constexpr std::size_t kBatch = 48;
  static constexpr std::size_t kStayBatch = 128;

  GoroutineInterests interests_;
  std::array<Action, 256> actions_;
  Translation& translation_;
  IntervalTaker& taker_;
  Text forever_;
  GoroutineTable table_;
  Timeline timeline_;
  std::array<Batch, kGoStateCount> batches_;
  std::array<StayBatch, kGoStateCount> stay_batches_;
  boost::unordered_flat_map<std::int64_t, Restated> restated_;  // not among those of the table
  std::vector<Held> held_{1};
  std::vector<std::uint32_t> free_held_;
  SyscallProcs syscalls_;
  std::vector<bool> fresh_;  // between align() and stitch(), by the slots of `next`: new here
};

inline void GoroutineIntervals::begin_interval(Interval& interval, const Goroutine& g) {
  static_cast<StayBegin&>(interval) = g;
  interval.start = g.start_edge == Edge::Trace ? g.born : g.seen;
  interval.proc_lost = g.proc_lost;
  interval.ran = Ran::Before;
}

}  // namespace marey::analysis
