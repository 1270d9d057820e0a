// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_life.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "src/analysis/call_site.h"

namespace marey::analysis {

using wire::EventType;

namespace {

bool is_creation(EventType type) {
  return type == EventType::GoCreate || type == EventType::GoCreateBlocked;
}

auto by_start(const Interval& interval) {
  return std::tuple(interval.start, interval.end, raw(interval.goroutine));
}

}  // namespace

void GoroutineLife::Earliest::add(const Interval& interval) {
  kept.push_back(interval);
  if (kept.size() >= 2 * kMostRows) limit();
}

void GoroutineLife::Earliest::merge(const Earliest& other) {
  kept.insert(kept.end(), other.kept.begin(), other.kept.end());
  left_out += other.left_out;
  limit();
}

void GoroutineLife::Earliest::limit() {
  if (kept.size() <= kMostRows) return;
  std::ranges::nth_element(kept, kept.begin() + kMostRows, {}, by_start);
  left_out += kept.size() - kMostRows;
  kept.resize(kMostRows);
}

Interests GoroutineLife::interests() const {
  Interests interests = summary_.interests();
  interests.brief = {};
  interests.stacks = true;
  return interests;
}

void GoroutineLife::intervals(std::span<const Interval> intervals,
                              const GoroutineTable& goroutines) {
  own_.clear();
  for (const Interval& interval : intervals) {
    if (interval.goroutine == goroutine_) {
      own_.push_back(interval);
      if (interval.state != GoState::NotExist) states_.add(interval);
    } else if (interval.state == GoState::Waiting && interval.end_by == goroutine_) {
      deeds_.add(interval);
    } else if (interval.start_by == goroutine_ && is_creation(interval.start_event)) {
      deeds_.add(interval);
    }
  }
  summary_.intervals(own_, goroutines);
}

void GoroutineLife::ranges(std::span<const RangeInterval> ranges) {
  own_ranges_.clear();
  for (const RangeInterval& range : ranges) {
    if (range.goroutine == goroutine_) own_ranges_.push_back(range);
  }
  summary_.ranges(own_ranges_);
}

void GoroutineLife::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<GoroutineLife&>(next);
  summary_.merge(other.summary_, slots);
  states_.merge(other.states_);
  deeds_.merge(other.deeds_);
}

void GoroutineLife::finish(const TraceContext& context, Findings& findings) {
  summary_.finish(context, findings);
  add_states(context.vocabulary, findings);
  add_deeds(context.vocabulary, findings);
}

void GoroutineLife::add_states(const Vocabulary& vocabulary, Findings& findings) {
  states_.limit();
  std::ranges::sort(states_.kept, {}, by_start);
  table::Table table("states", "What it did",
                     "Every state that the goroutine was in, one after the other. The stack of a "
                     "row's evidence is that of the place.");
  const auto at = table.add_time("at", "At", "When the state began.");
  const auto duration = table.add_duration("duration", "Duration", "How long it lasted.");
  const auto state = table.add_text("state", "State", "Runnable, Running, Waiting or Syscall.");
  const auto reason =
      table.add_text("reason", "Reason", "Why it waits, or was stopped before it was runnable.");
  const CallSiteColumns site(table);
  const auto by = table.add_id("by", "Made runnable by",
                               "Of Runnable: the goroutine that created or unblocked it; none: a "
                               "timer, the network or the runtime did.",
                               "goroutine");
  const auto by_function =
      table.add_text("by_function", "In", "The function in which that was done.");
  const auto by_place = table.add_path("by_place", "There", "File and line.");
  const auto proc = table.add_id("proc", "Proc", "Of Running and Syscall: where.", "proc");
  const auto thread = table.add_id("thread", "Thread", "The same.", "thread");
  for (const Interval& interval : states_.kept) {
    const bool runs = interval.state == GoState::Running;
    const StackNumber stack = runs ? interval.end_stack : interval.own_stack;
    auto row = table.add_row();
    row.set(at, interval.start)
        .set(duration, interval.duration())
        .set(state, name_of(interval.state))
        .set(reason, vocabulary.of(interval.reason))
        .range(interval.start, interval.end)
        .goroutine(interval.goroutine);
    site.set(row, call_site_of(vocabulary, stack));
    if (stack != StackNumber::None) row.stack(vocabulary.text_of(stack));
    if (runs || interval.state == GoState::Syscall) {
      row.set(proc, interval.start_proc).set(thread, interval.start_thread);
    } else if (interval.state == GoState::Runnable && interval.start_by != goroutine_) {
      const CallSite waker = call_site_of(vocabulary, interval.stack);
      row.set(by, interval.start_by).set(by_function, waker.function).set(by_place, waker.place);
    }
  }
  table.add_omitted(states_.left_out);
  findings.tables.push_back(std::move(table));
}

void GoroutineLife::add_deeds(const Vocabulary& vocabulary, Findings& findings) {
  deeds_.limit();
  const auto is_created = [](const Interval& deed) { return is_creation(deed.start_event); };
  const auto when = [&](const Interval& deed) { return is_created(deed) ? deed.start : deed.end; };
  std::ranges::sort(deeds_.kept, {}, [&](const Interval& deed) {
    return std::tuple(when(deed), raw(deed.goroutine));
  });
  table::Table table("wakes", "Whom it created and unblocked",
                     "The goroutines that it created or unblocked, one after the other. The stack "
                     "of a row's evidence is its own.");
  const auto at = table.add_time("at", "At", "When it did.");
  const auto what = table.add_text("what", "What", "'created' or 'unblocked'.");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "The other one.", "goroutine");
  const auto blocked = table.add_duration("blocked", "Blocked",
                                          "Of one that was unblocked: how long it had waited.");
  const auto reason = table.add_text("reason", "Reason", "Why that had waited.");
  const CallSiteColumns site(table);
  for (const Interval& deed : deeds_.kept) {
    const bool created = is_created(deed);
    const StackNumber stack = created ? deed.stack : deed.end_stack;
    auto row = table.add_row();
    row.set(at, when(deed))
        .set(what, created ? "created" : "unblocked")
        .set(goroutine, deed.goroutine)
        .range(deed.start, created ? deed.start : deed.end)
        .goroutine(deed.goroutine);
    if (!created) {
      row.set(blocked, deed.duration()).set(reason, vocabulary.of(deed.reason));
    }
    site.set(row, call_site_of(vocabulary, stack));
    if (stack != StackNumber::None) row.stack(vocabulary.text_of(stack));
  }
  table.add_omitted(deeds_.left_out);
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
