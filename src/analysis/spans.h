// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/interval.h"
#include "src/analysis/timeline.h"

namespace marey::analysis {

/// Pairs begins with ends, over pieces of the trace: the simple cousin of GoroutineIntervals, for
/// procs and ranges.
///
/// `Begin` and `End` are what is kept of the two events. Each finished span is handed to a function
///     void emit(const Key&, Time start, const Begin&, Edge, Time end, const End&, Edge)
/// exactly once. A span that was open when the piece began is held until merge() finds its begin.
template <class Key, class Begin, class End, class Hash>
class Spans {
 public:
  /// A span begins. `first`: the piece begins the trace, so that what is not known is not open.
  template <class Emit>
  void begin(const Key& key, Time time, const Begin& begin, Edge edge, bool first, Emit&& emit) {
    Span& span = end_contradicted(key, time, first, emit);
    span = {time, begin, edge, true, false, false};
  }
  /// A span is under way, since before the piece if the piece does not know it. `is_new`: the trace
  /// tells of it for the first time.
  void carry(const Key& key, Time time, const Begin& begin, bool is_new = false) {
    const auto [it, added] = spans_.try_emplace(key);
    Span& span = it->second;
    if (added) {
      span = {time, begin, Edge::Seen, true, true, is_new};
    } else if (!span.open) {
      span = {time, begin, Edge::Damage, true, false, false};
    }
  }
  /// A span ends.
  template <class Emit>
  void end(const Key& key, Time time, const End& end, Edge edge, bool first, Emit&& emit) {
    const auto [it, added] = spans_.try_emplace(key);
    Span& span = it->second;
    if (added) heads_.push_back({key, false, false, 0, {}, time, end, edge});
    if (span.open) close(key, span, time, end, edge, emit);
    span.open = false;
    if (first) spans_.erase(it);
  }

  /// It is known that there is no such span at the moment.
  template <class Emit>
  void none(const Key& key, Time time, bool first, Emit&& emit) {
    end_contradicted(key, time, first, emit).open = false;
  }
  /// Whether there is one open, or one has been that may have begun before the piece.
  bool knows(const Key& key) const { return spans_.contains(key); }
  /// Calls f(End&) for all ends whose begin lies before the piece.
  template <class F>
  void for_each_head(F&& f) {
    for (Head& head : heads_) f(head.info);
  }

  /// Appends the spans of the following piece. `cut`: where this piece's open spans end if there is
  /// a gap between the two (`gap`).
  template <class Emit>
  void merge(Spans& next, bool gap, Time cut, const Beginning& beginning, Emit&& emit) {
    if (gap) {
      for (auto& [key, span] : spans_) {
        if (span.open) close(key, span, cut, End{}, Edge::Damage, emit);
      }
      spans_.clear();
    }
    // Behind a gap nothing is older than the gap.
    const bool cut_off = gap || cut_.has_value();
    for (Head& head : next.heads_) {
      const auto it = spans_.find(head.key);
      if (it != spans_.end() && it->second.open) {
        close(head.key, it->second, head.end, head.info, head.edge, emit);
        it->second.open = false;
      } else if (it != spans_.end() || cut_off || can_resolve(head.is_new, beginning)) {
        emit_unbegun(head, beginning, emit);
      } else {
        spans_.try_emplace(head.key);
        heads_.push_back(head);
      }
    }
    if (next.cut_) {
      for (auto& [key, span] : spans_) {
        if (span.open) close(key, span, *next.cut_, End{}, Edge::Damage, emit);
        span.open = false;
      }
    }
    if (gap && !cut_) cut_ = cut;
    if (!cut_) cut_ = next.cut_;
    for (auto& [key, span] : next.spans_) {
      const auto [it, added] = spans_.try_emplace(key);
      Span& own = it->second;
      if (span.open && span.carried) {
        if (own.open) continue;
        own = span;
        if (!added || cut_off || can_resolve(own.is_new, beginning)) resolve(own, beginning);
        continue;
      }
      own = span;
    }
    if (beginning.known) erase_if(spans_, [](const auto& item) { return !item.second.open; });
  }

  /// The trace ends: all open spans do.
  template <class Emit>
  void finish(const Ending& ending, const Beginning& beginning, Emit&& emit) {
    for (Head& head : heads_) emit_unbegun(head, beginning, emit);
    heads_.clear();
    for (auto& [key, span] : spans_) {
      if (!span.open) continue;
      if (span.carried) resolve(span, beginning);
      close(key, span, std::max(span.since, ending.time), End{}, ending.edge, emit);
    }
    spans_.clear();
  }

 private:
  struct Span {
    Time since = 0;
    Begin begin{};
    Edge edge = Edge::Seen;
    bool open = false;
    bool carried = false;  ///< its begin lies before the piece
    bool is_new = false;   ///< of one that is carried: the trace tells of it for the first time
  };
  /// The end of a span whose begin lies before the piece.
  struct Head {
    Key key;
    bool mentioned;  ///< there was more of it than its end
    bool is_new;
    Time since;
    Begin begin;
    Time end;
    End info;
    Edge edge;
  };

  /// What is open under `key` cannot be: it ends, here or, if the piece knows nothing of it, in the
  /// piece before.
  template <class Emit>
  Span& end_contradicted(const Key& key, Time time, bool first, Emit&& emit) {
    const auto [it, added] = spans_.try_emplace(key);
    Span& span = it->second;
    if (added && !first) heads_.push_back({key, false, false, 0, {}, time, End{}, Edge::Damage});
    if (span.open) close(key, span, time, End{}, Edge::Damage, emit);
    return span;
  }
  template <class Emit>
  void close(const Key& key, const Span& span, Time time, const End& end, Edge edge, Emit&& emit) {
    time = std::max(time, span.since);
    if (span.carried) {
      heads_.push_back({key, true, span.is_new, span.since, span.begin, time, end, edge});
    } else {
      emit(key, span.since, span.begin, span.edge, time, end, edge);
    }
  }
  static bool can_resolve(bool is_new, const Beginning& beginning) {
    return beginning.known || (is_new && beginning.new_since != kNever);
  }
  static void resolve(Span& span, const Beginning& beginning) {
    span.carried = false;
    if (span.is_new && beginning.new_since != kNever) {
      span.edge = Edge::Trace;
      span.since = std::min(span.since, beginning.new_since);
      return;
    }
    span.edge = beginning.edge;
    if (beginning.edge == Edge::Trace) span.since = std::min(span.since, beginning.sync);
  }
  template <class Emit>
  static void emit_unbegun(const Head& head, const Beginning& beginning, Emit&& emit) {
    if (!head.mentioned) return;
    Span span{head.since, head.begin, Edge::Seen, true, true, head.is_new};
    resolve(span, beginning);
    emit(head.key, span.since, span.begin, span.edge, head.end, head.info, head.edge);
  }

  boost::unordered_flat_map<Key, Span, Hash> spans_;
  std::vector<Head> heads_;
  std::optional<Time> cut_;  ///< where a gap within the piece cuts whatever is still open
};

}  // namespace marey::analysis
