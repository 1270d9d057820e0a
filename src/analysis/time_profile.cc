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
  interests.brief = interests.states - StateSet{NotExist};
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
    if (!interval.is_guess()) add(interval.state, BriefStay(interval), goroutines);
  }
}

void TimeProfile::stays(GoState state, std::span<const BriefStay> stays,
                        const GoroutineTable& goroutines) {
  for (const BriefStay& stay : stays) add(state, stay, goroutines);
}

void TimeProfile::add(GoState state, const BriefStay& stay, const GoroutineTable& goroutines) {
  const Sum sum{1, stay.duration()};
  if (stay.stack == StackNumber::None) {
    unplaced_.of(stay.slot, goroutines).states[static_cast<std::size_t>(state)].merge(sum);
    return;
  }
  if (goroutines_) {
    open_.at(stay.slot, key_of(state, stay.reason, stay.stack)).merge(sum);
  } else {
    sum_of(state, stay.reason, stay.stack).merge(sum);
  }
}

TimeProfile::Sum& TimeProfile::sum_of(GoState state, Text reason, StackNumber stack) {
  std::vector<Place>& places = places_[static_cast<std::size_t>(state)];
  const std::size_t i = raw(stack);
  if (i >= places.size()) places.resize(i + 1 + i / 2);
  Place& place = places[i];
  if (place.sum.count == 0) place.reason = reason;
  return place.reason == reason ? place.sum : sums_[key_of(state, reason, stack)];
}

boost::unordered_flat_map<std::uint64_t, TimeProfile::Sum> TimeProfile::all_sums() const {
  boost::unordered_flat_map<std::uint64_t, Sum> sums = sums_;
  for (std::size_t state = 0; state < places_.size(); state++) {
    for (std::size_t i = 0; i < places_[state].size(); i++) {
      const Place& place = places_[state][i];
      if (place.sum.count == 0) continue;
      const StackNumber stack{static_cast<std::uint32_t>(i)};
      sums[key_of(static_cast<GoState>(state), place.reason, stack)].merge(place.sum);
    }
  }
  return sums;
}

void TimeProfile::end_life(const Interval& life) {
  open_.take(life.slot, [&](std::uint64_t key, const Sum& sum) {
    ended_.push_back({life.goroutine, key, sum});
  });
  if (ended_.size() > kMostSamples) drop_goroutines();
}

void TimeProfile::drop_goroutines() {
  for (const OfGoroutine& sample : ended_) {
    const Content content = content_of(sample.key);
    sum_of(content.state, content.reason, content.stack).merge(sample.sum);
  }
  ended_.clear();
}

void TimeProfile::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<TimeProfile&>(next);
  for (const auto& [key, sum] : other.all_sums()) {
    const Content content = content_of(key);
    sum_of(content.state, content.reason, content.stack).merge(sum);
  }
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
  boost::unordered_flat_map<std::uint64_t, Sum> sums = all_sums();
  const bool has_goroutines = sums.empty();
  for (const OfGoroutine& sample : ended_) {
    if (has_goroutines) {
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
