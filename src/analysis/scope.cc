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
  if (!any) {  // it may still have moments that matter, as the end of a task
    const auto moment = scope.moment_in(life.goroutine, life.start, life.end);
    if (!moment) {
      life.is_outside = true;
      return life;
    }
    first = last = *moment;
  }
  cut(life, first, last);
  life.seen = life.start;
  life.outside = elapsed(first, last) - inside;
  return life;
}

/// Sorted, and apart.
std::vector<Window> united(std::vector<Window> windows) {
  std::ranges::sort(windows);
  std::vector<Window> apart;
  for (const Window& window : windows) {
    const bool continues = !apart.empty() && apart.back().goroutine == window.goroutine;
    if (continues && window.begin <= apart.back().end) {
      apart.back().end = std::max(apart.back().end, window.end);
    } else {
      apart.push_back(window);
    }
  }
  return apart;
}

/// What lies in windows of both; those of each are sorted and apart. Where two only touch, nothing.
std::vector<Window> common(std::span<const Window> some, std::span<const Window> others) {
  std::vector<Window> both;
  auto a = some.begin();
  auto b = others.begin();
  while (a != some.end() && b != others.end()) {
    if (a->goroutine != b->goroutine) {
      ++(a->goroutine < b->goroutine ? a : b);
      continue;
    }
    const Window shared{a->goroutine, std::max(a->begin, b->begin), std::min(a->end, b->end)};
    const bool is_moment = a->begin == a->end || b->begin == b->end;
    if (shared.begin < shared.end || (is_moment && shared.begin == shared.end)) {
      both.push_back(shared);
    }
    ++(a->end < b->end ? a : b);
  }
  return both;
}

}  // namespace

void Scope::restrict_to(std::vector<Window> windows) {
  windows = united(std::move(windows));
  windows_ = has_windows_ ? common(windows_, windows) : std::move(windows);
  has_windows_ = true;
  of_.clear();
  for (std::size_t i = 0; i < windows_.size(); i++) {
    auto& [first, count] = of_[windows_[i].goroutine];
    if (count++ == 0) first = i;
  }
  of_any_ = windows_;
  for (Window& window : of_any_) window.goroutine = kNoGoroutine;
  of_any_ = united(std::move(of_any_));
}

bool Scope::touches(Time start, Time end) const {
  if (end < begin_ || start >= end_) return false;
  if (!has_windows_) return true;
  const auto window = std::ranges::lower_bound(of_any_, std::max(start, begin_), {}, &Window::end);
  return window != of_any_.end() && window->begin <= end && window->begin < end_;
}

std::span<const Window> Scope::windows_of(GoID goroutine) const {
  const auto it = of_.find(goroutine);
  if (it == of_.end()) return {};
  return std::span(windows_).subspan(it->second.first, it->second.second);
}

bool Scope::has(const TaskInterval& task) const {
  if (!tasks_) return has(task.goroutine, task.end);
  return tasks_->contains(task.id) && has(task.end) &&
         (is_in_window(task.goroutine, task.start) || is_in_window(task.end_goroutine, task.end));
}

bool Scope::is_in_window(GoID goroutine, Time time) const {
  bool found = !has_windows_;
  for_each_window(goroutine, time, time, [&](const Window&) { found = true; });
  return found;
}

std::optional<Time> Scope::moment_in(GoID goroutine, Time start, Time end) const {
  start = std::max(start, begin_);
  std::optional<Time> moment;
  const auto add = [&](Time first, Time last) {
    const Time earliest = std::max(start, first);
    if (!moment && earliest <= std::min(end, last) && earliest < end_) moment = earliest;
  };
  if (!has_windows_) {
    add(kFirst, kLast);
  } else if (start <= end) {
    for_each_window(goroutine, start, end,
                    [&](const Window& window) { add(window.begin, window.end); });
  }
  return moment;
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
    const bool touches = scope.touches(range.start, range.end);
    switch (range.kind) {
      case RangeKind::Mark:
        if (touches) {
          add(std::max(range.start, scope.begin()), std::min(range.end, scope.end()));
        }
        if (touches && scope.has(range.end)) wholes.push_back(range);
        break;
      case RangeKind::StopTheWorld:
        scope.for_each_part(range.goroutine, range.start, range.end, add);
        if (touches && scope.has(range.end)) wholes.push_back(range);
        break;
      case RangeKind::Assist:
      case RangeKind::Sweep:
        scope.for_each_part(range.goroutine, range.start, range.end, add);
        if (scope.has(range.goroutine, range.end)) wholes.push_back(range);
        break;
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
