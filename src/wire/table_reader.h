// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "marey/health.h"

#include "src/wire/generation_scanner.h"
#include "src/wire/tables.h"

namespace marey::wire {

/// A CPU profile sample as it stands on the wire.
struct CPUSampleRecord {
  Time time = 0;  ///< nanoseconds, once the generation's frequency is known
  ThreadID thread = kNoThread;
  ProcID proc = kNoProc;
  GoID goroutine = kNoGoroutine;
  StackID stack{};
};

/// A tick of the clock of all systems but Windows, which the runtime makes of nanoseconds.
inline constexpr double kUsualNanosecondsPerTick = 64;

/// Whether a trace's clock can tick so often a second. Go's tick some ten million times.
constexpr bool is_clock_frequency(std::uint64_t per_second) {
  return per_second >= 1'000 && per_second <= 1'000'000'000'000;
}

/// What the batches of a generation that belong to no thread say.
struct GenerationTables {
  Tables tables;
  std::vector<CPUSampleRecord> samples;  ///< by time
};

/// Reads the tables of a generation: strings, stacks, CPU samples, clocks.
///
/// `trace` are the trace's bytes from `trace_offset` on; strings stay views into them.
/// Strict (health == nullptr), it fails as Go's readGeneration does, with its message (processBatch
/// and what it calls, and validateStackStrings; internal/trace/generation.go). Tolerant, it keeps
/// what is whole and adds each defect to `health`. `neighbours_nanoseconds_per_tick` (0: not known)
/// is taken where the generation has no frequency, or one that cannot be true: that no clock has,
/// or that is not kUsualNanosecondsPerTick while the neighbour's is or the clock snapshot says so.
Result<GenerationTables> read_tables(const GenerationLayout& layout,
                                     std::span<const std::byte> trace, std::uint64_t trace_offset,
                                     double neighbours_nanoseconds_per_tick, Health* health);

/// What Go's reader finds wrong in the table batches of a generation that it cannot read to its
/// end.
std::optional<Error> read_table_batches(const GenerationLayout& layout,
                                        std::span<const std::byte> trace,
                                        std::uint64_t trace_offset);

}  // namespace marey::wire
