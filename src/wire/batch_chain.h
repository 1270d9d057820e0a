// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "src/wire/batch_head.h"

namespace marey::wire {

/// How many batches, each of which ends where the next one begins, are beyond doubt.
inline constexpr unsigned kChainLength = 3;
/// Judging a place takes at most so many bytes behind it.
inline constexpr std::uint64_t kChainBytes = kChainLength * (kMaxBatchSize + 64);

/// What the batches before a place tell of those behind it.
struct ChainContext {
  Version version = kNewestVersion;
  std::uint64_t generation = 0;  ///< number of the last generation that began; 0: unknown
  bool has_padding = false;      ///< their lengths are padded, as the runtime writes them
};

/// Whether batches begin at the offset `position` of the trace: a chain of heads that the runtime
/// may have written, each where the one before ends, or fewer that end with the trace.
bool begins_chain(const Window& window, std::uint64_t position, const ChainContext& context);

}  // namespace marey::wire
