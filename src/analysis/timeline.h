// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/interval.h"

namespace marey::analysis {

/// How something that turns out to have no begin in the trace is taken to begin.
struct Beginning {
  bool known = false;  ///< whether the pieces so far have the trace's begin
  Edge edge = Edge::Trace;
  Time sync = kNever;  ///< with Edge::Trace: it began then; otherwise where it is first mentioned
  /// When that began which the piece is told of as being new to the trace; kNever: not known yet.
  Time new_since = kNever;
};

/// How the trace ends for what is still open then.
struct Ending {
  /// `known_until`: see index::PassResult. What is cut off later counts no further than that.
  explicit Ending(Time end, Time known_until = kNever)
      : time(std::min(end, known_until)), edge(known_until < end ? Edge::Damage : Edge::Trace) {}

  bool is_cut() const { return edge == Edge::Damage; }

  Time time;
  Edge edge;
};

/// The generations that a piece of the trace consists of, and what is missing between them.
///
/// Generations are meant by their ordinals, from 0 in each piece.
class Timeline {
 public:
  void begin(std::uint64_t generation) {
    generations_.push_back({generation, kLongAgo, 0, false, false});
  }
  void sync(Time time, bool begins_trace) {
    last_sync_ = time;
    if (!first_sync_) first_sync_ = time;
    generations_.back().synced = true;
    generations_.back().begins_trace = begins_trace;
    begins_trace_ |= begins_trace;
  }
  /// Not called for a piece without events.
  void end(Time time) { generations_.back().end = std::max(generations_.back().end, time); }

  /// What to add to an ordinal of `next`, the piece that follows, to have it here after merge().
  std::uint32_t offset(const Timeline& next) const {
    const auto count = static_cast<std::uint32_t>(generations_.size());
    return continues_last(next) ? count - 1 : count;
  }
  /// Whether generations are missing between this and the piece that follows, or another trace in
  /// the same file begins there, which its numbers show, or its Sync event where there are none
  /// (v1).
  bool gap_before(const Timeline& next) const {
    return !continues_last(next) &&
           next.generations_.front().number != generations_.back().number + 1;
  }
  void merge(const Timeline& next) {
    const std::uint32_t gaps = generations_.back().gaps + (gap_before(next) ? 1 : 0);
    const Time end = generations_.back().end;
    const Generation last = generations_.back();
    const bool same = continues_last(next);
    if (same) generations_.pop_back();
    const std::size_t first = generations_.size();
    for (Generation generation : next.generations_) {
      generation.gaps += gaps;
      generation.end = std::max(generation.end, end);
      generations_.push_back(generation);
    }
    if (same) {
      generations_[first].synced = last.synced;
      generations_[first].begins_trace = last.begins_trace;
    }
    if (next.last_sync_) last_sync_ = next.last_sync_;
    if (!first_sync_) first_sync_ = next.first_sync_;
    begins_trace_ |= next.begins_trace_;
  }

  std::uint32_t last() const { return static_cast<std::uint32_t>(generations_.size()) - 1; }
  Time end_of(std::uint32_t ordinal) const { return generations_[ordinal].end; }
  /// The same as it will be after merge(`next`).
  Time end_of(std::uint32_t ordinal, const Timeline& next) const {
    const Time end = end_of(ordinal);
    return ordinal == last() && continues_last(next) ? std::max(end, next.end_of(0)) : end;
  }
  /// Whether generations are missing between two ordinals.
  bool gap(std::uint32_t from, std::uint32_t to) const {
    return generations_[from].gaps != generations_[to].gaps;
  }
  /// Whether what was last mentioned in `ordinal` is gone by the end of the trace: each generation
  /// mentions all that lives, if only at its end, which the last generation lacks if it is cut.
  bool gone_since(std::uint32_t ordinal, const Ending& ending) const {
    return gap(ordinal, last()) || ordinal + (ending.is_cut() ? 2 : 1) <= last();
  }

  /// For what `next`, the piece that follows, knows to be older than itself.
  Beginning beginning_for(const Timeline& next) const {
    // A cut through the first generation: what was active before the trace is told of behind it.
    const bool first = continues_last(next) && generations_.back().begins_trace;
    const bool synced = continues_last(next) && generations_.back().synced;
    const Time new_since = synced ? *last_sync_ : kNever;
    if (first) return {true, Edge::Trace, *last_sync_, new_since};
    return {begins_trace_, Edge::Damage, kNever, new_since};
  }
  Beginning beginning_at_finish() const {
    return {begins_trace_, begins_trace_ ? Edge::Damage : Edge::Trace, kNever, kNever};
  }

  /// Time of the first Sync event; 0 if there is none in the piece.
  Time begin() const { return first_sync_.value_or(0); }
  /// Time of the last Sync event, if there is one in the piece.
  std::optional<Time> last_sync() const { return last_sync_; }
  /// Whether the piece has the trace's first Sync event.
  bool begins_trace() const { return begins_trace_; }

 private:
  static constexpr Time kLongAgo = std::numeric_limits<Time>::min();

  struct Generation {
    std::uint64_t number;
    Time end;
    std::uint32_t gaps;  ///< in the piece, before it
    bool synced;         ///< the piece has the Sync event that begins it: its first event
    bool begins_trace;   ///< and that is the first of a trace
  };

  bool continues_last(const Timeline& next) const {
    return generations_.back().number == next.generations_.front().number &&
           !next.generations_.front().synced;
  }

  std::vector<Generation> generations_;
  std::optional<Time> first_sync_;
  std::optional<Time> last_sync_;
  bool begins_trace_ = false;
};

}  // namespace marey::analysis
