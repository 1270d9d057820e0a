// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "marey/health.h"

#include "src/order/state.h"

namespace marey::order {

/// A goroutine that has ended, and the regions that it left open.
struct EndedGoroutine {
  std::int64_t id = -1;
  bool assumed = false;  ///< derived runs: regions from before the generation are missing
  std::vector<OpenRegion> regions;  ///< outermost first
  std::uint64_t offset = 0;         ///< of the event, in bytes of the trace
};

/// Counts a region in which a goroutine ended, with the event at `offset` in bytes of the trace.
void report_unclosed_region(std::int64_t goroutine, std::uint64_t task, std::string_view name,
                            std::uint64_t offset, std::uint64_t generation, Health& health);

/// Counts each of the regions as an unclosed one.
void report_unclosed_regions(const EndedGoroutine& goroutine, const NameTable& names,
                             std::uint64_t generation, Health& health);

}  // namespace marey::order
