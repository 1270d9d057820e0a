// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "marey/event.h"

#include "src/analysis/goroutine_intervals.h"
#include "src/analysis/goroutine_times.h"
#include "src/analysis/interval.h"
#include "src/analysis/slot_array.h"
#include "src/analysis/task_pairs.h"
#include "src/analysis/vocabulary.h"
#include "src/analysis/wait_reason.h"

namespace marey::analysis {

/// Turns the begins and ends of regions and tasks into whole ones, and says what the goroutine did
/// meanwhile.
///
/// How the times of a region are found without adding each stay to each region around it: for each
/// goroutine the times of all its stays so far are summed up (`since`). A region begins and ends
/// while its goroutine runs, so its times are the difference of the sums at its end and its begin,
/// less the part of the stay around its begin that lies before it, plus that of the stay around its
/// end. A stay begins where the one before ended (`edge`), so that costs nothing to know.
///
/// Over pieces of the trace: a piece counts from the first stay that it hands out of a goroutine
/// (`first`); what lies before that is the head, which is handed out when the piece is merged into
/// one that knows where it begins (see GoroutineIntervals). So merging takes two steps: after
/// begin_merge() the intervals that come are those that cross the border, and are gathered;
/// finish_merge() then joins what was open with what has ended.
///
/// A region that its goroutine does not end is over with the goroutine. Which end is a task's,
/// TaskPairs says; its times are those of the goroutine that began it, if it also ends it; where
/// another one does, or nobody, they are unknown. Of regions, 256 deep are followed.
///
/// Cost: an addition for each stay, a constant for each begin and end. Memory: 120 bytes for each
/// live goroutine, 200 for what is open, three bits for each task.
class AnnotationIntervals {
 public:
  AnnotationIntervals(Translation& translation, GoroutineIntervals& goroutines)
      : translation_(&translation),
        goroutines_(&goroutines),
        wait_kinds_(translation.vocabulary()) {}

  static bool handles(std::uint8_t type);
  /// The intervals that it needs.
  static constexpr StateSet kStates{GoState::NotExist, GoState::Runnable, GoState::Running,
                                    GoState::Waiting, GoState::Syscall};
  static constexpr StateSet kBrief{GoState::Runnable, GoState::Running, GoState::Waiting};

  /// All intervals of the goroutine until now must have come.
  void event(const Event::Record& record);
  void intervals(std::span<const Interval> intervals);
  void stays(GoState state, std::span<const BriefStay> stays);
  void ranges(std::span<const RangeInterval> ranges);

  /// Between align() and stitch() of the goroutines; `next` must live until finish_merge().
  void begin_merge(AnnotationIntervals& next, const SlotMap& slots);
  /// After stitch().
  void finish_merge(AnnotationIntervals& next, const SlotMap& slots);
  /// After the goroutines' finish().
  void finish(const Ending& ending);

  /// What is finished; the caller takes it.
  std::vector<RegionInterval>& finished_regions() { return finished_regions_; }
  std::vector<TaskInterval>& finished_tasks() { return finished_tasks_; }

 private:
  static constexpr std::size_t kDeepest = 256;

  /// A moment in a goroutine's sums, while it runs.
  struct Mark {
    Time time = 0;
    GoroutineTimes since;
    Time edge = kNever;  ///< since when it runs; kNever: that was the first stay that came, or is
  };
  struct OpenRegion {
    Mark begin;
    Text name = Text::Empty;
    TaskID task{};
    StackNumber stack = StackNumber::None;
    Edge edge = Edge::Seen;
  };
  /// The end of a region whose begin lies before the piece.
  struct UnbegunRegion {
    Mark end;
    Text name = Text::Empty;
    TaskID task{};
    Edge edge = Edge::Seen;
  };
  /// A goroutine.
  struct State {
    GoroutineTimes since;
    Time first = kNever;     ///< begin of the first stay that came
    Time edge = kNever;      ///< end of the last one
    std::uint32_t life = 0;  ///< tells it from others that had the slot before
    std::vector<OpenRegion> open;
    std::uint64_t too_deep = 0;  ///< open regions beyond kDeepest
    std::vector<UnbegunRegion> unbegun;

    /// Another stay has come.
    void extend(Time start, Time end) {
      first = std::min(first, start);
      edge = edge == kNever ? end : std::max(edge, end);
    }
    bool is_blank() const {
      return first == kNever && open.empty() && too_deep == 0 && unbegun.empty() &&
             since == GoroutineTimes{};
    }
  };
  /// A goroutine that a task refers to.
  struct Owner {
    GoID goroutine = kNoGoroutine;
    Slot slot = kNoSlot;
    std::uint32_t life = 0;
    bool operator==(const Owner&) const = default;
  };
  struct OpenTask {
    Owner owner;
    Mark begin;
    TaskID parent = kNoTask;
    Text type = Text::Empty;
    StackNumber stack = StackNumber::None;
    Edge edge = Edge::Seen;
  };
  struct TaskEnd {
    Owner owner;  ///< that ended it
    Mark end;
    Edge edge = Edge::Seen;
  };
  /// What crosses the border between two pieces.
  struct Crossing {
    GoID goroutine = kNoGoroutine;
    Mark before;           ///< what had come of it before; without a time
    GoroutineTimes times;  ///< of stays
    std::vector<RangeInterval> ranges;
    Time first = kNever;
    Time last = kNever;
    Slot next_slot = kNoSlot;  ///< of the goroutine in the following piece
    std::optional<Interval> life;

    void extend(Time start, Time end) {
      first = std::min(first, start);
      last = last == kNever ? end : std::max(last, end);
    }
  };

  static void add(GoroutineTimes& times, const RangeInterval& range);
  void add(GoroutineTimes& times, const Interval& interval);
  static Mark mark(const State& state, Time time) { return {time, state.since, state.edge}; }
  /// What the goroutine did between two marks.
  static GoroutineTimes between(const Mark& begin, const Mark& end, const State& state);
  /// A mark of the following piece, as one of both.
  static Mark carried(const Mark& mark, const State& next, const Crossing& crossing);
  /// Times that add up to the duration.
  static GoroutineTimes completed(GoroutineTimes times, Duration duration);

  void begin_region(const Event::Record& record);
  void end_region(const Event::Record& record);
  void begin_task(const Event::Record& record);
  void end_task(const Event::Record& record);
  /// Whose slot another goroutine may have by now.
  bool is_gone(const Owner& owner);
  void end_life(const Interval& life);
  void emit(GoID goroutine, const OpenRegion& region, Time end, Edge edge,
            const GoroutineTimes& times);
  void emit(TaskID id, const OpenTask& task, const TaskEnd& end);
  void join(State& state, State& next, const Crossing& crossing);
  void join_tasks(AnnotationIntervals& next, const SlotMap& slots);

  Translation* translation_;
  GoroutineIntervals* goroutines_;
  WaitKinds wait_kinds_;
  SlotArray<State> states_;
  std::uint32_t lives_ = 0;
  TaskPairs<OpenTask, TaskEnd> tasks_;
  std::vector<RegionInterval> finished_regions_;
  std::vector<TaskInterval> finished_tasks_;
  bool merging_ = false;  // between begin_merge() and finish_merge()
  boost::unordered_flat_map<Slot, Crossing> crossings_;
};

}  // namespace marey::analysis
