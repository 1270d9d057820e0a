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
/// root of their stacks. In a piece of the trace that lacks the beginning of a goroutine, or whose
/// stacks are not sure of it, the goroutine has a sum of its own until the piece before tells, or
/// its life is over.
template <class Sum>
class FunctionSums {
 public:
  Sum& of(Slot slot, const GoroutineTable& goroutines) {
    const Goroutine& goroutine = goroutines.at(slot);
    Own& own = own_[slot];
    if (own.root == FrameNumber::None && goroutine.has(Goroutine::History) &&
        goroutine.root.is_sure) {
      settle(own, goroutine.root.frame);
    }
    if (own.root != FrameNumber::None) return functions_[own.root];
    if (own.sum == nullptr) own.sum = std::make_unique<Sum>();
    return *own.sum;
  }
  /// To be called with each life.
  void end_life(const Interval& life, const GoroutineTable& goroutines) {
    Own* const own = own_.find(life.slot);
    if (own == nullptr) return;
    settle(*own, goroutines.at(life.slot).root.frame);
    own->root = FrameNumber::None;
  }
  void merge(FunctionSums& next, const SlotMap& slots) {
    functions_.merge(next.functions_);
    next.own_.for_each_below(static_cast<Slot>(slots.size()), [&](Slot slot, Own& more) {
      if (slots[slot] == kNoSlot || (more.sum == nullptr && more.root == FrameNumber::None)) return;
      Own& own = own_[slots[slot]];
      if (own.root == FrameNumber::None && more.root != FrameNumber::None) settle(own, more.root);
      if (more.sum == nullptr) return;
      if (own.root != FrameNumber::None) {
        functions_[own.root].merge(*more.sum);
      } else if (own.sum == nullptr) {
        own.sum = std::move(more.sum);
      } else {
        own.sum->merge(*more.sum);
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
  struct Own {
    std::unique_ptr<Sum> sum;
    FrameNumber root = FrameNumber::None;  ///< once that is settled
  };

  void settle(Own& own, FrameNumber root) {
    own.root = root;
    if (own.sum == nullptr) return;
    functions_[root].merge(*own.sum);
    own.sum.reset();
  }

  NumberedSums<FrameNumber, Sum> functions_;
  SlotArray<Own> own_;
};

}  // namespace marey::analysis
