// SPDX-License-Identifier: Apache-2.0
#include "src/order/generation.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>

namespace marey::order {
namespace {

std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }

/// The middle one of the batches' base times. A single wrong one, however far it is off, moves it
/// by a batch at most.
std::uint64_t median_time(const wire::GenerationLayout& layout) {
  std::vector<std::uint64_t> times;
  times.reserve(layout.batches.size());
  for (const wire::BatchRef& batch : layout.batches) times.push_back(batch.time);
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

/// Sets what time stamps can be right. Batches of events that leap are left to the Ordering, which
/// knows what time they have cost their thread.
void judge_times(Generation& generation, Health& health) {
  constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
  // Two minutes of the clocks that Go has, which tick some ten million times a second. Where a
  // damaged frequency is a millionth of that, no leaps must be seen in times that are right.
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 31;
  wire::GenerationLayout& layout = generation.layout;
  wire::SyncRecord& sync = generation.tables.sync;
  if (layout.batches.empty()) return;
  const double leap = static_cast<double>(kLongestLeap) / sync.nanoseconds_per_tick;
  const std::uint64_t ticks =
      leap < 0x1p63 ? std::max(kLeast, static_cast<std::uint64_t>(leap)) : kAny;
  const std::uint64_t middle = median_time(layout);
  generation.longest_delta = ticks;
  generation.earliest = middle > ticks ? middle - ticks : 0;
  generation.latest = middle < kAny - ticks ? middle + ticks : kAny;

  std::uint64_t min_time = middle;
  bool any_leaps = false;
  for (const wire::BatchRef& batch : layout.batches) {
    if (!generation.leaps(batch)) {
      min_time = std::min(min_time, batch.time);
      continue;
    }
    any_leaps = true;
    if (batch.kind != wire::BatchKind::Events) {
      // What a table says does not depend on its time, but for the clock snapshot.
      health.add({Defect::TimeLeaps, batch.offset, layout.number, 0, 0,
                  fmt::format("a batch without events: its base time is {} ticks off",
                              distance(batch.time, middle))});
      if (batch.kind == wire::BatchKind::Sync) sync.has_clock_snapshot = false;
    }
  }
  if (any_leaps) layout.min_time = min_time;
  const auto in_time = [&](std::uint64_t count) {
    return static_cast<std::uint64_t>(wire::ticks_to_time(count, sync.nanoseconds_per_tick));
  };
  std::erase_if(generation.samples, [&](const wire::CPUSampleRecord& sample) {
    const std::uint64_t off = distance(static_cast<std::uint64_t>(sample.time), in_time(middle));
    if (off <= in_time(ticks)) return false;
    health.add({Defect::TimeLeaps, layout.begin, layout.number, 0, 0,
                fmt::format("a CPU sample: its time is {} ns off", off)});
    return true;
  });
}

/// Of `groups`, each given by the position of its first batch in `sorted`, keeps those that come
/// first in the file.
void drop_threads(std::vector<std::uint32_t>& groups, std::span<const std::uint32_t> sorted,
                  const wire::GenerationLayout& layout, Health& health) {
  const auto first_batch = [&](std::uint32_t group) { return sorted[group]; };
  const auto kept = groups.begin() + kMaxThreads;
  std::ranges::nth_element(groups, kept, {}, first_batch);
  std::uint64_t bytes = 0;
  for (auto group = kept; group != groups.end(); group++) {
    const ThreadID thread = layout.batches[sorted[*group]].thread;
    for (std::size_t i = *group; i < sorted.size(); i++) {
      const wire::BatchRef& batch = layout.batches[sorted[i]];
      if (batch.thread != thread) break;
      bytes += batch.size;
    }
  }
  health.add({Defect::DroppedEvent, layout.batches[first_batch(*kept)].offset, layout.number, bytes,
              0,
              fmt::format("the events of {} threads: there are more than {}", groups.end() - kept,
                          kMaxThreads)});
  groups.resize(kMaxThreads);
}

// With arrays and sorting rather than hashing: a hostile trace may have a thread in eight bytes.
void group_by_thread(Generation& generation, Health* health) {
  const std::vector<wire::BatchRef>& batches = generation.layout.batches;
  const auto is_events = [](const wire::BatchRef& batch) {
    return batch.kind == wire::BatchKind::Events;
  };
  std::vector<std::uint32_t>& sorted = generation.batches_by_thread;
  sorted.reserve(static_cast<std::size_t>(std::ranges::count_if(batches, is_events)));
  for (std::uint32_t i = 0; i < batches.size(); i++) {
    if (is_events(batches[i])) sorted.push_back(i);
  }
  std::ranges::sort(sorted, {},
                    [&](std::uint32_t i) { return std::pair(raw(batches[i].thread), i); });
  const auto thread_at = [&](std::size_t i) { return batches[sorted[i]].thread; };
  std::vector<std::uint32_t> groups;
  for (std::uint32_t i = 0; i < sorted.size(); i++) {
    if (i == 0 || thread_at(i) != thread_at(i - 1)) groups.push_back(i);
  }
  if (health != nullptr && groups.size() > kMaxThreads) {
    drop_threads(groups, sorted, generation.layout, *health);
  }
  std::ranges::sort(groups, {}, [&](std::uint32_t group) { return sorted[group]; });
  generation.threads.reserve(groups.size());
  for (const std::uint32_t group : groups) {
    std::size_t end = group + 1;
    while (end < sorted.size() && thread_at(end) == thread_at(group)) end++;
    generation.threads.push_back({thread_at(group), std::span(sorted).subspan(group, end - group)});
  }
}

}  // namespace

Result<Generation> prepare(wire::GenerationLayout layout, std::span<const std::byte> trace,
                           std::uint64_t trace_offset, double fallback_nanoseconds_per_tick,
                           std::shared_ptr<wire::NameTable> names, Health* health) {
  auto read = wire::read_tables(layout, trace, trace_offset, fallback_nanoseconds_per_tick, health);
  if (!read) return std::unexpected(std::move(read.error()));
  Generation generation;
  generation.tables = std::move(read->tables);
  generation.tables.share_names(std::move(names));
  generation.samples = std::move(read->samples);
  generation.trace = trace;
  generation.trace_offset = trace_offset;
  generation.layout = std::move(layout);
  group_by_thread(generation, health);
  if (health != nullptr) judge_times(generation, *health);
  return generation;
}

}  // namespace marey::order
