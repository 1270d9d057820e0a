// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/analysis/function_sums.h"
#include "src/analysis/profile_sample.h"
#include "src/analysis/slot_sums.h"

namespace marey::analysis {

/// Where the time of goroutines goes, in all states or in all but running, by stack: a wall-clock
/// and an off-CPU profile without sampling.
///
/// A stay in a state counts at the place where the goroutine itself is: where it blocked, was
/// stopped or called the system (StayBegin::own_stack), and of running, of which the trace tells
/// only the end, where it stops running. What no stack is known of counts at the function that the
/// goroutine was started with. Cut ends count as far as the trace goes; guesses do not.
class TimeProfile final : public ProfileAnalysis {
 public:
  enum class Kind : std::uint8_t { Wall, OffCPU };
  /// `goroutines`: whether samples tell goroutines apart; where that makes more than kMostSamples,
  /// they do not.
  TimeProfile(Kind kind, bool goroutines, const Vocabulary& vocabulary)
      : kind_(kind), goroutines_(goroutines), vocabulary_(vocabulary) {}

  static constexpr std::size_t kMostSamples = 200'000;

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override;
  void stays(GoState state, std::span<const BriefStay> stays,
             const GoroutineTable& goroutines) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  void finish(const TraceContext&, Findings&) override {}

  std::vector<ProfileSample> samples() const override;

 private:
  struct Sum {
    std::uint64_t count = 0;
    Duration time = 0;

    void merge(const Sum& other) {
      count += other.count;
      accumulate(time, other.time);
    }
  };
  /// A state, a reason and a stack in one number.
  static std::uint64_t key_of(GoState state, Text reason, StackNumber stack);
  struct Content {
    GoState state;
    Text reason;
    StackNumber stack;
  };
  static Content content_of(std::uint64_t key);
  /// What has no stack, by state.
  struct Unplaced {
    std::array<Sum, 6> states;
    void merge(const Unplaced& other) {
      for (std::size_t i = 0; i < states.size(); i++) states[i].merge(other.states[i]);
    }
  };
  struct OfGoroutine {
    GoID goroutine = kNoGoroutine;
    std::uint64_t key = 0;
    Sum sum;
  };

  void add(GoState state, const BriefStay& stay, const GoroutineTable& goroutines);
  /// Of no goroutine in particular.
  Sum& sum_of(GoState state, Text reason, StackNumber stack);
  boost::unordered_flat_map<std::uint64_t, Sum> all_sums() const;  ///< of those
  void end_life(const Interval& life);
  /// Gives up telling goroutines apart.
  void drop_goroutines();

  Kind kind_;
  bool goroutines_;
  const Vocabulary& vocabulary_;
  // All, or those that goroutines_ left. Nearly every stack has one reason in a state.
  struct Place {
    Text reason = Text::Empty;
    Sum sum;
  };
  std::array<std::vector<Place>, kGoStateCount> places_;  // by state and stack
  boost::unordered_flat_map<std::uint64_t, Sum> sums_;    // those with the stack's other reasons
  FunctionSums<Unplaced> unplaced_;
  // If goroutines are told apart: those alive, and those whose lives are over.
  SlotSums<Sum> open_;
  std::vector<OfGoroutine> ended_;
};

}  // namespace marey::analysis
