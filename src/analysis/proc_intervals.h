// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container_hash/hash.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "marey/event.h"

#include "src/analysis/interval.h"
#include "src/analysis/spans.h"
#include "src/analysis/timeline.h"

namespace marey::analysis {

/// A change of a proc's state.
struct ProcChange {
  std::int64_t proc = -1;
  ProcState from = ProcState::Undetermined;
  ProcState to = ProcState::Undetermined;
};

bool is_proc_change(std::uint8_t type);
/// What an event says about a proc, if it does.
std::optional<ProcChange> proc_change(const Event::Record& record);

/// Turns the starts and stops of procs into whole intervals of running.
class ProcIntervals {
 public:
  explicit ProcIntervals(const Timeline& timeline) : timeline_(&timeline) {}

  /// Makes intervals of idle procs as well.
  void want_idle() { wants_idle_ = true; }
  void change(const ProcChange& change, const Event::Record& record);

  /// Before the timelines are merged.
  void merge(ProcIntervals& next);
  void finish(const Ending& ending);

  /// What is finished; the caller takes it.
  std::vector<ProcInterval>& finished() { return finished_; }
  std::vector<ProcInterval>& finished_idle() { return finished_idle_; }

 private:
  struct Begin {
    ThreadID thread = kNoThread;
  };
  struct End {};
  using ProcSpans = Spans<std::int64_t, Begin, End, boost::hash<std::int64_t>>;

  static auto emitter(std::vector<ProcInterval>& finished) {
    return [&finished](std::int64_t proc, Time start, const Begin& begin, Edge start_edge, Time end,
                       const End&, Edge end_edge) {
      finished.push_back({start, end, proc, begin.thread, start_edge, end_edge});
    };
  }
  /// A proc goes from one state into another; `spans` has its stays in `state`.
  void change(ProcSpans& spans, std::vector<ProcInterval>& finished, ProcState state,
              const ProcChange& change, const Event::Record& record);

  const Timeline* timeline_;
  bool wants_idle_ = false;
  ProcSpans running_;
  ProcSpans idle_;
  std::vector<ProcInterval> finished_;
  std::vector<ProcInterval> finished_idle_;
};

}  // namespace marey::analysis
