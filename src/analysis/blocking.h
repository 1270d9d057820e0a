// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/histogram.h"
#include "src/analysis/top.h"

namespace marey::analysis {

/// How long goroutines are blocked, by reason and call site: waits that begin and end in the trace;
/// the longest of them; and who still waits when the trace ends.
class Blocking final : public Analysis {
 public:
  enum class Detail : std::uint8_t { All, AtEnd };
  /// AtEnd: only who still waits when the trace ends.
  explicit Blocking(Detail detail = Detail::All) : detail_(detail) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// Why and where a goroutine is blocked.
  struct Block {
    Text reason = Text::Empty;
    StackNumber stack = StackNumber::None;
    bool operator==(const Block&) const = default;
    friend std::size_t hash_value(const Block& block) {
      return boost::hash<std::uint64_t>{}(std::uint64_t{raw(block.reason)} << 32 |
                                          raw(block.stack));
    }
  };
  /// Those who wait when the trace ends.
  struct Waiting {
    std::uint64_t goroutines = 0;
    Time since = kNever;          ///< the one who waits longest
    GoID longest = kNoGoroutine;  ///< that one
    void add(Time start, GoID goroutine);
    void merge(const Waiting& other);
  };

  void add_reasons(const Vocabulary& vocabulary, Findings& findings) const;
  void add_call_sites(const Vocabulary& vocabulary, Findings& findings) const;
  void add_waiting(const TraceContext& context, Findings& findings) const;
  void add_longest(const Vocabulary& vocabulary, Findings& findings) const;

  Detail detail_;
  boost::unordered_flat_map<Block, std::unique_ptr<Histogram>, boost::hash<Block>> blocks_;
  boost::unordered_flat_map<Block, Waiting, boost::hash<Block>> waiting_;
  Top<Interval, kLongestKept, LongerInterval> longest_;
};

}  // namespace marey::analysis
