// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/time_profile.h"

#include <algorithm>
#include <functional>
#include <tuple>

namespace marey::analysis {
namespace {

constexpr unsigned kStackBits = 32;
constexpr unsigned kReasonBits = 29;

}  // namespace

std::uint64_t TimeProfile::key_of(GoState state, Text reason, StackNumber stack) {
  return static_cast<std::uint64_t>(state) << (kStackBits + kReasonBits) |
         std::uint64_t{raw(reason)} << kStackBits | raw(stack);
}

TimeProfile::Content TimeProfile::content_of(std::uint64_t key) {
  constexpr std::uint64_t kReasonMask = (std::uint64_t{1} << kReasonBits) - 1;
  return {static_cast<GoState>(key >> (kStackBits + kReasonBits)),
          Text{static_cast<std::uint32_t>(key >> kStackBits & kReasonMask)},
          StackNumber{static_cast<std::uint32_t>(key)}};
}

Interests TimeProfile::interests() const {
  Interests interests;
  using enum GoState;
  interests.states = {NotExist, Runnable, Waiting, Syscall};
  if (kind_ == Kind::Wall) interests.states = interests.states | StateSet{Running};
  interests.roots = true;
  interests.stacks = true;
  return interests;
}

void TimeProfile::intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) {
  for (const Interval& interval : intervals) {
    if (interval.state == GoState::NotExist) {
      unplaced_.end_life(interval, goroutines);
      if (goroutines_) end_life(interval);
      continue;
    }
    if (interval.is_guess() || (kind_ == Kind::OffCPU && interval.state == GoState::Running)) {
      continue;
    }
    const Sum sum{1, interval.duration()};
    const bool runs = interval.state == GoState::Running;
    const StackNumber stack = runs ? interval.end_stack : interval.own_stack;
    if (stack == StackNumber::None) {
      unplaced_.of(interval, goroutines)
          .states[static_cast<std::size_t>(interval.state)]
          .merge(sum);
      continue;
    }
    const std::uint64_t key = key_of(interval.state, interval.reason, stack);
    (goroutines_ ? open_.at(interval.slot, key) : sums_[key]).merge(sum);
  }
}

void TimeProfile::end_life(const Interval& life) {
  open_.take(life.slot, [&](std::uint64_t key, const Sum& sum) {
    ended_.push_back({life.goroutine, key, sum});
  });
  if (ended_.size() > kMostSamples) drop_goroutines();
}

void TimeProfile::drop_goroutines() {
  for (const OfGoroutine& sample : ended_) sums_[sample.key].merge(sample.sum);
  ended_.clear();
}

void TimeProfile::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<TimeProfile&>(next);
  for (const auto& [key, sum] : other.sums_) sums_[key].merge(sum);
  unplaced_.merge(other.unplaced_, slots);
  other.open_.for_each(
      slots, [&](Slot slot, std::uint64_t key, const Sum& sum) { open_.at(slot, key).merge(sum); });
  ended_.insert(ended_.end(), other.ended_.begin(), other.ended_.end());
  if (ended_.size() > kMostSamples) drop_goroutines();
}

std::vector<ProfileSample> TimeProfile::samples() const {
  std::vector<ProfileSample> samples;
  const auto add = [&](std::uint64_t key, const Sum& sum, std::optional<GoID> goroutine) {
    const Content content = content_of(key);
    samples.push_back({profile_stack(vocabulary_, content.stack), sum.count, sum.time,
                       name_of(content.state), vocabulary_.of(content.reason), goroutine});
  };
  // Once given up for some, goroutines are told apart for none.
  boost::unordered_flat_map<std::uint64_t, Sum> sums = sums_;
  for (const OfGoroutine& sample : ended_) {
    if (sums_.empty()) {
      add(sample.key, sample.sum, sample.goroutine);
    } else {
      sums[sample.key].merge(sample.sum);
    }
  }
  for (const auto& [key, sum] : sums) add(key, sum, std::nullopt);
  for (const auto& [function, unplaced] : unplaced_.by_function(vocabulary_)) {
    for (std::size_t i = 0; i < unplaced.states.size(); i++) {
      const Sum& sum = unplaced.states[i];
      if (sum.count == 0) continue;
      ProfileSample sample;
      if (!function.empty()) sample.stack.push_back({0, function, {}, 0});
      sample.count = sum.count;
      sample.time = sum.time;
      sample.state = name_of(static_cast<GoState>(i));
      samples.push_back(std::move(sample));
    }
  }
  std::ranges::sort(samples, [](const ProfileSample& a, const ProfileSample& b) {
    return std::tie(b.time, a.state, a.reason, a.goroutine, a.stack) <
           std::tie(a.time, b.state, b.reason, b.goroutine, b.stack);
  });
  return samples;
}

}  // namespace marey::analysis
