// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "marey/error.h"
#include "marey/health.h"

#include "src/base/wrapping.h"
#include "src/order/generation.h"
#include "src/order/lookahead.h"
#include "src/order/record.h"
#include "src/order/scheduler.h"
#include "src/wire/event_decoder.h"

namespace marey::order {

/// Merges the threads' events of one generation into the one order that is consistent.
///
/// Each thread's batches are in order already. A binary heap holds the threads by the time of their
/// next events; the earliest thread's event goes next if the Scheduler lets it happen, else the
/// other threads are tried in the order of their times. CPU samples, which belong to no thread's
/// batches, are put in by time alone. This is what Go's reader does (internal/trace/reader.go,
/// batchcursor.go), and the heap is sifted in the same way, so that also events whose times tie
/// come in Go's order.
///
/// Two things make it fast. It stays on one thread for as long as that thread's next event is not
/// later than the second earliest thread's: then nothing moves in the heap, and decoding, checking
/// and delivering are one loop over one batch. And nothing is stored: an event goes from the
/// mapped bytes through registers into the sink.
///
/// Tolerant, an event whose turn never comes (Scheduler::wait_of, Lookahead) happens by force, as
/// soon as another thread's would leave it behind.
///
/// A sink has
///   void emit(wire::EventType, Time, const Context&, const std::array<std::uint64_t, 4>& args);
///   void emit_sample(Time, const wire::CPUSampleRecord&);
///   bool full() const;         // asked after each event: stop here for now?
///   void undo(unsigned n);     // take back the last n events
///
/// Cost: for each event one decoding, one or two look-ups in small hash tables, and for each change
/// of threads O(log threads).
class Ordering {
 public:
  enum class Outcome : std::uint8_t { Full, Done, Broken };

  /// Everything referred to must outlive the ordering. `health`: nullptr for strict. `assumptions`:
  /// for derived starts. `shift`: nanoseconds to add to all times.
  Ordering(Generation& generation, State& state, NameTable& names, Scheduler::Start start,
           Health* health, Assumptions* assumptions, Time shift = 0);

  /// Decodes every thread's first event. Strict: fails where Go's reader refuses the generation
  /// before its Sync event.
  Result<void> begin();

  /// Delivers events until the sink is full (call again), all is delivered, or (strict) the trace
  /// is broken: see message().
  template <class Sink>
  Outcome run(Sink& sink);

  const std::string& message() const { return message_; }
  /// Raw time of the earliest event or sample; the largest Time if there is none. After begin().
  Time first_time() const;
  bool undecidable() const { return scheduler_.undecidable(); }

  /// The time at which an event is delivered: no two events have the same.
  Time rise(Time time) {
    return state_.last_time = risen(base::wrapping_add(time, shift_), state_.last_time);
  }

 private:
  struct Cursor {
    const std::byte* p = nullptr;    // behind the event that is decoded
    const std::byte* end = nullptr;  // of the batch
    Time time = 0;                   // of that event
    wire::TimedEvent event;
    Thread* thread = nullptr;      // nullptr: batches of no thread
    bool is_decoded = false;       // else `p` is before the event, `time` that of the one before
    std::uint32_t batches = 0;     // index into generation.threads
    std::uint32_t next_batch = 0;  // index into its batches
    // The values of tries_ when the event last could not happen, and when it was broken.
    std::uint64_t stuck_at = 0;
    std::uint64_t broken_at = 0;
  };
  struct Entry {
    Time time;
    std::uint32_t cursor;
  };
  enum class Next : std::uint8_t { Event, End, Broken };

  /// Which arguments of an event are ids, out of EventSpec's lists. Most events have one stack or
  /// one string or neither, in no order that a processor could guess, so where there is none the
  /// mask makes it the id 0, which is always known.
  struct IdArgs {
    std::uint64_t stack_mask, string_mask;
    std::uint8_t stack, string;
    bool has_second;                           ///< of either
    std::uint8_t second_stack, second_string;  ///< the first one where there is no second
  };
  static constexpr std::array<IdArgs, 256> kIdArgs = [] {
    std::array<IdArgs, 256> all{};
    for (std::size_t i = 0; i < all.size(); i++) {
      const wire::EventSpec& spec = wire::kEventSpecs[i];
      const auto mask = [](std::int8_t argument) { return argument < 0 ? 0 : ~std::uint64_t{0}; };
      const auto place = [](std::int8_t argument) {
        return static_cast<std::uint8_t>(argument < 0 ? 0 : argument);
      };
      const auto second = [&](const auto& arguments) {
        return place(arguments[1] < 0 ? arguments[0] : arguments[1]);
      };
      all[i] = {mask(spec.stack_args[0]),
                mask(spec.string_args[0]),
                place(spec.stack_args[0]),
                place(spec.string_args[0]),
                spec.stack_args[1] >= 0 || spec.string_args[1] >= 0,
                second(spec.stack_args),
                second(spec.string_args)};
    }
    return all;
  }();

  /// Does not look at latest_.
  Next decode_next(Cursor& cursor) {
    if (cursor.p != cursor.end) [[likely]] {
      if (const std::byte* const p = wire::decode_event_fast(cursor.p, cursor.end, cursor.event))
          [[likely]] {
        if (cursor.event.delta <= longest_delta_) [[likely]] {
          cursor.p = p;
          cursor.time = base::wrapping_add(cursor.time, clock_.duration(cursor.event.delta));
          cursor.is_decoded = true;
          return Next::Event;
        }
      }
    }
    return decode_next_slowly(cursor);
  }
  Next decode_next_slowly(Cursor& cursor);
  /// Instead of the event that is decoded and is later than latest_.
  Next decode_again(Cursor& cursor);
  void assume_threads();
  /// Where the event could not happen because a proc's thread is not known: whether it is now.
  bool assume_holder(const Cursor& cursor);

  /// Decodes the events of the heap's entries that are not decoded. False: not all were what their
  /// times said, and the heap has been put right.
  bool decode_heads();
  /// Where the head's event cannot happen: makes another thread's happen, or one by force, and says
  /// which entry of the heap's it is. False: broken, or (tolerant) an event was dropped.
  bool find_advanceable(std::uint32_t& index, Context& context);
  Scheduler::Verdict try_event(std::uint32_t i, Context& context);
  /// Not the head's. NotYet: none can happen, or that of `index` never will.
  Scheduler::Verdict try_others(std::uint32_t& index, Context& context);
  Scheduler::Verdict verdict_on(std::uint32_t culprit, std::uint32_t& index, Context& context);
  bool force(std::uint32_t index, Context& context, bool no_order);
  /// Whether going on with an event of this time would leave the head far behind.
  bool tries_patience(Time time) const;
  /// Asks some of the heap's entries from `begin` to `end`, none of which can happen yet, others
  /// each time, for their culprit.
  std::optional<std::uint32_t> find_culprit(std::uint32_t begin, std::uint32_t end);
  /// The cursor that this one waits for in the end, if that waits for an event that is not there or
  /// is broken; if they wait for one another in a circle, the earliest of them.
  std::optional<std::uint32_t> culprit_of(std::uint32_t cursor);
  /// Whose event a thread's waits for that cannot happen yet.
  struct Awaited {
    enum class Who : std::uint8_t { Nobody, Thread, Anybody };
    Who who = Who::Nobody;
    std::uint32_t cursor = 0;
  };
  Awaited awaited_by(const Cursor& cursor);
  /// Of an event that is still to come on another thread than the one that waits.
  Awaited bringer_of(const SequenceNumber& number, const Cursor& waiting);
  bool is_to_come(const Lookahead::Place& place) const;
  /// False where something is missing, and the event that is awaited comes so much later than the
  /// one that waits that it is another.
  bool is_near(const Cursor& awaited, const Cursor& waiting) const;
  void update(std::uint32_t i);
  void remove(std::uint32_t i);
  std::uint32_t sift_up(std::uint32_t i);
  [[gnu::always_inline]] void sift_down(std::uint32_t i) {
    // Which child is the earlier one is anybody's guess: no branch.
    Entry* const heap = heap_.data();
    const auto size = static_cast<std::uint32_t>(heap_.size());
    const Entry moved = heap[i];
    for (std::uint32_t child = 2 * i + 1; child < size; child = 2 * i + 1) {
      const std::uint32_t right = child + static_cast<std::uint32_t>(child + 1 < size);
      child = heap[right].time < heap[child].time ? right : child;
      if (heap[child].time >= moved.time) break;
      heap[i] = heap[child];
      i = child;
    }
    heap[i] = moved;
  }
  /// Whether an event of this time comes so late that its time says nothing any more.
  bool is_late(Time time) const;
  /// Whether the tables know all strings and stacks that the event names: a look at one bit each.
  bool knows_ids(const wire::TimedEvent& event) const {
    const IdArgs& ids = kIdArgs[static_cast<std::uint8_t>(event.type)];
    const auto knows = [&](std::uint8_t stack, std::uint8_t string) {
      const int both = int{known_stacks_.has(event.args[stack] & ids.stack_mask)} &
                       int{known_strings_.has(event.args[string] & ids.string_mask)};
      return both != 0;
    };
    const bool known = knows(ids.stack, ids.string);
    if (ids.has_second) [[unlikely]]
      return known && knows(ids.second_stack, ids.second_string);
    return known;
  }
  /// The same, id by id. Tolerant: sets those that are not known to 0.
  bool check_ids(Cursor& cursor);
  /// Tolerant: what is not known is 0 from now on, and counted when it is met for the first time.
  void forget_id(Defect defect, std::uint64_t& id, const Cursor& cursor, std::string message);
  void forget_stack(wire::CPUSampleRecord& sample);
  /// Where the event that is decoded begins.
  static const std::byte* begin_of_event(const Cursor& cursor);
  std::uint64_t offset_of(const std::byte* p) const {
    return generation_.trace_offset + static_cast<std::uint64_t>(p - generation_.trace.data());
  }
  /// Counts a defect of the event that is decoded.
  void report(Defect defect, const Cursor& cursor, std::string detail);
  /// Counts, or has commit() count, the regions that a goroutine left open.
  void note_ended(const Cursor& cursor);

  /// Delivers the cursor's event, which has happened in `context`. Strict, decodes the next one.
  template <class Sink>
  [[gnu::always_inline]] Next step(Sink& sink, Cursor& cursor, Context& context);
  /// Delivers the events behind `cursor.p` as long as they are such as Scheduler::advance_plainly()
  /// knows and nothing is odd about them. True: the next one is later than `limit`, and `next` its
  /// time. False: it must be looked at as a whole.
  template <class Sink>
  [[gnu::always_inline]] bool run_plainly(Sink& sink, Cursor& cursor, Time limit, Time& next);
  /// One such event, whose arguments begin at `p`; false: it has not happened.
  template <wire::EventType kType, class Sink>
  [[gnu::always_inline]] bool step_plainly(Sink& sink, const std::byte*& p, Time time,
                                           Thread& thread, Context& context);
  /// Where the head's event cannot happen: goes on with another thread's, or the head's by force,
  /// if it is not dropped; false: broken.
  template <class Sink>
  [[gnu::noinline]] bool step_aside(Sink& sink);
  /// An event that is more than itself; returns how many there were.
  template <class Sink>
  [[gnu::noinline]] unsigned deliver_more(Sink& sink, Cursor& cursor, const Context& context);

  Generation& generation_;
  State& state_;
  NameTable& names_;
  Health* health_;
  Assumptions* assumptions_;
  Scheduler scheduler_;
  Scheduler::Start start_;
  wire::TickClock clock_;
  std::uint64_t longest_delta_;  // of two events in a row, in ticks; see kLongestLeap
  Time latest_;                  // that an event can be; no time in the heap is later
  Time shift_;
  wire::IdSet known_stacks_;  // 0 among them
  wire::IdSet known_strings_;
  boost::unordered_flat_set<std::uint64_t> unknown_stacks_;  // that have been counted
  boost::unordered_flat_set<std::uint64_t> unknown_strings_;
  std::vector<Cursor> cursors_;
  std::vector<Entry> heap_;
  std::uint32_t forces_left_ = 0;       ///< events to force before all threads are asked again
  std::uint32_t next_asked_ = 0;        ///< see find_culprit()
  std::uint64_t tries_ = 0;             ///< calls of try_others()
  std::optional<Lookahead> lookahead_;  ///< once it was needed
  bool is_repaired_ = false;            ///< an event was forced, dropped or left out
  std::size_t next_sample_ = 0;
  std::string message_;
};

template <class Sink>
unsigned Ordering::deliver_more(Sink& sink, Cursor& cursor, const Context& context) {
  const wire::TimedEvent& event = cursor.event;
  if (scheduler_.has_ended()) note_ended(cursor);
  const auto in = [&](const Scheduler::Extra& extra) {
    Context its = extra.context;
    its.guessed = context.guessed;
    return its;
  };
  for (std::uint32_t i = 0; i < scheduler_.before_count(); i++) {
    const Scheduler::Extra& extra = scheduler_.before(i);
    sink.emit(extra.type, rise(cursor.time), in(extra), extra.args);
  }
  sink.emit(event.type, rise(cursor.time), context, event.args);
  for (std::uint32_t i = 0; i < scheduler_.after_count(); i++) {
    const Scheduler::Extra& extra = scheduler_.after(i);
    sink.emit(extra.type, rise(cursor.time), in(extra), extra.args);
  }
  return 1 + scheduler_.before_count() + scheduler_.after_count();
}

template <wire::EventType kType, class Sink>
inline bool Ordering::step_plainly(Sink& sink, const std::byte*& p, Time time, Thread& thread,
                                   Context& context) {
  constexpr const wire::EventSpec& kSpec = wire::kEventSpecs[static_cast<std::size_t>(kType)];
  wire::TimedEvent event;
  event.type = kType;
  auto& args = event.args;
  for (std::size_t i = 0; i + 1 < kSpec.arg_count; i++) {
    if (!wire::read_varint_fast(p, args[i])) [[unlikely]]
      return false;
  }
  for (const std::int8_t i : kSpec.stack_args) {
    if (i >= 0 && !known_stacks_.has(args[static_cast<std::size_t>(i)])) [[unlikely]]
      return false;
  }
  for (const std::int8_t i : kSpec.string_args) {
    if (i >= 0 && !known_strings_.has(args[static_cast<std::size_t>(i)])) [[unlikely]]
      return false;
  }
  context.goroutine = thread.goroutine;
  if (!scheduler_.advance_plainly(event, thread)) [[unlikely]]
    return false;
  sink.emit(kType, rise(time), context, args);
  return true;
}

template <class Sink>
inline bool Ordering::run_plainly(Sink& sink, Cursor& cursor, Time limit, Time& next) {
  using wire::EventType;
  constexpr std::ptrdiff_t kMostBytes = 1 + 5 * 8;  // of one event
  if (cursor.thread == nullptr || cursor.thread->proc == nullptr) return false;
  Thread& thread = *cursor.thread;
  // No plain event gives or takes the thread's proc.
  Context context{-1, thread.proc->id, thread.id};
  const std::byte* const end = cursor.end;
  const std::byte* p = cursor.p;
  Time time = cursor.time;
  while (end - p >= kMostBytes && !sink.full()) {
    const std::byte* args = p + 1;
    std::uint64_t delta = 0;
    if (!wire::read_varint_fast(args, delta) || delta > longest_delta_) break;
    next = base::wrapping_add(time, clock_.duration(delta));
    if (next > limit) {
      if (next > latest_) break;
      cursor.p = p;
      cursor.time = time;
      return true;
    }
    scheduler_.look_at(thread);
    bool happened = false;
    switch (static_cast<EventType>(*p)) {
#define MAREY_PLAIN(type)                                                        \
  case EventType::type:                                                          \
    happened = step_plainly<EventType::type>(sink, args, next, thread, context); \
    break;
      MAREY_PLAIN(GoStart)
      MAREY_PLAIN(GoUnblock)
      MAREY_PLAIN(GoBlock)
      MAREY_PLAIN(GoStop)
      MAREY_PLAIN(GoSyscallBegin)
      MAREY_PLAIN(GoSyscallEnd)
      MAREY_PLAIN(UserLog)
      MAREY_PLAIN(HeapAlloc)
      MAREY_PLAIN(GoCreate)
      MAREY_PLAIN(GoDestroy)
      MAREY_PLAIN(UserTaskBegin)
      MAREY_PLAIN(UserTaskEnd)
      MAREY_PLAIN(UserRegionBegin)
      MAREY_PLAIN(UserRegionEnd)
#undef MAREY_PLAIN
      default: break;
    }
    if (!happened) break;
    p = args;
    time = next;
  }
  cursor.p = p;
  cursor.time = time;
  return false;
}

template <class Sink>
inline Ordering::Next Ordering::step(Sink& sink, Cursor& cursor, Context& context) {
  if (!knows_ids(cursor.event) && !check_ids(cursor)) [[unlikely]] {
    decode_next(cursor);  // Go's reader would fail at that first
    return Next::Broken;
  }
  if (is_repaired_ && is_late(cursor.time)) [[unlikely]]
    context.guessed = true;
  unsigned delivered = 1;
  const Time last = state_.last_time;
  if (!scheduler_.has_more()) [[likely]] {
    sink.emit(cursor.event.type, rise(cursor.time), context, cursor.event.args);
  } else {
    delivered = deliver_more(sink, cursor, context);
  }
  if (context.guessed) [[unlikely]]
    health_->add_guessed(delivered, risen(base::wrapping_add(cursor.time, shift_), last));
  cursor.is_decoded = false;
  if (health_ != nullptr) [[likely]]
    return Next::Event;
  const Next next = decode_next(cursor);
  // Go's reader decodes the next event before it hands out this one, and loses it.
  if (next == Next::Broken) [[unlikely]]
    sink.undo(delivered);
  return next;
}

template <class Sink>
bool Ordering::step_aside(Sink& sink) {
  if (!decode_heads()) return true;
  Context context;
  std::uint32_t index = 0;
  if (!find_advanceable(index, context)) return message_.empty();
  Cursor& cursor = cursors_[heap_[index].cursor];
  Next next = step(sink, cursor, context);
  if (!cursor.is_decoded && next == Next::Event) next = decode_next_slowly(cursor);
  switch (next) {
    case Next::Event:
      heap_[index].time = cursor.time;
      update(index);
      return true;
    case Next::End: remove(index); return true;
    case Next::Broken: break;
  }
  return false;
}

template <class Sink>
Ordering::Outcome Ordering::run(Sink& sink) {
  for (;;) {
    const bool has_sample = next_sample_ < generation_.samples.size();
    if (has_sample && (heap_.empty() || generation_.samples[next_sample_].time < heap_[0].time)) {
      wire::CPUSampleRecord& sample = generation_.samples[next_sample_++];
      if (!generation_.tables.has_stack(sample.stack)) [[unlikely]]
        forget_stack(sample);
      sink.emit_sample(rise(sample.time), sample);
      if (sink.full()) return Outcome::Full;
      continue;
    }
    if (heap_.empty()) return Outcome::Done;

    // A run of events of one thread: the head's. Its entry in the heap is brought up to date at the
    // end of the run.
    Cursor& cursor = cursors_[heap_[0].cursor];
    Time limit = heap_.size() > 1 ? heap_[1].time : latest_;
    if (heap_.size() > 2) limit = std::min(limit, heap_[2].time);
    // A sample goes before the events that are later than it.
    if (has_sample) limit = std::min(limit, generation_.samples[next_sample_].time);
    for (;;) {
      if (cursor.is_decoded) {
        Context context;
        if (scheduler_.advance(cursor.event, cursor.thread, context) !=
            Scheduler::Verdict::Happened) [[unlikely]] {
          heap_[0].time = cursor.time;
          if (!step_aside(sink)) return Outcome::Broken;
          break;
        }
        if (const Next next = step(sink, cursor, context); next != Next::Event) [[unlikely]] {
          if (next == Next::Broken) return Outcome::Broken;
          remove(0);
          break;
        }
      }
      if (!cursor.is_decoded) [[likely]] {
        Time next = 0;
        if (!is_repaired_ && run_plainly(sink, cursor, limit, next)) {
          heap_[0].time = next;
          sift_down(0);
          break;
        }
        if (decode_next(cursor) == Next::End) [[unlikely]] {
          remove(0);
          break;
        }
      }
      if (cursor.time > limit) {
        if (cursor.time > latest_ && decode_again(cursor) == Next::End) [[unlikely]] {
          remove(0);
          break;
        }
        heap_[0].time = cursor.time;
        sift_down(0);
        break;
      }
      if (sink.full()) [[unlikely]] {
        heap_[0].time = cursor.time;
        return Outcome::Full;
      }
    }
    if (sink.full()) return Outcome::Full;
  }
}

}  // namespace marey::order
