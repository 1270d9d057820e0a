// SPDX-License-Identifier: Apache-2.0
#include "src/trace/chain.h"

#include <algorithm>
#include <utility>

#include "src/base/wrapping.h"

namespace marey::trace {

order::Scheduler::Start Chain::start(const wire::GenerationLayout& layout, bool damaged) {
  using Start = order::Scheduler::Start;
  const bool continues = this->continues(layout, damaged);
  last_number_ = layout.number;
  const auto is_events = [](const wire::BatchRef& batch) {
    return batch.kind == wire::BatchKind::Events;
  };
  // Go knows the first generation that has events, and knows it by its number.
  if (initial_number_ == 0 && std::ranges::any_of(layout.batches, is_events)) {
    initial_number_ = layout.number;
  }
  if (std::exchange(first_, false)) {
    return joins_ && !layout.starts_trace ? Start::Derived : Start::Initial;
  }
  if (strict_ && layout.number == initial_number_) return Start::Initial;
  if (continues) return Start::Carried;
  auto fresh = std::make_unique<order::State>();
  fresh->generation = state_->generation;
  fresh->last_time = state_->last_time;
  if (!layout.starts_trace) fresh->tasks = std::move(state_->tasks);
  state_ = std::move(fresh);
  return layout.starts_trace ? Start::Initial : Start::Derived;
}

void Chain::advance(std::unique_ptr<order::State> state, std::uint64_t generation) {
  state_ = std::move(state);
  last_number_ = generation;
  first_ = false;
}

Duration Chain::shift_of(order::Generation& generation, Health* health) {
  const Time last = state_->last_time;
  if (generation.layout.starts_trace) {
    const Time begin = generation.begin_time();
    if (base::wrapping_add(begin, trace_shift_) <= last) {
      trace_shift_ = base::wrapping_subtract(last + 1, begin);
    }
    shift_ = trace_shift_;
  } else if (health != nullptr && last != 0) {
    const Time end = base::wrapping_subtract(last, trace_shift_);
    shift_ = trace_shift_ + order::place_behind(generation, end, shift_ - trace_shift_, *health);
  }
  return shift_;
}

void note_lost_time(Health& health, Time last, Time begin) {
  if (health.of(Defect::LostGeneration).count == 0) return;
  // An event that comes at once only keeps the times apart.
  if (begin > last + 1) health.add_time_lost(Defect::LostGeneration, begin - last);
}

}  // namespace marey::trace
