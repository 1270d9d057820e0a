// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/range_intervals.h"

#include <boost/container_hash/hash.hpp>

#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {

using wire::EventType;

std::size_t RangeIntervals::KeyHash::operator()(const Key& key) const {
  auto seed = static_cast<std::size_t>(key.kind);
  boost::hash_combine(seed, key.scope);
  boost::hash_combine(seed, raw(key.name));
  return seed;
}

bool RangeIntervals::handles(std::uint8_t type) {
  switch (static_cast<EventType>(type)) {
    case EventType::STWBegin:
    case EventType::STWEnd:
    case EventType::GCActive:
    case EventType::GCBegin:
    case EventType::GCEnd:
    case EventType::GCSweepActive:
    case EventType::GCSweepBegin:
    case EventType::GCSweepEnd:
    case EventType::GCMarkAssistActive:
    case EventType::GCMarkAssistBegin:
    case EventType::GCMarkAssistEnd: return true;
    default: return false;
  }
}

void RangeIntervals::event(const Event::Record& record) {
  const std::int64_t goroutine = raw(record.goroutine);
  const std::int64_t proc = raw(record.proc);
  const auto named = static_cast<std::int64_t>(record.args[0]);
  switch (static_cast<EventType>(record.type)) {
    case EventType::STWBegin:
      return begin({RangeKind::StopTheWorld, goroutine, translation_->text(record.args[0])},
                   record);
    case EventType::STWEnd: {
      const Text kind = record.args[1] == 1 && translation_->tables() != nullptr
                            ? translation_->vocabulary().add_text(
                                  translation_->tables()->extra_string(record.args[0]))
                            : translation_->text(record.args[0]);
      return end({RangeKind::StopTheWorld, goroutine, kind}, record);
    }
    case EventType::GCBegin: return begin({RangeKind::Mark, 0, Text::Empty}, record);
    case EventType::GCActive:
      return carry({RangeKind::Mark, 0, Text::Empty}, kNoGoroutine, record.time);
    case EventType::GCEnd: return end({RangeKind::Mark, 0, Text::Empty}, record);
    case EventType::GCSweepBegin: return begin({RangeKind::Sweep, proc, Text::Empty}, record);
    case EventType::GCSweepActive:
      return carry({RangeKind::Sweep, named, Text::Empty}, record.goroutine, record.time);
    case EventType::GCSweepEnd: return end({RangeKind::Sweep, proc, Text::Empty}, record);
    case EventType::GCMarkAssistBegin:
      return begin({RangeKind::Assist, goroutine, Text::Empty}, record);
    case EventType::GCMarkAssistActive:
      return carry({RangeKind::Assist, named, Text::Empty}, GoID{named}, record.time);
    case EventType::GCMarkAssistEnd:
      return end({RangeKind::Assist, goroutine, Text::Empty}, record);
    default: return;
  }
}

void RangeIntervals::begin(const Key& key, const Event::Record& record) {
  const std::int8_t arg = wire::kEventSpecs[record.type].stack_args[0];
  const std::uint64_t stack = arg < 0 ? 0 : record.args[static_cast<std::size_t>(arg)];
  spans_.begin(key, record.time,
               {record.goroutine, stack == 0 ? StackNumber::None : translation_->stack(stack)},
               edge_at(record), goroutines_->timeline().begins_trace(), emitter());
}

void RangeIntervals::carry(const Key& key, GoID goroutine, Time time) {
  const Timeline& timeline = goroutines_->timeline();
  // In the first generation, what is active has been so since before the trace.
  if (timeline.begins_trace()) {
    spans_.begin(key, *timeline.last_sync(), {goroutine, StackNumber::None}, Edge::Trace, true,
                 emitter());
  } else {
    spans_.carry(key, time, {goroutine, StackNumber::None});
  }
}

void RangeIntervals::end(const Key& key, const Event::Record& record) {
  End info{record.goroutine, goroutines_->slot_of_running(record.goroutine, record.time)};
  if (key.kind == RangeKind::Sweep) {
    info.swept = record.args[0];
    info.reclaimed = record.args[1];
  }
  spans_.end(key, record.time, info, edge_at(record), goroutines_->timeline().begins_trace(),
             emitter());
}

void RangeIntervals::emit(const Key& key, Time start, const Begin& begin, Edge start_edge, Time end,
                          const End& info, Edge end_edge) {
  RangeInterval range;
  range.start = start;
  range.end = end;
  range.goroutine = begin.goroutine;
  range.proc = key.kind == RangeKind::Sweep ? key.scope : -1;
  range.name = key.name;
  range.swept = info.swept;
  range.reclaimed = info.reclaimed;
  range.stack = begin.stack;
  range.kind = key.kind;
  range.start_edge = start_edge;
  range.end_edge = end_edge;
  if (end_edge == Edge::Trace) {
    range.slot = goroutines_->slot_of(begin.goroutine);
  } else if (begin.goroutine == info.goroutine) {
    range.slot = info.slot;
  }
  finished_.push_back(range);
}

void RangeIntervals::merge(RangeIntervals& next, const SlotMap& slots) {
  const Timeline& timeline = goroutines_->timeline();
  const Timeline& after = next.goroutines_->timeline();
  next.spans_.for_each_head([&](End& end) {
    if (end.slot != kNoSlot) end.slot = slots[end.slot];
  });
  spans_.merge(next.spans_, timeline.gap_before(after), timeline.end_of(timeline.last()),
               timeline.beginning_for(after), emitter());
}

void RangeIntervals::finish(const Ending& ending) {
  spans_.finish(ending, goroutines_->timeline().beginning_at_finish(),
                [&](const Key& key, Time start, const Begin& begin, Edge start_edge, Time end,
                    const End& info, Edge end_edge) {
                  // The end of an assist is lost if its goroutine is no more.
                  const bool lost = key.kind == RangeKind::Assist && end_edge == Edge::Trace &&
                                    !goroutines_->may_live(begin.goroutine, ending);
                  emit(key, start, begin, start_edge, end, info, lost ? Edge::Damage : end_edge);
                });
}

}  // namespace marey::analysis
