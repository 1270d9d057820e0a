// SPDX-License-Identifier: Apache-2.0
#include "src/order/generation.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <unordered_map>
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
  std::unordered_map<std::int64_t, std::size_t> place_of_thread;
  for (std::uint32_t i = 0; i < layout.batches.size(); i++) {
    const wire::BatchRef& batch = layout.batches[i];
    if (batch.kind != wire::BatchKind::Events) continue;
    const auto [it, is_new] =
        place_of_thread.try_emplace(raw(batch.thread), generation.threads.size());
    if (is_new) generation.threads.push_back({batch.thread, {}});
    generation.threads[it->second].batches.push_back(i);
  }
  generation.layout = std::move(layout);
  if (health != nullptr) judge_times(generation, *health);
  return generation;
}

}  // namespace marey::order
