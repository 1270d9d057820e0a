// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_life.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/analysis/call_site.h"

namespace marey::analysis {

using wire::EventType;

namespace {

bool is_creation(EventType type) {
  return type == EventType::GoCreate || type == EventType::GoCreateBlocked ||
         type == EventType::GoCreateSyscall;
}

bool is_end(EventType type) {
  return type == EventType::GoDestroy || type == EventType::GoDestroySyscall;
}

/// The trace has the event.
bool is_event(Edge edge) { return edge == Edge::Seen || edge == Edge::Guess; }

std::string_view how_it_began(const Interval& life) {
  switch (life.start_edge) {
    case Edge::Seen: return "created";
    case Edge::Trace: return "there when the trace began";
    default: return "hidden by damage";
  }
}

std::string_view how_it_ended(const Interval& life, bool was_destroyed) {
  switch (life.end_edge) {
    case Edge::Seen: return was_destroyed ? "ended" : "waits for ever";
    case Edge::Trace: return "alive when the trace ended";
    default: return "hidden by damage";
  }
}

/// Of intervals that are sorted by one of their ends, the first that has it at `time`; nullptr:
/// there is none.
const Interval* find(const std::vector<Interval>& sorted, Time Interval::* end, Time time) {
  const auto it = std::ranges::lower_bound(sorted, time, {}, end);
  return it == sorted.end() || (*it).*end != time ? nullptr : &*it;
}

}  // namespace

bool GoroutineLife::Before::operator()(const Interval& a, const Interval& b) const {
  const auto key = [](const Interval& interval) {
    return std::tuple(interval.start, interval.end, interval.state);
  };
  return key(a) < key(b);
}

bool GoroutineLife::Before::operator()(const Deed& a, const Deed& b) const {
  const auto key = [](const Deed& deed) {
    return std::tuple(deed.at, raw(deed.goroutine), !deed.is_creation);
  };
  return key(a) < key(b);
}

Interests GoroutineLife::interests() const {
  Interests interests = summary_.interests();
  interests.brief = {};
  interests.stacks = true;
  // What it did to others counts while it is in the scope, wherever those are.
  interests.states_view = View::All;
  interests.ranges_view = View::All;
  return interests;
}

void GoroutineLife::intervals(std::span<const Interval> intervals,
                              const GoroutineTable& goroutines) {
  own_.clear();
  for (const Interval& interval : intervals) {
    if (interval.goroutine != goroutine_) {
      add_deeds(interval);
      continue;
    }
    own_.push_back(interval);
    if (interval.state == GoState::NotExist) continue;
    if (is_creation(interval.start_event)) births_.add(interval);
    if (is_end(interval.end_event) || interval.end_edge != Edge::Seen) deaths_.add(interval);
  }
  if (own_.empty()) return;
  own_parts_.clear();
  own_wholes_.clear();
  apply(scope_, own_, own_parts_, own_wholes_);
  for (const Interval& part : own_parts_) {
    if (part.state != GoState::NotExist) states_.add(part);
  }
  for (const Interval& whole : own_wholes_) {
    if (whole.state == GoState::NotExist && !whole.is_outside) lives_.add(whole);
  }
  summary_.intervals(own_parts_, goroutines);
}

void GoroutineLife::add_deeds(const Interval& interval) {
  // Of a coroutine, which is created blocked, both can be true.
  if (interval.start_by == goroutine_ && is_creation(interval.start_event) &&
      scope_.has(goroutine_, interval.start)) {
    deeds_.add({interval.start, interval.goroutine, true, interval.start, interval.reason,
                interval.stack});
  }
  if (interval.state == GoState::Waiting && interval.end_by == goroutine_ &&
      scope_.has(goroutine_, interval.end)) {
    deeds_.add({interval.end, interval.goroutine, false, interval.start, interval.reason,
                interval.end_stack});
  }
}

void GoroutineLife::ranges(std::span<const RangeInterval> ranges) {
  own_ranges_.clear();
  for (const RangeInterval& range : ranges) {
    if (range.goroutine == goroutine_) own_ranges_.push_back(range);
  }
  if (own_ranges_.empty()) return;
  own_range_parts_.clear();
  own_range_wholes_.clear();
  apply(scope_, own_ranges_, own_range_parts_, own_range_wholes_);
  summary_.ranges(own_range_parts_);
}

void GoroutineLife::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<GoroutineLife&>(next);
  summary_.merge(other.summary_, slots);
  lives_.merge(other.lives_);
  births_.merge(other.births_);
  deaths_.merge(other.deaths_);
  states_.merge(other.states_);
  deeds_.merge(other.deeds_);
}

void GoroutineLife::finish(const TraceContext& context, Findings& findings) {
  summary_.finish(context, findings);
  add_life_table(context.vocabulary, findings);
  add_states_table(context.vocabulary, findings);
  add_deeds_table(context.vocabulary, findings);
}

void GoroutineLife::add_life_table(const Vocabulary& vocabulary, Findings& findings) {
  table::Table table("life", "Its begin and its end",
                     "Who created the goroutine, and how it ended, also where that lies outside "
                     "the time that was asked for. A row's evidence has the whole stack.");
  const auto what = table.add_text("what", "What", "'begin' or 'end'.");
  const auto at =
      table.add_time("at", "At", "When; the trace's begin or end where it lies beyond.");
  const auto how = table.add_text(
      "how", "How",
      "Of a begin: 'created', or 'there when the trace began'. Of an end: 'ended', 'waits for "
      "ever' (Go says of such a wait that nothing will end it), or 'alive when the trace ended'. "
      "Of both: 'hidden by damage'.");
  const auto by = table.add_id("by", "By",
                               "Of one that was created: the goroutine that did; none: a call from "
                               "C made it, or the runtime.",
                               "goroutine");
  const auto state = table.add_text(
      "state", "State", "Of an end: the state that it was in. Of a begin: the one it began in.");
  const CallSiteColumns site(table);
  const auto set_place = [&](table::Table::Row& row, StackNumber stack) {
    site.set(row, call_site_of(vocabulary, stack));
    if (stack != StackNumber::None) row.stack(vocabulary.text_of(stack));
  };
  const std::vector<Interval>& births = births_.sorted();
  std::vector<Interval> deaths = deaths_.sorted();
  std::ranges::stable_sort(deaths, {}, &Interval::end);  // which damage can have in disorder
  for (const Interval& life : lives_.sorted()) {
    auto row = table.add_row();
    row.set(what, "begin")
        .set(at, life.start)
        .set(how, how_it_began(life))
        .range(life.start, life.end)
        .goroutine(life.goroutine);
    const Interval* const birth = find(births, &Interval::start, life.start);
    if (life.start_edge == Edge::Seen && birth != nullptr) {
      row.set(by, birth->start_by).set(state, name_of(birth->state));
      set_place(row, birth->stack);
    }
    const Interval* const death = find(deaths, &Interval::end, life.end);
    const bool was_destroyed = death != nullptr && is_end(death->end_event);
    auto last = table.add_row();
    last.set(what, "end")
        .set(at, life.end)
        .set(how, how_it_ended(life, was_destroyed))
        .range(life.start, life.end)
        .goroutine(life.goroutine);
    if (death == nullptr) continue;
    last.set(state, name_of(death->state));
    // One that runs is by then elsewhere.
    if (!was_destroyed && death->state != GoState::Running) set_place(last, death->own_stack);
  }
  table.add_omitted(2 * lives_.left_out());
  findings.tables.push_back(std::move(table));
}

void GoroutineLife::add_states_table(const Vocabulary& vocabulary, Findings& findings) {
  table::Table table("states", "What it did",
                     "Every state that the goroutine was in, one after the other. A row's evidence "
                     "has the whole stacks, of the begin and of the end.");
  const auto at = table.add_time("at", "At", "When the state began.");
  const auto duration = table.add_duration("duration", "Duration", "How long it lasted.");
  const auto state = table.add_text("state", "State", "Runnable, Running, Waiting or Syscall.");
  const auto reason =
      table.add_text("reason", "Reason", "Why it waits, or was stopped before it was runnable.");
  const auto function = table.add_text(
      "function", "Function",
      "Where it was when the state began: the innermost function outside Go's standard library, "
      "else the outermost; of Running, where it went on from; '-': no stack.");
  const auto place = table.add_path("place", "Place", "File and line of that.");
  const auto by = table.add_id("by", "Unblocked by",
                               "Of Waiting: the goroutine that ended it; none: a timer, the "
                               "network or the runtime did.",
                               "goroutine");
  const auto end_function = table.add_text(
      "end_function", "End in",
      "Of Running: where it was when that ended. Of Waiting: where the goroutine was that "
      "unblocked it. As Function. In other states it stays where it was.");
  const auto end_place = table.add_path("end_place", "End place", "File and line of that.");
  const auto proc = table.add_id("proc", "Proc", "Of Running and Syscall: where.", "proc");
  const auto thread = table.add_id("thread", "Thread", "The same.", "thread");
  const Interval* before = nullptr;
  for (const Interval& interval : states_.sorted()) {
    const bool runs = interval.state == GoState::Running;
    // Of Running the stay before it knows the place; where there is none, a status may.
    StackNumber begin = interval.own_stack;
    if (runs) {
      const bool goes_on = before != nullptr && before->end == interval.start &&
                           before->state != GoState::Running && is_event(interval.start_edge);
      begin = goes_on                              ? before->own_stack
              : interval.start_edge == Edge::Trace ? interval.own_stack
                                                   : StackNumber::None;
    }
    auto row = table.add_row();
    row.set(at, interval.start)
        .set(duration, interval.duration())
        .set(state, name_of(interval.state))
        .set(reason, vocabulary.of(interval.reason))
        .range(interval.start, interval.end)
        .goroutine(interval.goroutine);
    const CallSite begin_site = call_site_of(vocabulary, begin);
    row.set(function, begin_site.function).set(place, begin_site.place);
    if (begin != StackNumber::None) row.stack(vocabulary.text_of(begin));
    // A part of a stay ends where nothing happens.
    if ((runs || interval.state == GoState::Waiting) && is_event(interval.end_edge)) {
      const CallSite end_site = call_site_of(vocabulary, interval.end_stack);
      row.set(end_function, end_site.function).set(end_place, end_site.place);
      if (!runs) row.set(by, interval.end_by);
      if (interval.end_stack != StackNumber::None) {
        row.end_stack(vocabulary.text_of(interval.end_stack));
      }
    }
    if (runs || interval.state == GoState::Syscall) {
      row.set(proc, interval.start_proc).set(thread, interval.start_thread);
    }
    before = &interval;
  }
  table.add_omitted(states_.left_out());
  findings.tables.push_back(std::move(table));
}

void GoroutineLife::add_deeds_table(const Vocabulary& vocabulary, Findings& findings) {
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
  for (const Deed& deed : deeds_.sorted()) {
    auto row = table.add_row();
    row.set(at, deed.at)
        .set(what, deed.is_creation ? "created" : "unblocked")
        .set(goroutine, deed.goroutine)
        .range(deed.since, deed.at)
        .goroutine(deed.goroutine);
    if (!deed.is_creation) {
      row.set(blocked, elapsed(deed.since, deed.at)).set(reason, vocabulary.of(deed.reason));
    }
    site.set(row, call_site_of(vocabulary, deed.stack));
    if (deed.stack != StackNumber::None) row.stack(vocabulary.text_of(deed.stack));
  }
  table.add_omitted(deeds_.left_out());
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
