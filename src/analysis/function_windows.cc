// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/function_windows.h"

#include <algorithm>
#include <cstddef>

namespace marey::analysis {

Interests FunctionWindows::interests() const {
  Interests interests;
  interests.states = {GoState::NotExist};
  interests.roots = true;
  return interests;
}

void FunctionWindows::intervals(std::span<const Interval> intervals,
                                const GoroutineTable& goroutines) {
  for (const Interval& interval : intervals) {
    if (interval.state != GoState::NotExist) continue;
    const FrameNumber root = goroutines.at(interval.slot).root.frame;
    const std::size_t i = raw(root);
    if (i >= wanted_.size()) wanted_.resize(i + 1, Wanted::Unknown);
    if (wanted_[i] == Wanted::Unknown) {
      wanted_[i] = wants_(vocabulary_.function_of(root)) ? Wanted::Yes : Wanted::No;
    }
    if (wanted_[i] != Wanted::Yes) continue;
    // No other goroutine has the id, but for calls from C: where lives end matters for those alone.
    if (interval.callback) {
      windows_.push_back({interval.goroutine, interval.start, interval.end});
    } else {
      windows_.push_back({interval.goroutine, Scope::kFirst, Scope::kLast});
    }
  }
}

void FunctionWindows::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const FunctionWindows&>(next);
  windows_.insert(windows_.end(), other.windows_.begin(), other.windows_.end());
  if (wanted_.size() < other.wanted_.size()) wanted_.resize(other.wanted_.size());
  for (std::size_t i = 0; i < other.wanted_.size(); i++) {
    if (wanted_[i] == Wanted::Unknown) wanted_[i] = other.wanted_[i];
  }
}

std::set<std::string_view> FunctionWindows::functions() const {
  std::set<std::string_view> functions;
  for (std::size_t i = 0; i < wanted_.size(); i++) {
    if (wanted_[i] == Wanted::Unknown) continue;
    functions.insert(vocabulary_.function_of(FrameNumber{static_cast<std::uint32_t>(i)}));
  }
  return functions;
}

}  // namespace marey::analysis
