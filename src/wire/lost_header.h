// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "src/wire/batch_head.h"
#include "src/wire/header.h"

namespace marey::wire {

/// Bytes at the front of the input in which the begin of a trace is looked for.
inline constexpr std::size_t kLostHeaderReach = 1 << 20;

/// Where a trace begins that does not begin with the first byte.
struct TraceBegin {
  std::uint64_t offset = 0;  ///< of its header or, where that is lost, of its first batch
  Header header;             ///< where it is lost: what the batches look like
  bool header_lost = false;
};

/// Looks for a trace in bytes that have no header in front: one that lies further behind (the
/// response's head was saved along with it), or batches beyond doubt (the header was overwritten).
/// None: these bytes are something else. Batches of v1 are found only where they ought to begin.
std::optional<TraceBegin> find_trace(const Window& front);

}  // namespace marey::wire
