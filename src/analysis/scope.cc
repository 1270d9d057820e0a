// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/scope.h"

namespace marey::analysis {
namespace {

/// Cuts an interval to a part of its time. What is said of its ends already stays true: a stay that
/// never ended in the trace has no end in a part of it.
template <class AnyInterval>
void cut(AnyInterval& interval, Time begin, Time end) {
  if (begin > interval.start) {
    interval.start = begin;
    if (interval.start_edge == Edge::Seen) interval.start_edge = Edge::Range;
  }
  if (end < interval.end) {
    interval.end = end;
    if (interval.end_edge == Edge::Seen) interval.end_edge = Edge::Range;
  }
}

/// What is left of a life: from the first moment to the last, less what lies between the windows.
Interval scoped_life(const Scope& scope, Interval life) {
  Time first = life.end;
  Time last = life.start;
  Duration inside = 0;
  bool any = false;
  scope.for_each_part(life.goroutine, life.start, life.end, [&](Time begin, Time end) {
    if (!any) first = begin;
    any = true;
    last = end;
    accumulate(inside, elapsed(begin, end));
  });
  if (!any) {
    life.is_outside = true;
    return life;
  }
  cut(life, first, last);
  life.seen = life.start;
  life.outside = elapsed(first, last) - inside;
  return life;
}

}  // namespace

void Scope::set_windows(std::vector<Window> windows) {
  has_windows_ = true;
  std::ranges::sort(windows);
  windows_.clear();
  of_.clear();
  for (const Window& window : windows) {
    const bool continues = !windows_.empty() && windows_.back().goroutine == window.goroutine;
    if (continues && window.begin <= windows_.back().end) {
      windows_.back().end = std::max(windows_.back().end, window.end);
      continue;
    }
    auto& [first, count] = of_[window.goroutine];
    if (count++ == 0) first = windows_.size();
    windows_.push_back(window);
  }
}

std::span<const Window> Scope::windows_of(GoID goroutine) const {
  const auto it = of_.find(goroutine);
  if (it == of_.end()) return {};
  return std::span(windows_).subspan(it->second.first, it->second.second);
}

bool Scope::has(GoID goroutine, Time time) const {
  bool found = false;
  for_each_part(goroutine, time, time, [&](Time, Time) { found = true; });
  return found;
}

void apply(const Scope& scope, std::span<const Interval> intervals, std::vector<Interval>& parts,
           std::vector<Interval>& wholes) {
  for (const Interval& interval : intervals) {
    if (interval.state == GoState::NotExist) {
      parts.push_back(scoped_life(scope, interval));
      wholes.push_back(interval);
      wholes.back().is_outside = parts.back().is_outside;
      continue;
    }
    scope.for_each_part(interval.goroutine, interval.start, interval.end,
                        [&](Time begin, Time end) {
                          Interval& part = parts.emplace_back(interval);
                          cut(part, begin, end);
                          part.seen = std::clamp(part.seen, part.start, part.end);
                        });
    if (scope.has(interval.goroutine, interval.end)) wholes.push_back(interval);
  }
}

void apply(const Scope& scope, std::span<const RangeInterval> ranges,
           std::vector<RangeInterval>& parts, std::vector<RangeInterval>& wholes) {
  for (const RangeInterval& range : ranges) {
    const auto add = [&](Time begin, Time end) { cut(parts.emplace_back(range), begin, end); };
    if (range.kind == RangeKind::Mark) {  // nobody's own
      if (range.end >= scope.begin() && range.start < scope.end()) {
        add(std::max(range.start, scope.begin()), std::min(range.end, scope.end()));
      }
      if (scope.has(range.end)) wholes.push_back(range);
    } else {
      scope.for_each_part(range.goroutine, range.start, range.end, add);
      if (scope.has(range.goroutine, range.end)) wholes.push_back(range);
    }
  }
}

void apply(const Scope& scope, std::span<const ProcInterval> procs,
           std::vector<ProcInterval>& parts) {
  for (const ProcInterval& proc : procs) {
    if (proc.end < scope.begin() || proc.start >= scope.end()) continue;
    cut(parts.emplace_back(proc), std::max(proc.start, scope.begin()),
        std::min(proc.end, scope.end()));
  }
}

void apply(const Scope& scope, std::span<const CollectorInterval> intervals,
           std::vector<CollectorInterval>& parts) {
  for (const CollectorInterval& interval : intervals) {
    scope.for_each_part(
        interval.goroutine, interval.start, interval.end,
        [&](Time begin, Time end) { cut(parts.emplace_back(interval), begin, end); });
  }
}

}  // namespace marey::analysis
