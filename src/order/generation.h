// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "marey/error.h"
#include "src/wire/generation_scanner.h"
#include "src/wire/table_reader.h"

namespace marey::order {

/// A generation made ready for ordering: its tables read, its batches grouped by thread.
struct Generation {
  wire::GenerationLayout layout;
  wire::Tables tables;
  std::vector<wire::CPUSampleRecord> samples;  ///< by time
  std::span<const std::byte> trace;  ///< bytes of the trace from `trace_offset` on, with
                                     ///< wire::kDecodeSlack readable bytes behind them
  std::uint64_t trace_offset = 0;

  /// One thread's batches: positions in layout.batches, in file order.
  struct ThreadBatches {
    ThreadID thread = kNoThread;
    std::vector<std::uint32_t> batches;
  };
  std::vector<ThreadBatches> threads;  ///< in the order of their first batches

  std::span<const std::byte> bytes_of(const wire::BatchRef& batch) const {
    return trace.subspan(batch.offset - trace_offset, batch.size);
  }
  /// When the generation begins, in nanoseconds: the time of its Sync event, before it is made to
  /// rise.
  Time begin_time() const {
    return wire::ticks_to_time(layout.min_time, tables.sync.nanoseconds_per_tick);
  }
};

/// Reads the tables (see wire::read_tables for errors, `fallback_...` and `health`) and groups the
/// batches. `names`: those of the trace.
Result<Generation> prepare(wire::GenerationLayout layout, std::span<const std::byte> trace,
                           std::uint64_t trace_offset, double fallback_nanoseconds_per_tick,
                           std::shared_ptr<wire::NameTable> names, Health* health);

}  // namespace marey::order
