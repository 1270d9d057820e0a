// SPDX-License-Identifier: Apache-2.0
#include "src/order/ended_goroutine.h"

#include <fmt/format.h>
#include <utility>

#include "src/base/quote.h"

namespace marey::order {

void report_unclosed_region(std::int64_t goroutine, std::uint64_t task, std::string_view name,
                            std::uint64_t offset, std::uint64_t generation, Health& health) {
  DefectReport report{
      .defect = Defect::UnclosedRegion, .offset = offset, .generation = generation, .detail = {}};
  if (health.of(Defect::UnclosedRegion).count < Health::kKept) {
    report.detail =
        fmt::format("goroutine {} ended in region {}", goroutine, base::go_quoted(name));
    if (task != 0) report.detail += fmt::format(" of task {}", task);
  }
  health.add(std::move(report));
}

void report_unclosed_regions(const EndedGoroutine& goroutine, const NameTable& names,
                             std::uint64_t generation, Health& health) {
  for (const OpenRegion& region : goroutine.regions) {
    report_unclosed_region(goroutine.id, region.task, names.name(region.name), goroutine.offset,
                           generation, health);
  }
}

}  // namespace marey::order
