// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "marey/health.h"

#include "src/order/generation.h"
#include "src/order/scheduler.h"
#include "src/wire/generation_scanner.h"

namespace marey::trace {

/// The state that one generation hands to the next, and when it must not.
///
/// After a whole generation the next one starts from where it ended. After damage that is a guess
/// at best, so the next one starts from its own status events instead (open tasks live on). A
/// second trace in the same file starts anew, its clock set to go on where the first one's stopped.
class Chain {
 public:
  /// `strict`: as Go's reader, which takes any generation for the one that follows.
  explicit Chain(bool strict) : strict_(strict) {}

  /// How to start the generation with this layout; makes state() ready for it. `damaged`: whether
  /// the generation before was. Strict reading never asks for anything but Initial and Carried.
  order::Scheduler::Start start(const wire::GenerationLayout& layout, bool damaged);

  /// The first generation to come is not the first of its trace: it, too, starts from its own
  /// status events.
  void join() { joins_ = true; }

  order::State& state() { return *state_; }
  const std::shared_ptr<order::NameTable>& names() { return names_; }
  /// Whether start() would say Carried.
  bool continues(const wire::GenerationLayout& layout, bool damaged) const {
    if (strict_) return initial_number_ != 0;
    return !first_ && !layout.starts_trace && !damaged && layout.number == last_number_ + 1;
  }
  /// Replaces the state by that in which a generation that was ordered elsewhere ended.
  void advance(std::unique_ptr<order::State> state, std::uint64_t generation);

  /// Nanoseconds to add to a generation's times so that time does not run backwards: where another
  /// trace begins, from there on; tolerant (`health`), also where the generation's clock is wrong.
  /// After start(), and before the generation is ordered.
  Duration shift_of(order::Generation& generation, Health* health);
  /// Whether the generation, ordered elsewhere, has the times that it would be ordered with here.
  bool fits(const order::Generation& generation) const {
    return shift_ == 0 && order::begins_behind(generation, state_->last_time, 0);
  }

 private:
  bool strict_;
  std::unique_ptr<order::State> state_ = std::make_unique<order::State>();
  std::shared_ptr<order::NameTable> names_ = std::make_shared<order::NameTable>();
  std::uint64_t initial_number_ = 0;  ///< of the first generation that has events
  std::uint64_t last_number_ = 0;
  bool first_ = true;
  bool joins_ = false;
  Duration trace_shift_ = 0;  ///< of all generations of the trace at hand
  Duration shift_ = 0;        ///< of the last generation
};

/// Completes the report of generations that are missing before the one at hand: `last` is the time
/// of the last event before them, `begin` that of the first one behind them.
void note_lost_time(Health& health, Time last, Time begin);

}  // namespace marey::trace
