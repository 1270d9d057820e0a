// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "marey/error.h"

#include "src/wire/generation_scanner.h"
#include "src/wire/table_reader.h"

namespace marey::order {

/// Time stamps that are further apart than this, in nanoseconds, cannot both be right: those of two
/// events in a row on one thread, or of an event and the middle of its generation. The runtime
/// begins a new generation every second, and each has batches of its own. A program that is stopped
/// or debugged meanwhile makes that longer, a day at most as far as anyone will trace it; a single
/// wrong byte makes it years, and pushes all that comes later there.
inline constexpr Duration kLongestLeap = Duration{24} * 60 * 60 * 1'000'000'000;

/// How long before the last event of a generation the next one may begin, in nanoseconds: threads
/// go over one by one, within milliseconds, and a thread that is held up in between takes longer.
inline constexpr Duration kOverlap = 1'000'000'000;

/// Threads of one generation whose events are read tolerantly: far more than Go lets a program have
/// (10,000 unless it asks for more). Each costs a few hundred bytes while the generation is
/// ordered, and a hostile trace has one in ten bytes.
inline constexpr std::size_t kMaxThreads = 1 << 16;

/// A generation made ready for ordering: its tables read, its batches grouped by thread.
struct Generation {
  Generation() = default;
  Generation(Generation&&) = default;
  Generation& operator=(Generation&&) = default;

  wire::GenerationLayout layout;
  wire::Tables tables;
  std::vector<wire::CPUSampleRecord> samples;  ///< by time
  std::span<const std::byte> trace;            ///< bytes of the trace from `trace_offset` on, with
                                               ///< wire::kDecodeSlack readable bytes behind them
  std::uint64_t trace_offset = 0;

  /// One thread's batches: positions in layout.batches, in file order.
  struct ThreadBatches {
    ThreadID thread = kNoThread;
    std::span<const std::uint32_t> batches;  ///< part of batches_by_thread
  };
  std::vector<ThreadBatches> threads;  ///< in the order of their first batches
  std::vector<std::uint32_t> batches_by_thread;

  /// What time stamps can be right, in ticks; any can in strict reading. See kLongestLeap.
  std::uint64_t earliest = 0;  ///< base time of a batch
  std::uint64_t latest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t latest_event = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t longest_delta = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t middle = 0;  ///< the median of the base times; tolerant
  bool leaps(const wire::BatchRef& batch) const {
    return batch.time < earliest || batch.time > latest;
  }

  std::span<const std::byte> bytes_of(const wire::BatchRef& batch) const {
    return trace.subspan(batch.offset - trace_offset, batch.size);
  }
  /// When the generation begins, in nanoseconds: the time of its Sync event, before it is made to
  /// rise.
  Time begin_time() const {
    return wire::ticks_to_time(layout.min_time, tables.sync.nanoseconds_per_tick);
  }
};

/// Reads the tables (see wire::read_tables for errors, `neighbours_...` and `health`) and groups
/// the batches. Tolerant: threads beyond kMaxThreads are counted and left out, and the batches'
/// base times are judged: layout.min_time becomes that of those that can be right, and samples from
/// another time are left out. `names`: those of the trace.
Result<Generation> prepare(wire::GenerationLayout layout, std::span<const std::byte> trace,
                           std::uint64_t trace_offset, double neighbours_nanoseconds_per_tick,
                           std::shared_ptr<wire::NameTable> names, Health* health);

/// Whether the generation, its times shifted, begins when one that ended at `end` has, but for
/// kOverlap.
bool begins_behind(const Generation& generation, Time end, Duration shift);

/// Tolerant: what to add to the generation's times so that it comes behind one that ended at `end`:
/// nothing if it does, else `shift`, if that is enough, else what it takes, which is counted. Where
/// only a few of its batches lie before that end, they are judged to leap.
Duration place_behind(Generation& generation, Time end, Duration shift, Health& health);

}  // namespace marey::order
