// SPDX-License-Identifier: Apache-2.0
#include "src/trace/clock.h"

#include "src/base/wrapping.h"

namespace marey::trace {
namespace {

/// Nanoseconds from the snapshot to `time`. A damaged snapshot may hold anything.
Duration since_snapshot(const wire::SyncRecord& sync, Time time) {
  const Time snapshot = base::wrapping_add(
      wire::ticks_to_time(sync.snapshot_ticks, sync.nanoseconds_per_tick), sync.time_shift);
  return base::wrapping_subtract(time, snapshot);
}

}  // namespace

std::optional<WallTime> wall_time(const wire::SyncRecord& sync, Time time) {
  if (!sync.has_clock_snapshot) return std::nullopt;
  constexpr std::int64_t kSecond = 1'000'000'000;
  const Duration since = since_snapshot(sync, time);
  std::int64_t nanoseconds = sync.snapshot_nsec % kSecond + since % kSecond;
  auto seconds = static_cast<std::uint64_t>(sync.snapshot_sec) +
                 static_cast<std::uint64_t>(sync.snapshot_nsec / kSecond) +
                 static_cast<std::uint64_t>(since / kSecond) +
                 static_cast<std::uint64_t>(nanoseconds / kSecond);
  nanoseconds %= kSecond;
  if (nanoseconds < 0) {
    nanoseconds += kSecond;
    seconds--;
  }
  return WallTime{static_cast<std::int64_t>(seconds), nanoseconds};
}

std::optional<std::int64_t> monotonic_time(const wire::SyncRecord& sync, Time time) {
  if (!sync.has_clock_snapshot) return std::nullopt;
  return base::wrapping_add(static_cast<std::int64_t>(sync.snapshot_mono),
                            since_snapshot(sync, time));
}

}  // namespace marey::trace
