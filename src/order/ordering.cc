// SPDX-License-Identifier: Apache-2.0
#include "src/order/ordering.h"

#include <fmt/format.h>
#include <utility>

#include "src/base/go_sort.h"

namespace marey::order {

using wire::DecodeFault;
using wire::EventType;

namespace {

Time latest_time(const Generation& generation) {
  const Time time =
      wire::ticks_to_time(generation.latest_event, generation.tables.sync.nanoseconds_per_tick);
  return time < 0 ? std::numeric_limits<Time>::max() : time;  // does not fit
}

}  // namespace

Ordering::Ordering(Generation& generation, State& state, NameTable& names, Scheduler::Start start,
                   Health* health, Assumptions* assumptions, Time shift)
    : generation_(generation),
      state_(state),
      names_(names),
      health_(health),
      assumptions_(assumptions),
      scheduler_(state, names, generation.tables, start, generation.layout.version, assumptions),
      start_(start),
      clock_(generation.tables.sync.nanoseconds_per_tick),
      longest_delta_(generation.longest_delta),
      latest_(latest_time(generation)),
      shift_(shift),
      known_stacks_(generation.tables.stacks().presence()),
      known_strings_(generation.tables.strings().presence()) {
  known_stacks_.add(0);  // no stack, and the empty string
  known_strings_.add(0);
  state_.generation++;
}

Result<void> Ordering::begin() {
  cursors_.resize(generation_.threads.size());
  heap_.reserve(cursors_.size());
  for (std::uint32_t i = 0; i < cursors_.size(); i++) {
    Cursor& cursor = cursors_[i];
    cursor.batches = i;
    const ThreadID thread = generation_.threads[i].thread;
    if (thread != kNoThread) cursor.thread = state_.thread(raw(thread));
    const Next next = decode_next_slowly(cursor);
    if (next == Next::Broken) return input_error(message_);
    if (next == Next::End) continue;
    heap_.push_back({cursor.time, i});
    sift_up(static_cast<std::uint32_t>(heap_.size() - 1));
  }
  if (start_ == Scheduler::Start::Derived) assume_threads();
  return {};
}

Time Ordering::first_time() const {
  Time time = std::numeric_limits<Time>::max();
  if (!heap_.empty()) time = heap_[0].time;
  if (!generation_.samples.empty()) time = std::min(time, generation_.samples[0].time);
  return time;
}

void Ordering::assume_threads() {
  // The runtime writes the status of a thread's proc and goroutine before the thread's first event
  // of the generation, so the statuses at the head of its batches tell what it held all along.
  for (const Cursor& cursor : cursors_) {
    if (cursor.thread == nullptr || cursor.end == nullptr) continue;
    std::int64_t proc = -1;
    std::int64_t goroutine = -1;
    auto proc_status = wire::ProcStatus::Bad;
    auto goroutine_status = wire::GoStatus::Bad;
    wire::TimedEvent event = cursor.event;
    const std::byte* p = cursor.p;
    for (;;) {
      if (event.type == EventType::ProcStatus) {
        const auto status = static_cast<wire::ProcStatus>(event.args[1] & 0xff);
        if (proc == -1 &&
            (status == wire::ProcStatus::Running || status == wire::ProcStatus::Syscall)) {
          proc = static_cast<std::int64_t>(event.args[0]);
          proc_status = status;
        }
      } else if (event.type == EventType::GoStatus || event.type == EventType::GoStatusStack) {
        const auto status = static_cast<wire::GoStatus>(event.args[2] & 0xff);
        const bool here = static_cast<std::int64_t>(event.args[1]) == cursor.thread->id;
        if (goroutine == -1 &&
            (status == wire::GoStatus::Running || (status == wire::GoStatus::Syscall && here))) {
          goroutine = static_cast<std::int64_t>(event.args[0]);
          goroutine_status = status;
        }
      } else if (event.type != EventType::GCActive && event.type != EventType::GCSweepActive &&
                 event.type != EventType::GCMarkAssistActive) {
        break;
      }
      DecodeFault fault{};
      if (p == cursor.end) break;
      p = wire::decode_event_plain(p, cursor.end, event, fault);
      if (p == nullptr) break;
    }
    if (proc != -1 || goroutine != -1) {
      scheduler_.assume_thread(cursor.thread, proc, proc_status, goroutine, goroutine_status);
    }
  }
}

Ordering::Next Ordering::decode_next_slowly(Cursor& cursor) {
  const std::span batches = generation_.threads[cursor.batches].batches;
  std::optional<Defect> gap;  // has taken the rest of a batch, and time up to the next one
  for (;;) {
    if (cursor.p == cursor.end) {
      if (cursor.next_batch == batches.size()) return Next::End;
      const wire::BatchRef& batch = generation_.layout.batches[batches[cursor.next_batch]];
      const auto bytes = generation_.bytes_of(batch);
      cursor.next_batch++;
      const bool is_first = cursor.end == nullptr;
      if (generation_.leaps(batch)) {
        health_->add({Defect::TimeLeaps, batch.offset, generation_.layout.number, batch.size, 0,
                      fmt::format("thread {}: the base time of a batch is {} ticks",
                                  raw(batch.thread), batch.time)});
        is_repaired_ = true;
        if (!gap && !is_first) gap = Defect::TimeLeaps;
        continue;
      }
      const Time time = clock_.duration(batch.time);
      if (health_ != nullptr && !is_first && time < cursor.time) {
        health_->add({Defect::TimeRunsBackwards, batch.offset, generation_.layout.number, 0, 0,
                      fmt::format("thread {}: by {} ns", raw(batch.thread),
                                  base::wrapping_subtract(cursor.time, time))});
        is_repaired_ = true;
      }
      if (gap && cursor.thread != nullptr && time > cursor.time) {
        health_->add_time_lost(*gap,
                               std::max(Duration{0}, base::wrapping_subtract(time, cursor.time)));
      }
      gap.reset();
      cursor.time = time;
      cursor.p = bytes.data();
      cursor.end = bytes.data() + bytes.size();
    }
    DecodeFault fault{};
    const std::byte* const p = wire::decode_event_plain(cursor.p, cursor.end, cursor.event, fault);
    const Time time = base::wrapping_add(cursor.time, clock_.duration(cursor.event.delta));
    const bool leaps = p != nullptr && (cursor.event.delta > longest_delta_ || time > latest_);
    if (p != nullptr && !leaps) {
      cursor.p = p;
      cursor.time = time;
      cursor.is_decoded = true;
      return Next::Event;
    }
    const auto type = static_cast<unsigned>(*cursor.p);
    std::string message;
    switch (fault) {
      case DecodeFault::None:
        message = fmt::format("{} is {} ticks behind its thread's last event",
                              wire::spec_of(cursor.event.type).name, cursor.event.delta);
        break;
      case DecodeFault::InvalidType:
        message = fmt::format("found invalid event type: {}", type);
        break;
      case DecodeFault::NoTimestamp:
        message = fmt::format("found event without a timestamp: type={}", type);
        break;
      case DecodeFault::BadTimestamp: message = "found invalid uvarint for timestamp"; break;
      case DecodeFault::BadArgument: message = "found invalid uvarint"; break;
    }
    if (health_ == nullptr) {
      message_ = std::move(message);
      return Next::Broken;
    }
    gap = leaps ? Defect::TimeLeaps : Defect::BadBatch;
    is_repaired_ = true;
    health_->add({*gap, offset_of(cursor.p), generation_.layout.number,
                  static_cast<std::uint64_t>(cursor.end - cursor.p), 0, std::move(message)});
    cursor.p = cursor.end;
    cursor.event = {};
  }
}

Ordering::Next Ordering::decode_again(Cursor& cursor) {
  cursor.p = begin_of_event(cursor);
  cursor.time = base::wrapping_subtract(cursor.time, clock_.duration(cursor.event.delta));
  cursor.is_decoded = false;
  return decode_next_slowly(cursor);
}

bool Ordering::assume_holder(const Cursor& cursor) {
  const auto& args = cursor.event.args;
  const bool is_abandoned =
      cursor.event.type == EventType::ProcStatus &&
      static_cast<wire::ProcStatus>(args[1] & 0xff) == wire::ProcStatus::SyscallAbandoned;
  if (start_ != Scheduler::Start::Derived || !is_abandoned) return false;
  if (state_.procs.find(args[0]) != nullptr) return false;
  // The runtime writes this status right before the ProcSteal, which names the thread.
  wire::TimedEvent steal;
  DecodeFault fault{};
  std::int64_t thread = -1;
  if (cursor.p != cursor.end &&
      wire::decode_event_plain(cursor.p, cursor.end, steal, fault) != nullptr &&
      steal.type == EventType::ProcSteal && steal.args[0] == args[0]) {
    thread = static_cast<std::int64_t>(steal.args[2]);
  }
  return scheduler_.assume_holder(static_cast<std::int64_t>(args[0]), thread);
}

bool Ordering::decode_heads() {
  constexpr std::uint32_t kGone = UINT32_MAX;
  bool as_expected = true;
  for (Entry& entry : heap_) {
    Cursor& cursor = cursors_[entry.cursor];
    if (cursor.is_decoded) continue;
    if (decode_next_slowly(cursor) == Next::End) {
      entry.cursor = kGone;
      as_expected = false;
      continue;
    }
    as_expected = as_expected && cursor.time == entry.time;
    entry.time = cursor.time;
  }
  if (!as_expected) {
    std::erase_if(heap_, [](const Entry& entry) { return entry.cursor == kGone; });
    std::ranges::stable_sort(heap_, {}, &Entry::time);  // sorted, it is a heap
  }
  return as_expected;
}

Scheduler::Verdict Ordering::try_event(std::uint32_t i, Context& context) {
  Cursor& cursor = cursors_[heap_[i].cursor];
  const Scheduler::Verdict verdict = scheduler_.advance(cursor.event, cursor.thread, context);
  if (verdict != Scheduler::Verdict::Broken || !assume_holder(cursor)) return verdict;
  return scheduler_.advance(cursor.event, cursor.thread, context);
}

Scheduler::Verdict Ordering::try_others(std::uint32_t& index, Context& context) {
  using Verdict = Scheduler::Verdict;
  const Cursor* const head = &cursors_[heap_[0].cursor];
  // Sorted, it still is a heap. Go passes over what comes first then, taking it for the head,
  // though its sorting may have put another of the same time there.
  base::go_sort(heap_, [](const Entry& a, const Entry& b) { return a.time <=> b.time; });
  const std::uint32_t tried = health_ != nullptr && &cursors_[heap_[0].cursor] != head ? 1 : 0;
  const auto size = static_cast<std::uint32_t>(heap_.size());
  tries_++;
  if (tried == 0) cursors_[heap_[0].cursor].stuck_at = tries_;
  for (std::uint32_t next = 1; next < size + tried; next++) {
    index = next % size;
    if (health_ != nullptr && tries_patience(heap_[index].time)) {
      if (const auto culprit = find_culprit(tried, index))
        return verdict_on(*culprit, index, context);
    }
    const Verdict verdict = try_event(index, context);
    if (verdict == Verdict::Happened || (verdict == Verdict::Broken && health_ == nullptr)) {
      return verdict;
    }
    Cursor& cursor = cursors_[heap_[index].cursor];
    cursor.stuck_at = tries_;
    // Its time may not have come yet: what is behind the head may make it possible.
    if (verdict == Verdict::Broken) cursor.broken_at = tries_;
  }
  index = 0;
  if (health_ == nullptr) return Verdict::NotYet;
  // With many threads stuck, asking all of them before each event that is forced would take time
  // that grows with their square.
  forces_left_ = size / 16;
  for (const Entry& entry : heap_) {
    if (const auto culprit = culprit_of(entry.cursor)) return verdict_on(*culprit, index, context);
  }
  return Verdict::NotYet;
}

Scheduler::Verdict Ordering::verdict_on(std::uint32_t culprit, std::uint32_t& index,
                                        Context& context) {
  const auto entry = std::ranges::find(heap_, culprit, &Entry::cursor);
  index = static_cast<std::uint32_t>(entry - heap_.begin());
  // Asked again, for the reason.
  return cursors_[culprit].broken_at == tries_ ? try_event(index, context)
                                               : Scheduler::Verdict::NotYet;
}

bool Ordering::tries_patience(Time time) const {
  // Making a Lookahead takes about as long as ordering the generation does. In sound traces threads
  // wait for one another where they were preempted between a number and its time stamp.
  constexpr Duration kPatience = 100'000;
  return base::wrapping_subtract(time, heap_[0].time) > (is_repaired_ ? 0 : kPatience);
}

std::optional<std::uint32_t> Ordering::find_culprit(std::uint32_t begin, std::uint32_t end) {
  constexpr std::uint32_t kMost = 4;
  const std::uint32_t count = end - begin;
  for (std::uint32_t asked = 0; asked < std::min(count, kMost); asked++) {
    const std::uint32_t cursor = heap_[begin + next_asked_++ % count].cursor;
    if (cursors_[cursor].broken_at == tries_) continue;  // nobody waits for it yet
    if (const auto culprit = culprit_of(cursor)) return culprit;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Ordering::culprit_of(std::uint32_t cursor) {
  constexpr unsigned kLongest = 32;  // of a chain of threads that wait for one another
  std::uint32_t at = cursor;
  std::uint32_t earliest = cursor;
  for (unsigned steps = 0; steps < kLongest; steps++) {
    if (cursors_[at].broken_at == tries_) return at;
    const Awaited awaited = awaited_by(cursors_[at]);
    if (awaited.who == Awaited::Who::Nobody) return at;
    if (awaited.who == Awaited::Who::Anybody) return std::nullopt;
    at = awaited.cursor;
    if (cursors_[at].stuck_at != tries_) return std::nullopt;
    if (at == cursor) return earliest;
    if (cursors_[at].time < cursors_[earliest].time) earliest = at;
  }
  return std::nullopt;
}

Ordering::Awaited Ordering::awaited_by(const Cursor& cursor) {
  using For = Scheduler::Wait::For;
  using Who = Awaited::Who;
  const Scheduler::Wait wait = scheduler_.wait_of(cursor.event, cursor.thread);
  if (generation_.layout.end - generation_.layout.begin > UINT32_MAX) return {Who::Anybody, 0};
  Awaited awaited;
  if (wait.what == For::Thread) {
    constexpr std::uint32_t kMost = 64;  // of threads to look at, on average
    if (next_asked_ % heap_.size() >= kMost) return {Who::Anybody, 0};
    const auto holder = std::ranges::find_if(heap_, [&](const Entry& entry) {
      const Thread* const thread = cursors_[entry.cursor].thread;
      return thread != nullptr && wait.is_held_by(*thread);
    });
    if (holder != heap_.end() && is_near(cursors_[holder->cursor], cursor)) {
      awaited = {Who::Thread, holder->cursor};
    }
  } else if (wait.what == For::Numbers) {
    awaited = bringer_of(wait.last, cursor);
    if (awaited.who != Who::Nobody) awaited = bringer_of(wait.next, cursor);
  }
  // Or the goroutine ends, and its id is given to another.
  if (wait.first && bringer_of(*wait.first, cursor).who != Who::Nobody) return {Who::Anybody, 0};
  return awaited;
}

bool Ordering::is_near(const Cursor& awaited, const Cursor& waiting) const {
  constexpr Duration kFar = 1'000'000;
  return !is_repaired_ || base::wrapping_subtract(awaited.time, waiting.time) <= kFar;
}

Ordering::Awaited Ordering::bringer_of(const SequenceNumber& number, const Cursor& waiting) {
  if (!lookahead_) lookahead_.emplace(generation_);
  Awaited awaited;
  const bool are_several = lookahead_->any_of(number, [&](const Lookahead::Place& place) {
    if (place.thread == waiting.batches || !is_to_come(place)) return false;
    if (!is_near(cursors_[place.thread], waiting)) return false;
    if (awaited.who == Awaited::Who::Thread) return true;
    awaited = {Awaited::Who::Thread, place.thread};
    return false;
  });
  return are_several ? Awaited{Awaited::Who::Anybody, 0} : awaited;
}

bool Ordering::is_to_come(const Lookahead::Place& place) const {
  const Cursor& cursor = cursors_[place.thread];
  if (cursor.next_batch == 0) return true;
  const std::uint32_t current = generation_.threads[place.thread].batches[cursor.next_batch - 1];
  if (place.batch != current) return place.batch > current;
  const std::byte* const next = cursor.is_decoded ? begin_of_event(cursor) : cursor.p;
  return place.offset >= offset_of(next);
}

bool Ordering::find_advanceable(std::uint32_t& index, Context& context) {
  // The caller has tried the head; ask again for its verdict, which changes nothing else.
  index = 0;
  Scheduler::Verdict verdict = try_event(index, context);
  if (verdict == Scheduler::Verdict::NotYet) {
    if (forces_left_ > 0) {
      forces_left_--;
    } else {
      verdict = try_others(index, context);
    }
  }
  if (verdict == Scheduler::Verdict::Happened) return true;
  const bool no_order = verdict == Scheduler::Verdict::NotYet;
  if (health_ == nullptr) {
    message_ = no_order ? "broken trace: failed to advance: no thread's next event can happen"
                        : scheduler_.message();
    if (message_.empty()) message_ = "broken trace";
    return false;
  }
  return force(index, context, no_order);
}

bool Ordering::force(std::uint32_t index, Context& context, bool no_order) {
  Cursor& cursor = cursors_[heap_[index].cursor];
  Defect defect = no_order ? Defect::NoOrder : scheduler_.defect();
  // Where something is missing, it may have been the end of a region within: no misuse then.
  if (defect == Defect::MisnestedRegion && (is_repaired_ || !generation_.layout.whole)) {
    defect = Defect::ImpossibleTransition;
  }
  std::string message = no_order ? fmt::format("{} waits for an event that does not come",
                                               wire::spec_of(cursor.event.type).name)
                                 : scheduler_.message();
  // A name that is lost is no reason to doubt the event.
  const bool is_nameless = defect == Defect::UnknownString;
  const bool is_damage = spec_of(defect).severity == Severity::Damage && !is_nameless;
  is_repaired_ = is_repaired_ || is_damage;
  check_ids(cursor);  // ids that are not known would stop it again
  if (scheduler_.force(cursor.event, cursor.thread, is_nameless) &&
      scheduler_.advance(cursor.event, cursor.thread, context) == Scheduler::Verdict::Happened) {
    if (!is_nameless) report(defect, cursor, std::move(message));
    context.guessed = is_damage;
    return true;
  }
  is_repaired_ = true;
  report(Defect::DroppedEvent, cursor, std::move(message));
  if (decode_next_slowly(cursor) == Next::End) {
    remove(index);
  } else {
    heap_[index].time = cursor.time;
    update(index);
  }
  return false;
}

bool Ordering::is_late(Time time) const {
  // Clocks and preempted threads make events of sound traces late by some microseconds.
  constexpr Duration kMost = 10'000;
  const Time own = base::wrapping_add(time, shift_);
  Duration late = 0;
  return own < state_.last_time &&
         (__builtin_sub_overflow(state_.last_time, own, &late) || late > kMost);
}

bool Ordering::check_ids(Cursor& cursor) {
  wire::TimedEvent& event = cursor.event;
  const wire::EventSpec& spec = wire::spec_of(event.type);
  for (const std::int8_t i : spec.stack_args) {
    if (i < 0) break;
    std::uint64_t& id = event.args[static_cast<std::size_t>(i)];
    if (generation_.tables.has_stack(StackID{id})) [[likely]]
      continue;
    std::string message = fmt::format("found invalid stack ID {} for event {}", id, spec.name);
    if (health_ == nullptr) {
      message_ = std::move(message);
      return false;
    }
    forget_id(Defect::UnknownStack, id, cursor, std::move(message));
  }
  for (const std::int8_t i : spec.string_args) {
    if (i < 0) break;
    std::uint64_t& id = event.args[static_cast<std::size_t>(i)];
    if (generation_.tables.has_string(StringID{id})) [[likely]]
      continue;
    std::string message = fmt::format("found invalid string ID {} for event {}", id, spec.name);
    if (health_ == nullptr) {
      message_ = std::move(message);
      return false;
    }
    forget_id(Defect::UnknownString, id, cursor, std::move(message));
  }
  return true;
}

void Ordering::forget_id(Defect defect, std::uint64_t& id, const Cursor& cursor,
                         std::string message) {
  auto& counted = defect == Defect::UnknownStack ? unknown_stacks_ : unknown_strings_;
  if (counted.insert(id).second) report(defect, cursor, std::move(message));
  id = 0;
}

void Ordering::forget_stack(wire::CPUSampleRecord& sample) {
  // Go's reader does not look, and panics when the stack is asked for.
  if (health_ != nullptr && unknown_stacks_.insert(raw(sample.stack)).second) {
    health_->add({Defect::UnknownStack, generation_.layout.begin, generation_.layout.number, 0, 0,
                  fmt::format("found invalid stack ID {} for a CPU sample", raw(sample.stack))});
  }
  sample.stack = StackID{};
}

const std::byte* Ordering::begin_of_event(const Cursor& cursor) {
  // It need not be remembered: each varint ends in the only one of its bytes that lacks the highest
  // bit. An experimental event's type has that bit, and so looks like a part of the time.
  const std::byte* p = cursor.p;
  for (unsigned varints = wire::spec_of(cursor.event.type).arg_count; varints > 0; varints--) {
    do p--;
    while ((p[-1] & std::byte{0x80}) != std::byte{});
  }
  return static_cast<std::uint8_t>(cursor.event.type) > wire::kMaxEvent ? p : p - 1;
}

void Ordering::report(Defect defect, const Cursor& cursor, std::string detail) {
  health_->add({defect, offset_of(begin_of_event(cursor)), generation_.layout.number, 0, 0,
                std::move(detail)});
}

void Ordering::note_ended(const Cursor& cursor) {
  EndedGoroutine ended = scheduler_.take_ended();
  // Where something is missing, it may have been the regions' ends.
  if (health_ == nullptr || is_repaired_ || !generation_.layout.whole) return;
  ended.offset = offset_of(begin_of_event(cursor));
  if (assumptions_ != nullptr && assumptions_->speculative) {
    assumptions_->ended_goroutines.push_back(std::move(ended));
  } else {
    report_unclosed_regions(ended, names_, generation_.layout.number, *health_);
  }
}

// The heap, as Go's batchcursor.go sifts it.

std::uint32_t Ordering::sift_up(std::uint32_t i) {
  while (i > 0 && heap_[(i - 1) / 2].time > heap_[i].time) {
    std::swap(heap_[(i - 1) / 2], heap_[i]);
    i = (i - 1) / 2;
  }
  return i;
}

void Ordering::update(std::uint32_t i) {
  if (sift_up(i) == i) sift_down(i);
}

void Ordering::remove(std::uint32_t i) {
  while (i > 0) {
    std::swap(heap_[(i - 1) / 2], heap_[i]);
    i = (i - 1) / 2;
  }
  std::swap(heap_.front(), heap_.back());
  heap_.pop_back();
  if (!heap_.empty()) sift_down(0);
}

}  // namespace marey::order
