// SPDX-License-Identifier: Apache-2.0
#include "src/order/generation.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <utility>

#include "src/base/wrapping.h"

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

/// Ticks in `duration`, at least `least`: where a damaged frequency is a millionth of what it was,
/// no leaps must be seen in times that are right.
std::uint64_t ticks_in(Duration duration, double nanoseconds_per_tick, std::uint64_t least) {
  const double ticks = static_cast<double>(duration) / nanoseconds_per_tick;
  return ticks < 0x1p63 ? std::max(least, static_cast<std::uint64_t>(ticks))
                        : std::numeric_limits<std::uint64_t>::max();
}

std::uint64_t overlap_in_ticks(const Generation& generation) {
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 24;  // about a second of Go's clocks
  return ticks_in(kOverlap, generation.tables.sync.nanoseconds_per_tick, kLeast);
}

/// Whether `outside` holds for some batches of events, but for less than half of them: then it is
/// they that are wrong, and not the bound.
template <class Outside>
bool is_bound(const wire::GenerationLayout& layout, Outside outside) {
  std::size_t all = 0;
  std::size_t wrong = 0;
  for (const wire::BatchRef& batch : layout.batches) {
    if (batch.kind != wire::BatchKind::Events) continue;
    all++;
    if (outside(batch.time)) wrong++;
  }
  return wrong > 0 && 2 * wrong < all;
}

/// Once all threads have left a generation, the runtime writes its stacks; since Go 1.25 its Sync
/// batch is the first that it writes. So no batch of events is later or earlier than those.
void narrow_by_tables(Generation& generation) {
  const wire::GenerationLayout& layout = generation.layout;
  if (!layout.whole) return;
  const std::uint64_t overlap = overlap_in_ticks(generation);
  std::optional<std::uint64_t> stacks;
  std::optional<std::uint64_t> sync;
  for (const wire::BatchRef& batch : layout.batches) {
    if (batch.kind == wire::BatchKind::Stacks) stacks = std::max(stacks.value_or(0), batch.time);
    if (batch.kind == wire::BatchKind::Sync) sync = batch.time;
  }
  if (stacks && *stacks < generation.latest - std::min(overlap, generation.latest)) {
    const std::uint64_t latest = *stacks + overlap;
    if (is_bound(layout, [&](std::uint64_t time) { return time > latest; })) {
      generation.latest = latest;
    }
  }
  if (sync && *sync > overlap && layout.version >= wire::Version::Go125) {
    const std::uint64_t earliest = *sync - overlap;
    if (is_bound(layout, [&](std::uint64_t time) { return time < earliest; })) {
      generation.earliest = std::max(generation.earliest, earliest);
    }
  }
}

/// Nor is any event later than what the runtime writes behind the events: the stacks, and most
/// often strings.
void bound_events(Generation& generation) {
  const wire::GenerationLayout& layout = generation.layout;
  std::uint64_t last = 0;  // batch that does not leap
  bool has_stacks = false;
  for (const wire::BatchRef& batch : layout.batches) {
    if (generation.leaps(batch)) continue;
    last = std::max(last, batch.time);
    has_stacks = has_stacks || batch.kind == wire::BatchKind::Stacks;
  }
  if (!layout.whole || !has_stacks) return;
  constexpr Duration kSkew = 10'000'000;                    // of the processors' clocks, at most
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 18;  // about 10 ms of Go's clocks
  const std::uint64_t skew = ticks_in(kSkew, generation.tables.sync.nanoseconds_per_tick, kLeast);
  if (last < std::numeric_limits<std::uint64_t>::max() - skew)
    generation.latest_event = last + skew;
}

/// Reports the batches that are no events and leap, but for those before `reported`, and sets when
/// the generation begins.
void judge_batches(Generation& generation, std::uint64_t reported, Health& health) {
  constexpr auto kNone = std::numeric_limits<std::uint64_t>::max();
  wire::GenerationLayout& layout = generation.layout;
  std::uint64_t first = kNone;  // batch of events
  for (const wire::BatchRef& batch : layout.batches) {
    if (batch.kind == wire::BatchKind::Events && !generation.leaps(batch)) {
      first = std::min(first, batch.time);
    }
  }
  // Nothing is written long before the first events, but where the program is stopped just then.
  const std::uint64_t before = 10 * overlap_in_ticks(generation);
  const std::uint64_t earliest = first == kNone || first < before ? 0 : first - before;
  std::uint64_t min_time = kNone;
  bool any_leaps = false;
  for (const wire::BatchRef& batch : layout.batches) {
    const bool leaps = generation.leaps(batch) || batch.time < earliest;
    if (!leaps) min_time = std::min(min_time, batch.time);
    any_leaps = any_leaps || leaps;
    if (!leaps || batch.kind == wire::BatchKind::Events || batch.time < reported) continue;
    // What a table says does not depend on its time, but for the clock snapshot.
    health.add({Defect::TimeLeaps, batch.offset, layout.number, 0, 0,
                fmt::format("a batch without events: its base time is {} ticks off",
                            distance(batch.time, generation.middle))});
    if (batch.kind == wire::BatchKind::Sync) generation.tables.sync.has_clock_snapshot = false;
  }
  if (any_leaps && min_time != kNone) layout.min_time = min_time;
}

/// Sets what time stamps can be right. Batches of events that leap are left to the Ordering, which
/// knows what time they have cost their thread.
void judge_times(Generation& generation, Health& health) {
  constexpr auto kAny = std::numeric_limits<std::uint64_t>::max();
  constexpr std::uint64_t kLeast = std::uint64_t{1} << 31;  // about two minutes of Go's clocks
  const wire::GenerationLayout& layout = generation.layout;
  if (layout.batches.empty()) return;
  const double nanoseconds_per_tick = generation.tables.sync.nanoseconds_per_tick;
  const std::uint64_t ticks = ticks_in(kLongestLeap, nanoseconds_per_tick, kLeast);
  const std::uint64_t middle = generation.middle = median_time(layout);
  generation.longest_delta = ticks;
  generation.earliest = middle > ticks ? middle - ticks : 0;
  generation.latest = middle < kAny - ticks ? middle + ticks : kAny;
  narrow_by_tables(generation);
  bound_events(generation);
  judge_batches(generation, 0, health);
  const auto in_time = [&](std::uint64_t count) {
    return static_cast<std::uint64_t>(wire::ticks_to_time(count, nanoseconds_per_tick));
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
                           std::uint64_t trace_offset, double neighbours_nanoseconds_per_tick,
                           std::shared_ptr<wire::NameTable> names, Health* health) {
  // Another trace in the same file may be another machine's.
  if (layout.starts_trace) neighbours_nanoseconds_per_tick = 0;
  auto read =
      wire::read_tables(layout, trace, trace_offset, neighbours_nanoseconds_per_tick, health);
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

bool begins_behind(const Generation& generation, Time end, Duration shift) {
  Time begin = 0;
  Duration early = 0;
  return !__builtin_add_overflow(generation.begin_time(), shift, &begin) &&
         (begin >= end || (!__builtin_sub_overflow(end, begin, &early) && early <= kOverlap));
}

Duration place_behind(Generation& generation, Time end, Duration shift, Health& health) {
  if (begins_behind(generation, end, 0)) return 0;
  if (begins_behind(generation, end, shift)) return shift;
  wire::GenerationLayout& layout = generation.layout;
  const double nanoseconds_per_tick = generation.tables.sync.nanoseconds_per_tick;
  const Time early = base::wrapping_subtract(end, generation.begin_time());
  if (end > kOverlap &&
      wire::ticks_to_time(generation.middle, nanoseconds_per_tick) > end - kOverlap) {
    // Most of it is right, and what is not has another time.
    const auto earliest =
        static_cast<std::uint64_t>(static_cast<double>(end - kOverlap) / nanoseconds_per_tick);
    const std::uint64_t before =
        std::exchange(generation.earliest, std::max(generation.earliest, earliest));
    judge_batches(generation, before, health);
    if (begins_behind(generation, end, 0)) return 0;
  }
  health.add({Defect::TimeRunsBackwards, layout.begin, layout.number, 0, 0,
              fmt::format("the generation begins {} ns before the end of the one before", early)});
  return base::wrapping_subtract(end + 1, generation.begin_time());
}

}  // namespace marey::order
