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
  const bool first = timeline_->begins_trace();
  if (change.to == ProcState::Running) {
    if (change.from == ProcState::Running) {
      spans_.carry(change.proc, record.time, {record.thread});
    } else if (change.from == ProcState::Undetermined && timeline_->last_sync()) {
      spans_.begin(change.proc, *timeline_->last_sync(), {record.thread}, Edge::Trace, first,
                   emitter());
    } else if (change.from == ProcState::Undetermined) {
      spans_.carry(change.proc, record.time, {record.thread}, true);
    } else {
      spans_.begin(change.proc, record.time, {record.thread}, edge_at(record), first, emitter());
    }
  } else if (change.to == ProcState::Idle) {
    if (change.from == ProcState::Running) {
      spans_.end(change.proc, record.time, {}, edge_at(record), first, emitter());
    } else {
      spans_.none(change.proc, record.time, first, emitter());
    }
  }
}

void ProcIntervals::merge(ProcIntervals& next) {
  spans_.merge(next.spans_, timeline_->gap_before(*next.timeline_),
               timeline_->end_of(timeline_->last()), timeline_->beginning_for(*next.timeline_),
               emitter());
}

void ProcIntervals::finish(const Ending& ending) {
  spans_.finish(ending, timeline_->beginning_at_finish(), emitter());
}

}  // namespace marey::analysis
