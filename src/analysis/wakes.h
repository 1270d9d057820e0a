// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/histogram.h"

namespace marey::analysis {

/// Who wakes whom: from the call that unblocks a goroutine to the one in which it was blocked, how
/// often, how long it had been blocked, and how long it then took until it ran.
class Wakes final : public Analysis {
 public:
  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Pair {
    StackNumber waker = StackNumber::None;
    StackNumber blocked = StackNumber::None;
    bool operator==(const Pair&) const = default;
    friend std::size_t hash_value(const Pair& pair) {
      return boost::hash<std::uint64_t>{}(std::uint64_t{raw(pair.waker)} << 32 | raw(pair.blocked));
    }
  };
  struct Sum {
    Duration blocked = 0;
    std::uint64_t by_goroutine = 0;  ///< wakes by a goroutine, not by the runtime
    std::uint64_t wakes = 0;
    Histogram delays;

    void merge(const Sum& other);
  };
  Sum& of(StackNumber waker, StackNumber blocked);

  boost::unordered_flat_map<Pair, std::unique_ptr<Sum>, boost::hash<Pair>> sums_;
};

}  // namespace marey::analysis
