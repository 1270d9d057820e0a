// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/trace_counts.h"

#include <algorithm>
#include <utility>

#include "src/order/record.h"

namespace marey::analysis {

using wire::EventType;

Interests TraceCounts::interests() const {
  Interests interests;
  interests.states = {GoState::NotExist};
  interests.procs = true;
  interests.ranges = true;
  interests.threads = true;
  for (const EventType type :
       {EventType::GoCreate, EventType::GoCreateBlocked, EventType::GoCreateSyscall,
        EventType::GoDestroy, EventType::GoDestroySyscall, EventType::UserTaskBegin,
        EventType::UserRegionBegin, EventType::UserLog, EventType::CPUSample}) {
    interests.events.set(order::type_number(type));
  }
  // What it was set to before a range holds in it.
  interests.unscoped_events.set(order::type_number(EventType::ProcsChange));
  return interests;
}

void TraceCounts::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  for (const Interval& interval : intervals) {
    if (interval.state != GoState::NotExist || interval.is_outside) continue;
    if (interval.callback) {
      callbacks_.insert(interval.goroutine);
    } else {
      goroutines_++;
      if (interval.start_edge != Edge::Seen || interval.start < begin_) older_++;
    }
  }
}

void TraceCounts::procs(std::span<const ProcInterval> procs) {
  for (const ProcInterval& proc : procs) procs_.insert(proc.proc);
}

void TraceCounts::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) gc_cycles_ += range.kind == RangeKind::Mark ? 1 : 0;
}

void TraceCounts::events(std::span<const Event::Record* const> events, Translation&) {
  for (const Event::Record* record : events) {
    switch (static_cast<EventType>(record->type)) {
      case EventType::GoCreate:
      case EventType::GoCreateBlocked:
      case EventType::GoCreateSyscall:
        created_++;
        most_rise_ = std::max(most_rise_, ++rise_);
        break;
      case EventType::GoDestroy:
      case EventType::GoDestroySyscall: rise_--; break;
      case EventType::ProcsChange:
        if (record->time < end_) gomaxprocs_ = record->args[0];
        break;
      case EventType::UserTaskBegin: tasks_++; break;
      case EventType::UserRegionBegin: regions_++; break;
      case EventType::UserLog: logs_++; break;
      case EventType::CPUSample: cpu_samples_++; break;
      default: break;
    }
  }
}

void TraceCounts::thread_runs(std::span<const ThreadRun> runs) {
  for (const ThreadRun& run : runs) {
    if (std::exchange(last_thread_, run.thread) == run.thread) continue;
    if (run.thread != kNoThread) threads_.insert(run.thread);
  }
}

std::uint64_t TraceCounts::goroutines_most() const {
  // Those older than the trace, and those whose creation is lost, are told of at any time, but may
  // have been there from the beginning.
  return older_ + static_cast<std::uint64_t>(most_rise_);
}

void TraceCounts::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const TraceCounts&>(next);
  goroutines_ += other.goroutines_;
  callbacks_.insert(other.callbacks_.begin(), other.callbacks_.end());
  created_ += other.created_;
  older_ += other.older_;
  most_rise_ = std::max(most_rise_, rise_ + other.most_rise_);
  rise_ += other.rise_;
  procs_.insert(other.procs_.begin(), other.procs_.end());
  threads_.insert(other.threads_.begin(), other.threads_.end());
  gc_cycles_ += other.gc_cycles_;
  if (other.gomaxprocs_ != 0) gomaxprocs_ = other.gomaxprocs_;
  tasks_ += other.tasks_;
  regions_ += other.regions_;
  logs_ += other.logs_;
  cpu_samples_ += other.cpu_samples_;
}

}  // namespace marey::analysis
