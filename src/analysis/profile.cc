// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/profile.h"

#include <algorithm>
#include <map>
#include <utility>

namespace marey::analysis {
namespace {

// Go tells stacks apart by this many frames, and shows no more of them.
constexpr std::size_t kFrames = 128;

GoState state_of(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::Net:
    case ProfileKind::Sync:
      return GoState::Waiting;
    case ProfileKind::Syscall:
      return GoState::Syscall;
    case ProfileKind::Sched:
      return GoState::Runnable;
  }
  return GoState::Waiting;
}

}  // namespace

std::optional<ProfileKind> profile_kind(std::string_view name) {
  if (name == "net") return ProfileKind::Net;
  if (name == "sync") return ProfileKind::Sync;
  if (name == "syscall") return ProfileKind::Syscall;
  if (name == "sched") return ProfileKind::Sched;
  return std::nullopt;
}

Interests Profile::interests() const {
  Interests interests;
  interests.states = {state_of(kind_)};
  return interests;
}

bool Profile::wants(Text reason) {
  if (kind_ == ProfileKind::Syscall || kind_ == ProfileKind::Sched) return true;
  const std::size_t i = raw(reason);
  if (i >= wanted_reasons_.size()) wanted_reasons_.resize(i + 1, Wanted::Unknown);
  Wanted& wanted = wanted_reasons_[i];
  if (wanted == Wanted::Unknown) {
    const std::string_view text = vocabulary_.of(reason);
    const bool yes = kind_ == ProfileKind::Net ? text == "network"
                                               : text.contains("chan") || text.contains("sync") ||
                                                     text.contains("select");
    wanted = yes ? Wanted::Yes : Wanted::No;
  }
  return wanted == Wanted::Yes;
}

void Profile::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  const GoState state = state_of(kind_);
  for (const Interval& interval : intervals) {
    if (interval.state != state) {
      if (interval.state == GoState::NotExist && interval.callback) end_callback(interval);
      continue;
    }
    if (interval.ran == Ran::Later || !wants(interval.reason)) continue;
    const Duration delay = interval.end - interval.seen;
    if (interval.end_edge != Edge::Seen || delay <= 0) continue;
    const Sum sum{1, delay, interval.end};
    if (interval.callback) {
      open_callbacks_[interval.goroutine].samples.emplace_back(interval.stack, sum);
    } else {
      sums_.at(interval.stack).add(sum);
    }
  }
}

void Profile::end_callback(const Interval& life) {
  Callback callback;
  if (const auto it = open_callbacks_.find(life.goroutine); it != open_callbacks_.end()) {
    callback = std::move(it->second);
    open_callbacks_.erase(it);
  }
  callback.end = life.end;
  Callback& last = last_callbacks_[life.goroutine];
  if (last.end <= callback.end) last = std::move(callback);
}

void Profile::merge(Analysis& next, const SlotMap&) {
  Profile& other = static_cast<Profile&>(next);
  sums_.add(other.sums_);
  for (auto& [goroutine, callback] : other.open_callbacks_) {
    auto& samples = open_callbacks_[goroutine].samples;
    samples.insert(samples.end(), callback.samples.begin(), callback.samples.end());
  }
  for (auto& [goroutine, callback] : other.last_callbacks_) {
    last_callbacks_[goroutine] = std::move(callback);
  }
}

std::vector<ProfileSample> Profile::samples() const {
  Sums all = sums_;
  for (const auto& [goroutine, callback] : last_callbacks_) {
    for (const auto& [stack, sum] : callback.samples) all.at(stack).add(sum);
  }
  // Go tells stacks apart by their program counters, as if there were a row of zeros behind each,
  // and shows the frames of the stack that it met last.
  struct Group {
    ProfileSample sample;
    Time last = 0;
  };
  std::map<std::vector<std::uint64_t>, Group> groups;
  for (std::size_t i = 0; i < all.of.size(); i++) {
    const Sum& sum = all.of[i];
    if (sum.count == 0) continue;
    std::vector<ProfileSample::Frame> stack;
    std::vector<std::uint64_t> pcs;
    for (const Frame& frame : vocabulary_.of(StackNumber{static_cast<std::uint32_t>(i)})) {
      if (stack.size() == kFrames) break;
      stack.push_back(
          {frame.pc, vocabulary_.of(frame.function), vocabulary_.of(frame.file), frame.line});
      pcs.push_back(frame.pc);
    }
    while (!pcs.empty() && pcs.back() == 0) pcs.pop_back();
    Group& group = groups[std::move(pcs)];
    if (group.sample.count == 0 || sum.last > group.last) {
      group.sample.stack = std::move(stack);
      group.last = sum.last;
    }
    group.sample.count += sum.count;
    group.sample.delay += sum.delay;
  }
  std::vector<ProfileSample> samples;
  for (auto& [pcs, group] : groups) samples.push_back(std::move(group.sample));
  std::ranges::stable_sort(samples, std::ranges::greater{}, &ProfileSample::delay);
  return samples;
}

}  // namespace marey::analysis
