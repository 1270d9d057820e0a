// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/slot_array.h"

namespace marey::analysis {

/// Something mergeable for each of the vocabulary's numbers that needs one.
template <class Number, class Sum>
class NumberedSums {
 public:
  Sum& operator[](Number number) {
    const std::size_t i = raw(number);
    if (i >= sums_.size()) sums_.resize(i + 1 + i / 2);
    if (sums_[i] == nullptr) sums_[i] = std::make_unique<Sum>();
    return *sums_[i];
  }
  void merge(const NumberedSums& other) {
    other.for_each([&](Number number, const Sum& sum) { (*this)[number].merge(sum); });
  }
  /// Calls f(number, sum) in no meaningful order.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < sums_.size(); i++) {
      if (sums_[i] != nullptr) f(Number{static_cast<std::uint32_t>(i)}, std::as_const(*sums_[i]));
    }
  }

 private:
  std::vector<std::unique_ptr<Sum>> sums_;
};

/// Something mergeable for each function that goroutines were started with: the frame that is the
/// root of their stacks. As long as a piece of the trace is not sure of it, a goroutine has a sum
/// of its own, which its life's end adds.
template <class Sum>
class FunctionSums {
 public:
  Sum& of(const Interval& interval, const GoroutineTable& goroutines) {
    const Root& root = goroutines.at(interval.slot).root;
    if (root.is_sure) return functions_[root.frame];
    std::unique_ptr<Sum>& own = own_[interval.slot];
    if (own == nullptr) own = std::make_unique<Sum>();
    return *own;
  }
  /// To be called with each life.
  void end_life(const Interval& life, const GoroutineTable& goroutines) {
    std::unique_ptr<Sum>* const own = own_.find(life.slot);
    if (own == nullptr || *own == nullptr) return;
    functions_[goroutines.at(life.slot).root.frame].merge(**own);
    own->reset();
  }
  void merge(FunctionSums& next, const SlotMap& slots) {
    functions_.merge(next.functions_);
    next.own_.for_each_below(static_cast<Slot>(slots.size()),
                             [&](Slot slot, std::unique_ptr<Sum>& more) {
                               if (slots[slot] == kNoSlot || more == nullptr) return;
                               std::unique_ptr<Sum>& own = own_[slots[slot]];
                               if (own == nullptr) {
                                 own = std::move(more);
                               } else {
                                 own->merge(*more);
                               }
                             });
  }
  /// By function, in alphabetical order; once all lives have ended.
  std::map<std::string_view, Sum> by_function(const Vocabulary& vocabulary) const {
    std::map<std::string_view, Sum> sums;
    functions_.for_each(
        [&](FrameNumber root, const Sum& sum) { sums[vocabulary.function_of(root)].merge(sum); });
    return sums;
  }

 private:
  NumberedSums<FrameNumber, Sum> functions_;
  SlotArray<std::unique_ptr<Sum>> own_;
};

}  // namespace marey::analysis
