// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <vector>

#include "marey/event.h"

#include "src/analysis/goroutine_intervals.h"
#include "src/analysis/interval.h"
#include "src/analysis/vocabulary.h"
#include "src/table/chart.h"
#include "src/table/table.h"

namespace marey::analysis {

/// What of a stream an analysis is fed where a part of the trace was asked for (see Scope).
enum class View : std::uint8_t {
  Parts,   ///< the parts of intervals that lie within it, as it befits sums
  Wholes,  ///< the intervals that end within it, whole, as it befits distributions of durations
  All,     ///< everything, the analysis chooses itself
};

/// What an analysis asks for. What nobody asks for is not made.
struct Interests {
  StateSet states;           ///< stays of goroutines in these states; NotExist: their lives
  StateSet brief;            ///< of `states`: those of which stays() will do; of those that come
                             ///< through intervals() what a BriefStay lacks may be wrong then
  bool roots = false;        ///< Goroutine::root: the functions that goroutines were started with
  bool proc_lost = false;    ///< Interval::proc_lost
  bool stacks = false;       ///< StayBegin::own_stack and Interval::end_stack
  bool procs = false;        ///< ProcIntervals
  bool idle_procs = false;   ///< ProcIntervals of idle procs, by idle_procs()
  bool annotations = false;  ///< RegionIntervals and TaskIntervals
  bool ranges = false;       ///< RangeIntervals
  bool stops = false;        ///< stop_begins()
  bool threads = false;      ///< thread_runs()
  bool collector = false;    ///< CollectorIntervals, and TraceContext::proc_counts
  std::bitset<256> events;   ///< single events, by type
  std::bitset<256> unscoped_events;  ///< such as are of interest wherever they lie (see Scope)
  View states_view = View::Parts;
  View procs_view = View::Parts;  ///< Wholes: as Parts
  View ranges_view = View::Parts;
  View collector_view = View::Parts;    ///< Wholes: as Parts
  View annotations_view = View::Parts;  ///< of regions and tasks; Parts: as Wholes
};

/// What every result refers to.
struct TraceContext {
  Time begin = 0;  ///< of the first event
  Time end = 0;    ///< of the last event
  const Vocabulary& vocabulary;
  bool v1 = false;                           ///< the format before Go 1.22, which tells less
  bool some_goroutines = false;              ///< only what some goroutines did was asked for
  std::span<const ProcCount> proc_counts{};  ///< changes of GOMAXPROCS in the whole trace, in order
};

/// What an analysis ends in.
struct Findings {
  std::vector<table::Table> tables;
  std::vector<table::Chart> charts;
};

/// One question that is put to a trace: a mergeable fold over whole intervals, ending in tables.
///
/// There is one object for each piece of the trace (a generation or a part of one). It is fed the
/// intervals that end in the piece; then objects of neighbouring pieces are merged, left to right,
/// and the left one is fed the intervals that cross the border. So the order in which intervals
/// come means nothing, except that a goroutine's life comes after its other intervals: whatever is
/// folded must be a sum, a greatest value, a set.
///
/// What belongs to a goroutine can be kept in an array by Interval::slot, and must be given up with
/// its life: the slot goes to another goroutine then. merge() says how slots change.
///
/// To add an analysis: a subclass in a file of its own, and a line in analyses.cc.
class Analysis {
 public:
  virtual ~Analysis() = default;

  virtual Interests interests() const = 0;

  virtual void intervals(std::span<const Interval>, const GoroutineTable&) {}
  /// Stays in one of the states that are `brief`; each comes here or through intervals().
  virtual void stays(GoState, std::span<const BriefStay>, const GoroutineTable&) {}
  virtual void procs(std::span<const ProcInterval>) {}
  virtual void idle_procs(std::span<const ProcInterval>) {}
  virtual void ranges(std::span<const RangeInterval>) {}
  /// A stop-the-world begins, by this event. What has ended until then has come before, of what
  /// ends later nothing, but for what crosses the borders of pieces.
  virtual void stop_begins(const Event::Record&) {}
  /// Of a range of time, those that end in it; they are whole.
  virtual void regions(std::span<const RegionInterval>) {}
  virtual void tasks(std::span<const TaskInterval>) {}
  virtual void collector(std::span<const CollectorInterval>) {}
  /// Events of the types asked for, in order, while the generation's tables live.
  virtual void events(std::span<const Event::Record* const>, Translation&) {}
  /// All events, by their threads; a run may come in parts.
  virtual void thread_runs(std::span<const ThreadRun>) {}

  /// Takes over what the analysis of the following piece has. A goroutine that has slot i there has
  /// slot slots[i] here, or there is none.
  virtual void merge(Analysis& next, const SlotMap& slots) = 0;

  /// Called once, after everything: the tables. `context` outlives neither analysis nor tables.
  virtual void finish(const TraceContext& context, Findings& findings) = 0;
};

}  // namespace marey::analysis
