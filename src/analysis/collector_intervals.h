// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "marey/event.h"

#include "src/analysis/interval.h"
#include "src/analysis/proc_array.h"
#include "src/analysis/timeline.h"
#include "src/analysis/vocabulary.h"

namespace marey::analysis {

/// Finds the time in which procs work for the garbage collector instead of the program: goroutines
/// in mark assists and background mark workers, while they run; and how many procs there are.
///
/// Works on a piece of the trace and merges with the following one, as GoroutineIntervals does. It
/// looks at procs, not at goroutines, of which there may be millions: on each proc one goroutine
/// runs at a time, and an assist nearly always begins and ends in one *stay* on a proc. What is
/// left are goroutines that stop in the middle of an assist. From then on they are *assisting*; a
/// later stay of theirs, in which no assist begins, is one of the assist up to its end, or, if it
/// does not end there, all of it when its last stack is one of an assist. A piece that does not
/// know whether a goroutine was assisting when it began keeps such stays until merge() says.
///
/// A worker's time begins with its label, as in Go's page, right behind the begin of its stay; each
/// stay has a label of its own.
///
/// Memory: a few words for each proc, and for each goroutine that stops in an assist; 48 bytes for
/// each stay that is kept.
class CollectorIntervals {
 public:
  /// Both must outlive this.
  CollectorIntervals(Translation& translation, const Timeline& timeline);

  static bool handles(std::uint8_t type);
  /// That nobody else has something to do for this type of event: events() may go on with it.
  void set_only_here(std::uint8_t type) { only_here_[type] = true; }
  void event(const Event::Record& record);
  /// Takes in events from `first` on as long as their types are only for this; returns the first
  /// one that is not, or `last`.
  const Event::Record* events(const Event::Record* first, const Event::Record* last);

  /// Before the timelines are merged.
  void merge(CollectorIntervals& next);
  void finish(const Ending& ending);

  /// What is finished; the caller takes it.
  std::vector<CollectorInterval>& finished() { return finished_; }
  /// The changes of GOMAXPROCS, in order.
  std::span<const ProcCount> proc_counts() const { return proc_counts_; }

 private:
  /// What is known of a proc's stay.
  enum class Mode : std::uint8_t {
    Unknown,  ///< the piece does not know what runs on the proc
    Idle,     ///< nothing
    Plain,    ///< a goroutine; if `fresh`, no assist began or ended in the stay
    Working,  ///< a goroutine, for the collector
  };
  struct Stay {
    Time since = 0;  ///< of Plain: the stay, or kSinceSync; of Working: the work
    GoID goroutine = kNoGoroutine;
    Mode mode = Mode::Unknown;
    CollectorWork work = CollectorWork::Assist;
    Edge edge = Edge::Seen;  ///< of `since`
    bool fresh = false;
  };
  /// How a stay, or the work in it, ends.
  enum class Way : std::uint8_t {
    Assisted,   ///< an assist ends that did not begin in the stay
    Suspended,  ///< the goroutine stops, as it seems in an assist
    Stopped,    ///< the goroutine stops otherwise
    Relieved,   ///< the proc turns to other work of the collector
    Lost,       ///< its end is lost: something else runs on the proc, or an assist begins anew
  };
  /// How a stay ended that the piece does not have the begin of.
  struct Head {
    Time end = 0;
    GoID goroutine = kNoGoroutine;
    Way way = Way::Lost;
    Edge edge = Edge::Seen;
    bool assisting = false;  ///< the piece tells that the goroutine was, before
  };
  /// A stay that is one of an assist, if the goroutine was assisting when the piece began.
  struct Kept {
    Time start = 0;
    Time end = 0;
    std::int64_t proc = -1;
    GoID goroutine = kNoGoroutine;
    Edge start_edge = Edge::Seen;
    Edge end_edge = Edge::Seen;
    bool is_sure = false;  ///< it is one, and only `start` is to be found out
  };
  /// Since the trace's begin, which the piece does not have.
  static constexpr Time kSinceSync = std::numeric_limits<Time>::min();

  void status(const Event::Record& record);
  void start(const Event::Record& record);
  void stop(const Event::Record& record);
  void label(const Event::Record& record);
  void begin_assist(const Event::Record& record);
  void end_assist(const Event::Record& record);
  /// Whether a goroutine that stops with this event may be in an assist.
  bool may_be_in_assist(const Event::Record& stop);
  bool is_of_assist(StackNumber stack);
  /// Ends what runs on a proc.
  void end_stay(std::int64_t proc, const Stay& stay, GoID goroutine, Way way, Time time, Edge edge);
  void add_work(std::int64_t proc, const Stay& stay, Time end, Edge edge);
  /// A stay in which no assist began.
  void add_if_assisting(Kept kept);
  /// Replaces kSinceSync, where it is known.
  void find_begin(Time& time) const;
  void set_assisting(GoID goroutine, bool is);
  void add_proc_count(const ProcCount& change);
  /// Generations are missing, and with them what happened on the procs.
  void forget();
  /// The piece has the trace's begin, or nothing of before a gap: what it does not know is not.
  bool is_complete() const { return after_gap_ || timeline_->begins_trace(); }

  Translation* translation_;
  const Timeline* timeline_;
  Text assist_wait_;
  Text sync_;
  enum class Answer : std::uint8_t { Unknown, No, Yes };
  std::vector<Answer> of_assist_;  ///< of stacks, by number
  ProcArray<Stay> stays_;
  boost::unordered_flat_map<std::int64_t, Head> heads_;  ///< by proc
  boost::unordered_flat_map<GoID, bool> assisting_;      ///< false only where it would not be clear
  std::vector<Kept> kept_;
  std::vector<ProcCount> proc_counts_;
  std::vector<CollectorInterval> finished_;
  std::array<bool, 256> only_here_{};
  bool after_gap_ = false;
};

}  // namespace marey::analysis
