// SPDX-License-Identifier: Apache-2.0
#include "marey/health.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace marey {

namespace {

/// Durations are not negative; damaged traces have such that no sum of them fits.
void add_time(Duration& sum, Duration time) {
  sum = time > std::numeric_limits<Duration>::max() - sum ? std::numeric_limits<Duration>::max()
                                                          : sum + time;
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::Note: return "note";
    case Severity::Misuse: return "misuse";
    case Severity::Damage: return "damage";
  }
  return "damage";
}

void Health::add(DefectReport report) {
  Count& count = counts_[static_cast<std::size_t>(report.defect)];
  count.count++;
  count.bytes_lost += report.bytes_lost;
  add_time(count.time_lost, report.time_lost);
  if (count.count <= kKept) reports_.push_back(std::move(report));
}

void Health::add_time_lost(Defect defect, Duration time) {
  Count& count = counts_[static_cast<std::size_t>(defect)];
  add_time(count.time_lost, time);
  if (count.count > kKept) return;
  const auto last = std::find_if(reports_.rbegin(), reports_.rend(),
                                 [=](const DefectReport& r) { return r.defect == defect; });
  if (last != reports_.rend()) add_time(last->time_lost, time);
}

void Health::add_guessed(std::uint64_t events, Time time) {
  if (guessed_events_ == 0) first_guess_ = time;
  guessed_events_ += events;
}

void Health::merge(const Health& other) {
  if (other.guessed_events_ > 0) add_guessed(other.guessed_events_, other.first_guess_);
  std::array<std::uint64_t, kDefectCount> kept{};
  for (const DefectReport& report : reports_) kept[static_cast<std::size_t>(report.defect)]++;
  for (const DefectReport& report : other.reports_) {
    if (kept[static_cast<std::size_t>(report.defect)]++ < kKept) reports_.push_back(report);
  }
  for (std::size_t i = 0; i < kDefectCount; i++) {
    counts_[i].count += other.counts_[i].count;
    counts_[i].bytes_lost += other.counts_[i].bytes_lost;
    add_time(counts_[i].time_lost, other.counts_[i].time_lost);
  }
}

std::uint64_t Health::total() const {
  std::uint64_t total = 0;
  for (const Count& count : counts_) total += count.count;
  return total;
}

std::uint64_t Health::bytes_lost() const {
  std::uint64_t bytes = 0;
  for (const Count& count : counts_) bytes += count.bytes_lost;
  return bytes;
}

bool Health::has_any(Severity severity) const {
  for (std::size_t i = 0; i < kDefectCount; i++) {
    if (counts_[i].count > 0 && kDefectSpecs[i].severity == severity) return true;
  }
  return false;
}

}  // namespace marey
