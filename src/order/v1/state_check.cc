// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/state_check.h"

namespace marey::order::v1 {
namespace {

/// Regions that are looked through for the one that a mis-nested end means.
constexpr unsigned kMaxSearch = 32;

}  // namespace

Violation StateCheck::check_task(const Event& event) {
  const bool is_new = tasks_.insert(event.args[0]).second;
  if (!keep_events_) return is_new ? Violation::None : Violation::TaskConflict;
  Event& begin = task_events_[event.args[0]];
  other_ = begin;
  begin = event;
  return is_new ? Violation::None : Violation::TaskConflict;
}

Violation StateCheck::check_region(const Event& event, Goroutine& goroutine) {
  const std::uint64_t task = event.args[0];
  const std::uint64_t mode = event.args[1];
  const std::uint64_t name = event.args[2];
  if (mode == 0) {
    std::uint32_t place;
    if (free_regions_.empty()) {
      place = static_cast<std::uint32_t>(regions_.size());
      regions_.emplace_back();
    } else {
      place = free_regions_.back();
      free_regions_.pop_back();
    }
    regions_[place] = {task, name, event.ticks, event.proc, event.stack, goroutine.regions};
    goroutine.regions = place;
    return Violation::None;
  }
  if (mode != 1) return Violation::UnknownRegionMode;
  // The region may have begun before the trace did.
  if (goroutine.regions == 0) return Violation::None;
  const Region& innermost = regions_[goroutine.regions];
  if (innermost.task == task && innermost.name == name) {
    close_region(goroutine.regions);
    return Violation::None;
  }
  other_ = {.ticks = innermost.ticks,
            .goroutine = event.goroutine,
            .args = {innermost.task, 0, innermost.name, 0},
            .stack = innermost.stack,
            .proc = innermost.proc,
            .type = EventType::UserRegion};
  std::uint32_t* link = &goroutine.regions;
  for (unsigned i = 0; i < kMaxSearch && *link != 0; i++) {
    const Region& region = regions_[*link];
    if (region.task == task && region.name == name) {
      close_region(*link);
      break;
    }
    link = &regions_[*link].below;
  }
  return Violation::MisnestedRegion;
}

void StateCheck::close_region(std::uint32_t& link) {
  const std::uint32_t place = link;
  link = regions_[place].below;
  free_regions_.push_back(place);
}

void StateCheck::leave_regions(Goroutine& goroutine) {
  left_regions_.clear();
  while (goroutine.regions != 0) {
    left_regions_.push_back(regions_[goroutine.regions]);
    close_region(goroutine.regions);
  }
}

}  // namespace marey::order::v1
