// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"

namespace marey::analysis {

/// Garbage collection cycle by cycle: what triggered it, how long it marked, its two stop-the-world
/// pauses, what goroutines and procs had to do for it, and what became of the heap.
///
/// A cycle is a mark phase and the sweeping up to the next one. So the begins and ends of marking
/// cut time into segments; an assist or a sweep counts for the segment in which it begins. A range
/// of time chooses cycles, and does not cut them. Where some goroutines are asked for, the assists
/// and sweeps are theirs; all else is the whole program's.
class GCCycles final : public Analysis {
 public:
  /// `scope`: that of the pass; must outlive this.
  explicit GCCycles(const Scope& scope) : scope_(scope) {}

  Interests interests() const override;
  void ranges(std::span<const RangeInterval> ranges) override;
  void collector(std::span<const CollectorInterval> intervals) override;
  void events(std::span<const Event::Record* const> events, Translation&) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  /// Where marking begins or ends, and the heap then; nothing before the piece's first value.
  struct Border {
    Time time = 0;
    std::optional<std::uint64_t> heap;  ///< bytes; at the end of marking those that are alive
    std::optional<std::uint64_t> goal;  ///< bytes
  };
  /// What is done for the collector in the time from one border to the next.
  struct Segment {
    std::uint64_t assists = 0;
    Duration assist = 0;   ///< of goroutines, waiting included
    Duration longest = 0;  ///< the longest assist
    Time longest_start = kNever;
    GoID longest_goroutine = kNoGoroutine;
    std::uint64_t sweeps = 0;
    Duration sweep = 0;
    Duration cpu = 0;  ///< of procs that mark
    std::uint64_t heap_peak = 0;

    void add_assist(const RangeInterval& assist);
    void merge(const Segment& other);
  };
  struct Work {
    Time start = 0;
    Time end = 0;
  };

  /// Whether an assist or a sweep is of a goroutine that was asked for.
  bool is_wanted(const RangeInterval& range) const {
    return !scope_.has_windows() || scope_.has(range.goroutine, range.end);
  }
  /// Counts what came before its border did.
  void settle();
  std::size_t segment_number(Time time);
  /// To each segment what lies in it.
  void add_work(const Work& work);
  const Border* border_at(Time time) const;
  const Segment& segment_behind(const Border& border) const;
  enum class Where { Around, AroundOrBehind };
  /// How long the pause was that contains the time, or is the next one behind it.
  std::optional<Duration> pause_at(Time time, Where where) const;

  const Scope& scope_;
  std::vector<RangeInterval> marks_;
  std::vector<RangeInterval> pauses_;      // all stop-the-worlds
  std::vector<Border> borders_;            // in order
  std::vector<Segment> segments_;          // one before the borders, and one behind each
  std::vector<RangeInterval> new_ranges_;  // assists and sweeps not counted yet
  std::vector<Work> new_work_;
  std::optional<std::uint64_t> heap_;  // last values
  std::optional<std::uint64_t> goal_;
};

}  // namespace marey::analysis
