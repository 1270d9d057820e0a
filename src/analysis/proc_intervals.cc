// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/proc_intervals.h"

#include "src/wire/event_types.h"

namespace marey::analysis {

using wire::EventType;
using wire::ProcStatus;

bool is_proc_change(std::uint8_t type) {
  Event::Record record;
  record.type = type;
  return proc_change(record).has_value();
}

std::optional<ProcChange> proc_change(const Event::Record& record) {
  const auto named = static_cast<std::int64_t>(record.args[0]);
  switch (static_cast<EventType>(record.type)) {
    case EventType::ProcStart: return ProcChange{named, ProcState::Idle, ProcState::Running};
    case EventType::ProcStop:
      return ProcChange{raw(record.proc), ProcState::Running, ProcState::Idle};
    case EventType::ProcSteal: {
      const bool abandoned =
          static_cast<ProcStatus>(record.args[3]) == ProcStatus::SyscallAbandoned;
      return ProcChange{named, abandoned ? ProcState::Idle : ProcState::Running, ProcState::Idle};
    }
    case EventType::ProcStatus: {
      ProcState to = ProcState::Undetermined;
      switch (static_cast<ProcStatus>(record.args[1])) {
        case ProcStatus::Running:
        case ProcStatus::Syscall: to = ProcState::Running; break;
        case ProcStatus::Idle:
        case ProcStatus::SyscallAbandoned: to = ProcState::Idle; break;
        case ProcStatus::Bad: break;
      }
      return ProcChange{named, static_cast<ProcState>(record.args[2]), to};
    }
    default: return std::nullopt;
  }
}

void ProcIntervals::change(const ProcChange& change, const Event::Record& record) {
  // A proc that the piece has told of is open in one of the two.
  const bool known = running_.knows(change.proc) || idle_.knows(change.proc);
  this->change(running_, finished_, ProcState::Running, change, record);
  if (!wants_idle_) return;
  const std::optional<Time> sync = timeline_->last_sync();
  if (change.from == ProcState::Idle && change.to == ProcState::Running && !record.guessed &&
      !known) {
    // The first that the piece tells of it. Before Go 1.22 that is all: such procs are idle from
    // the trace's begin on.
    if (timeline_->begins_trace() && sync) {
      idle_.begin(change.proc, *sync, {}, Edge::Trace, true, emitter(finished_idle_));
    } else {
      idle_.carry(change.proc, record.time, {});
    }
  }
  this->change(idle_, finished_idle_, ProcState::Idle, change, record);
}

void ProcIntervals::change(ProcSpans& spans, std::vector<ProcInterval>& finished, ProcState state,
                           const ProcChange& change, const Event::Record& record) {
  const bool first = timeline_->begins_trace();
  const Begin begin{state == ProcState::Running ? record.thread : kNoThread};
  if (change.to == state) {
    if (change.from == state) {
      spans.carry(change.proc, record.time, begin);
    } else if (change.from == ProcState::Undetermined && timeline_->last_sync()) {
      spans.begin(change.proc, *timeline_->last_sync(), begin, Edge::Trace, first,
                  emitter(finished));
    } else if (change.from == ProcState::Undetermined) {
      spans.carry(change.proc, record.time, begin, true);
    } else {
      spans.begin(change.proc, record.time, begin, edge_at(record), first, emitter(finished));
    }
  } else if (change.to != ProcState::Undetermined) {
    if (change.from == state) {
      spans.end(change.proc, record.time, {}, edge_at(record), first, emitter(finished));
    } else {
      spans.none(change.proc, record.time, first, emitter(finished));
    }
  }
}

void ProcIntervals::merge(ProcIntervals& next) {
  const bool gap = timeline_->gap_before(*next.timeline_);
  const Time cut = timeline_->end_of(timeline_->last());
  const Beginning beginning = timeline_->beginning_for(*next.timeline_);
  running_.merge(next.running_, gap, cut, beginning, emitter(finished_));
  idle_.merge(next.idle_, gap, cut, beginning, emitter(finished_idle_));
}

void ProcIntervals::finish(const Ending& ending) {
  const Beginning beginning = timeline_->beginning_at_finish();
  running_.finish(ending, beginning, emitter(finished_));
  idle_.finish(ending, beginning, emitter(finished_idle_));
}

}  // namespace marey::analysis
