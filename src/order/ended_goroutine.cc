// SPDX-License-Identifier: Apache-2.0
#include "src/order/ended_goroutine.h"

#include <fmt/format.h>
#include <utility>

#include "src/base/quote.h"

namespace marey::order {

void report_unclosed_regions(const EndedGoroutine& goroutine, const NameTable& names,
                             std::uint64_t generation, Health& health) {
  for (const OpenRegion& region : goroutine.regions) {
    DefectReport report{.defect = Defect::UnclosedRegion,
                        .offset = goroutine.offset,
                        .generation = generation,
                        .detail = {}};
    if (health.of(Defect::UnclosedRegion).count < Health::kKept) {
      report.detail = fmt::format("goroutine {} ended in region {}", goroutine.id,
                                  base::go_quoted(names.name(region.name)));
      if (region.task != 0) report.detail += fmt::format(" of task {}", region.task);
    }
    health.add(std::move(report));
  }
}

}  // namespace marey::order
