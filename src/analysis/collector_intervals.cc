// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/collector_intervals.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "src/wire/event_types.h"

namespace marey::analysis {

using wire::EventType;
using wire::GoStatus;

CollectorIntervals::CollectorIntervals(Translation& translation, const Timeline& timeline)
    : translation_(&translation),
      timeline_(&timeline),
      assist_wait_(translation.vocabulary().add_text("GC mark assist wait for work")),
      sync_(translation.vocabulary().add_text("sync")) {}

bool CollectorIntervals::handles(std::uint8_t type) {
  switch (static_cast<EventType>(type)) {
    case EventType::GoStart:
    case EventType::GoStop:
    case EventType::GoBlock:
    case EventType::GoDestroy:
    case EventType::GoStatus:
    case EventType::GoStatusStack:
    case EventType::GoLabel:
    case EventType::GCMarkAssistActive:
    case EventType::GCMarkAssistBegin:
    case EventType::GCMarkAssistEnd:
    case EventType::ProcsChange: return true;
    default: return false;
  }
}

void CollectorIntervals::add_proc_count(const ProcCount& change) {
  if (proc_counts_.empty() || proc_counts_.back().count != change.count) {
    proc_counts_.push_back(change);
  }
}

void CollectorIntervals::status(const Event::Record& record) {
  const auto to = static_cast<GoStatus>(record.args[2] & UINT32_MAX);
  const auto from = static_cast<GoState>(record.args[2] >> 32);
  if (to != GoStatus::Running || raw(record.proc) == -1) return;
  // The other statuses say again what is known, if not to this piece.
  if (from != GoState::Undetermined) return;
  stays_[raw(record.proc)] = {timeline_->last_sync().value_or(kSinceSync),
                              GoID{static_cast<std::int64_t>(record.args[0])},
                              Mode::Plain,
                              CollectorWork::Assist,
                              Edge::Trace,
                              true};
}

inline bool CollectorIntervals::may_be_in_assist(const Event::Record& stop) {
  const auto type = static_cast<EventType>(stop.type);
  if (type == EventType::GoDestroy) return false;
  const std::uint64_t stack = stop.args[1];
  if (type == EventType::GoBlock) {
    const Text reason = translation_->text(stop.args[0]);
    if (reason == assist_wait_) return true;
    // For another's end of the mark phase.
    return reason == sync_ && stack != 0 && is_of_assist(translation_->stack(stack));
  }
  return stack == 0 || is_of_assist(translation_->stack(stack));
}

inline void CollectorIntervals::start(const Event::Record& record) {
  Stay& stay = stays_[raw(record.proc)];
  if (stay.mode != Mode::Idle) [[unlikely]] {
    end_stay(raw(record.proc), stay, stay.goroutine, Way::Lost, record.time, Edge::Damage);
  }
  stay = {record.time,     GoID{static_cast<std::int64_t>(record.args[0])},
          Mode::Plain,     CollectorWork::Assist,
          edge_at(record), true};
}

inline void CollectorIntervals::stop(const Event::Record& record) {
  Stay& stay = stays_[raw(record.proc)];
  const bool matters = stay.mode == Mode::Unknown || (stay.mode == Mode::Plain && stay.fresh);
  const bool may_assist = matters && may_be_in_assist(record);
  if (may_assist || stay.mode != Mode::Plain) [[unlikely]] {
    end_stay(raw(record.proc), stay, record.goroutine, may_assist ? Way::Suspended : Way::Stopped,
             record.time, edge_at(record));
  }
  stay.mode = Mode::Idle;
}

void CollectorIntervals::event(const Event::Record& record) {
  switch (static_cast<EventType>(record.type)) {
    case EventType::GoStart: return start(record);
    case EventType::GoStop:
    case EventType::GoBlock:
    case EventType::GoDestroy: return stop(record);
    case EventType::GoStatus:
    case EventType::GoStatusStack: return status(record);
    case EventType::GoLabel: return label(record);
    case EventType::GCMarkAssistActive:
      return set_assisting(GoID{static_cast<std::int64_t>(record.args[0])}, true);
    case EventType::GCMarkAssistBegin: return begin_assist(record);
    case EventType::GCMarkAssistEnd: return end_assist(record);
    case EventType::ProcsChange: {
      constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
      return add_proc_count(
          {record.time, static_cast<std::int64_t>(std::min(record.args[0], kMost))});
    }
    default: return;
  }
}

const Event::Record* CollectorIntervals::events(const Event::Record* first,
                                                const Event::Record* last) {
  const Event::Record* record = first;
  for (; record != last && only_here_[record->type]; record++) {
    // These two are nearly all.
    switch (static_cast<EventType>(record->type)) {
      case EventType::GoStart: start(*record); break;
      case EventType::GoBlock: stop(*record); break;
      default: event(*record); break;
    }
  }
  return record;
}

bool CollectorIntervals::is_of_assist(StackNumber stack) {
  const auto number = static_cast<std::size_t>(stack);
  if (number >= of_assist_.size()) of_assist_.resize(number + 1 + number / 2);
  Answer& answer = of_assist_[number];
  if (answer == Answer::Unknown) {
    const Vocabulary& vocabulary = translation_->vocabulary();
    const std::vector<Frame> frames = vocabulary.of(stack);
    const bool is = std::ranges::any_of(frames, [&](const Frame& frame) {
      const std::string_view function = vocabulary.of(frame.function);
      return function == "runtime.gcAssistAlloc" || function == "runtime.deductAssistCredit";
    });
    answer = is ? Answer::Yes : Answer::No;
  }
  return answer == Answer::Yes;
}

void CollectorIntervals::label(const Event::Record& record) {
  const std::string_view label = translation_->vocabulary().of(translation_->text(record.args[0]));
  if (!label.starts_with("GC ") || label == "GC (idle)") return;
  Stay& stay = stays_[raw(record.proc)];
  end_stay(raw(record.proc), stay, record.goroutine, Way::Relieved, record.time, edge_at(record));
  const auto work =
      label == "GC (dedicated)" ? CollectorWork::Dedicated : CollectorWork::Background;
  stay = {record.time, record.goroutine, Mode::Working, work, edge_at(record), false};
}

void CollectorIntervals::begin_assist(const Event::Record& record) {
  Stay& stay = stays_[raw(record.proc)];
  if (stay.mode != Mode::Plain || stay.goroutine != record.goroutine) {
    end_stay(raw(record.proc), stay, record.goroutine, Way::Lost, record.time, Edge::Damage);
  }
  stay = {record.time,           record.goroutine, Mode::Working,
          CollectorWork::Assist, edge_at(record),  false};
  set_assisting(record.goroutine, false);
}

void CollectorIntervals::end_assist(const Event::Record& record) {
  Stay& stay = stays_[raw(record.proc)];
  end_stay(raw(record.proc), stay, record.goroutine, Way::Assisted, record.time, edge_at(record));
  stay = {record.time,           record.goroutine, Mode::Plain,
          CollectorWork::Assist, edge_at(record),  false};
  set_assisting(record.goroutine, false);
}

void CollectorIntervals::end_stay(std::int64_t proc, const Stay& stay, GoID goroutine, Way way,
                                  Time time, Edge edge) {
  switch (stay.mode) {
    case Mode::Idle: return;
    case Mode::Unknown:
      if (!is_complete()) {
        const auto it = assisting_.find(goroutine);
        heads_[proc] = {time, goroutine, way, edge, it != assisting_.end() && it->second};
      }
      return;
    case Mode::Plain:
      if (!stay.fresh || stay.goroutine != goroutine) return;
      if (way == Way::Assisted || way == Way::Suspended) {
        add_if_assisting({stay.since, time, proc, goroutine, stay.edge, edge});
      }
      return;
    case Mode::Working:
      if (stay.goroutine != goroutine) edge = Edge::Damage;
      add_work(proc, stay, time, edge);
      if (stay.work == CollectorWork::Assist && (way == Way::Suspended || way == Way::Stopped)) {
        set_assisting(stay.goroutine, true);
      }
      return;
  }
}

void CollectorIntervals::add_work(std::int64_t proc, const Stay& stay, Time end, Edge edge) {
  finished_.push_back(
      {stay.since, std::max(end, stay.since), proc, stay.goroutine, stay.work, stay.edge, edge});
}

void CollectorIntervals::find_begin(Time& time) const {
  if (time == kSinceSync && timeline_->last_sync()) time = *timeline_->last_sync();
}

void CollectorIntervals::add_if_assisting(Kept kept) {
  find_begin(kept.start);
  if (!kept.is_sure) {
    const auto it = assisting_.find(kept.goroutine);
    if (it == assisting_.end()) {
      if (!is_complete()) kept_.push_back(kept);
      return;
    }
    if (!it->second) return;
  }
  if (kept.start == kSinceSync) {
    kept.is_sure = true;
    kept_.push_back(kept);
    return;
  }
  finished_.push_back({kept.start, std::max(kept.start, kept.end), kept.proc, kept.goroutine,
                       CollectorWork::Assist, kept.start_edge, kept.end_edge});
}

void CollectorIntervals::set_assisting(GoID goroutine, bool is) {
  if (is || !is_complete()) {
    assisting_[goroutine] = is;
  } else if (!assisting_.empty()) {
    assisting_.erase(goroutine);
  }
}

void CollectorIntervals::forget() {
  assisting_.clear();
  stays_.for_each([](std::int64_t, Stay& stay) { stay.mode = Mode::Idle; });
}

void CollectorIntervals::merge(CollectorIntervals& next) {
  if (timeline_->gap_before(*next.timeline_)) {
    forget();
    after_gap_ = true;
  }
  for (const auto& [proc, head] : next.heads_) {
    if (head.assisting) set_assisting(head.goroutine, true);
    end_stay(proc, stays_[proc], head.goroutine, head.way, head.end, head.edge);
  }
  for (const Kept& kept : next.kept_) add_if_assisting(kept);
  if (next.after_gap_) forget();
  for (const auto& [goroutine, is] : next.assisting_) set_assisting(goroutine, is);
  next.stays_.for_each([&](std::int64_t proc, const Stay& stay) {
    if (stay.mode == Mode::Unknown) return;
    Stay& own = stays_[proc];
    own = stay;
    find_begin(own.since);
  });
  finished_.insert(finished_.end(), next.finished_.begin(), next.finished_.end());
  for (const ProcCount& change : next.proc_counts_) add_proc_count(change);
  after_gap_ |= next.after_gap_;
}

void CollectorIntervals::finish(const Ending& ending) {
  stays_.for_each([&](std::int64_t proc, Stay& stay) {
    end_stay(proc, stay, stay.goroutine, Way::Suspended, ending.time, ending.edge);
    stay.mode = Mode::Idle;
  });
  // Whether what is left was part of an assist is in no piece.
  kept_.clear();
}

}  // namespace marey::analysis
