// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/cpu_profile.h"

#include <algorithm>
#include <tuple>

#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {

Interests CPUProfile::interests() const {
  Interests interests;
  interests.events.set(order::type_number(wire::EventType::CPUSample));
  return interests;
}

void CPUProfile::events(std::span<const Event::Record* const> events, Translation& translation) {
  for (const Event::Record* const sample : events) {
    counts_[{goroutines_ ? sample->goroutine : kNoGoroutine, translation.stack(sample->args[0])}]++;
  }
}

void CPUProfile::merge(Analysis& next, const SlotMap&) {
  for (const auto& [key, count] : static_cast<CPUProfile&>(next).counts_) counts_[key] += count;
}

std::vector<ProfileSample> CPUProfile::samples() const {
  std::vector<ProfileSample> samples;
  for (const auto& [key, count] : counts_) {
    ProfileSample sample;
    sample.stack = profile_stack(vocabulary_, key.second);
    sample.count = count;
    sample.time = static_cast<Duration>(count) * kPeriod;
    if (key.first != kNoGoroutine) sample.goroutine = key.first;
    samples.push_back(std::move(sample));
  }
  std::ranges::sort(samples, [](const ProfileSample& a, const ProfileSample& b) {
    return std::tie(b.time, a.goroutine, a.stack) < std::tie(a.time, b.goroutine, b.stack);
  });
  return samples;
}

}  // namespace marey::analysis
