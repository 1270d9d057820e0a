// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/mutator_losses.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <iterator>
#include <limits>
#include <optional>

namespace marey::analysis {

void MutatorLosses::add(std::int64_t proc, Time start, Time end) {
  if (end <= start || proc < kAllProcs || proc > std::numeric_limits<std::int32_t>::max()) return;
  const auto id = static_cast<std::int32_t>(proc);
  changes_.push_back({start, id, 1});
  changes_.push_back({end, id, -1});
}

void MutatorLosses::merge(const MutatorLosses& other) {
  changes_.insert(changes_.end(), other.changes_.begin(), other.changes_.end());
}

void MutatorLosses::finish(Time begin, Time end, std::span<const ProcCount> proc_counts) {
  std::ranges::sort(changes_, {}, &Change::time);
  end_ = end;
  for (const ProcCount& change : proc_counts) {
    if (change.time >= end) break;
    const Time time = std::max(change.time, begin);
    if (!proc_counts_.empty() && proc_counts_.back().time == time) proc_counts_.pop_back();
    proc_counts_.push_back({time, change.count});
  }
}

UtilizationCurve MutatorLosses::of_system() const {
  UtilizationCurve curve;
  if (proc_counts_.empty()) return curve;
  boost::unordered_flat_map<std::int32_t, std::int32_t> losses;
  std::int64_t stops = 0;
  std::int64_t lost = 0;  // procs
  std::int64_t procs = 0;
  auto change = changes_.begin();
  auto count = proc_counts_.begin();
  while (change != changes_.end() || count != proc_counts_.end()) {
    const bool is_count =
        change == changes_.end() || (count != proc_counts_.end() && count->time <= change->time);
    const Time time = is_count ? count->time : change->time;
    if (time >= end_) break;
    if (is_count) {
      procs = (count++)->count;
    } else if (change->proc == kAllProcs) {
      stops += (change++)->delta;
    } else {
      std::int32_t& own = losses[change->proc];
      const bool was_lost = own > 0;
      own += (change++)->delta;
      lost += (own > 0 ? 1 : 0) - (was_lost ? 1 : 0);
    }
    if (count == proc_counts_.begin()) continue;  // nobody knows how many procs there are
    const double all = static_cast<double>(procs);
    const double left =
        stops > 0 ? 0 : static_cast<double>(std::max<std::int64_t>(procs - lost, 0));
    curve.change(time, procs > 0 ? left / all : 0);
  }
  curve.end(end_);
  return curve;
}

UtilizationCurve MutatorLosses::curve_of(Time begin, Time end, std::span<const Change> changes) {
  UtilizationCurve curve;
  std::int64_t losses = 0;
  curve.change(begin, 1);
  for (const Change& change : changes) {
    if (change.time >= end) break;
    losses += change.delta;
    curve.change(std::max(change.time, begin), losses > 0 ? 0 : 1);
  }
  curve.end(end);
  return curve;
}

void MutatorLosses::for_each_proc(const TakeCurve& f) const {
  std::vector<Change> stops;
  boost::unordered_flat_map<std::int64_t, std::vector<Change>> own;
  for (const Change& change : changes_) {
    if (change.proc == kAllProcs) {
      stops.push_back(change);
    } else if (change.proc < kMostProcs) {
      own[change.proc].push_back(change);
    }
  }
  const auto add = [&](std::int64_t first, std::int64_t behind, Time begin, Time end) {
    behind = std::min(behind, kMostProcs);
    std::optional<std::int64_t> idle;
    std::int64_t idle_procs = 0;
    for (std::int64_t proc = first; proc < behind; proc++) {
      const auto it = own.find(proc);
      if (it == own.end()) {
        if (!idle) idle = proc;
        idle_procs++;
        continue;
      }
      std::vector<Change> all;
      all.reserve(stops.size() + it->second.size());
      std::ranges::merge(stops, it->second, std::back_inserter(all), {}, &Change::time,
                         &Change::time);
      f(curve_of(begin, end, all), proc, 1);
    }
    if (idle) f(curve_of(begin, end, stops), *idle, idle_procs);
  };
  // Procs that have come together; the last ones go first.
  struct Procs {
    std::int64_t behind;
    Time begin;
  };
  std::vector<Procs> there;
  const auto procs = [&] { return there.empty() ? 0 : there.back().behind; };
  const auto lower_to = [&](std::int64_t count, Time end) {
    while (procs() > count) {
      const Procs last = there.back();
      there.pop_back();
      const std::int64_t first = std::max(procs(), count);
      if (end > last.begin) add(first, last.behind, last.begin, end);
      if (procs() < count) {
        there.push_back({count, last.begin});
      }
    }
  };
  for (const ProcCount& change : proc_counts_) {
    lower_to(change.count, change.time);
    if (change.count > procs()) there.push_back({change.count, change.time});
  }
  lower_to(0, end_);
}

}  // namespace marey::analysis
