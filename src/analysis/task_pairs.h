// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/id_set.h"

namespace marey::analysis {

/// Brings the begins and ends of tasks together, within a piece of the trace and across its
/// borders. A task ends once: of programs that end it again, as with a deferred call, the first end
/// counts. `Begin` and `End` are what is to be known of either.
///
/// Memory: what is open, and three bits for each task.
template <class Begin, class End>
class TaskPairs {
 public:
  void begin(TaskID id, const Begin& begin) { open_.insert_or_assign(id, begin); }
  /// Calls take(id, Begin, End) if the task's begin is known.
  template <class Take>
  void end(TaskID id, const End& end, Take&& take) {
    const bool is_first = ended_.insert(raw(id));
    const auto it = open_.find(id);
    if (it == open_.end()) {
      if (is_first) unbegun_.emplace_back(id, end);
      return;
    }
    take(id, it->second, end);
    open_.erase(it);
  }
  /// Takes over those of the following piece, after carry(Begin&) and carry(End&).
  template <class Carry, class Take>
  void merge(TaskPairs& next, Carry&& carry, Take&& take) {
    for (auto& [id, end] : next.unbegun_) {
      carry(end);
      const auto it = open_.find(id);
      if (it == open_.end()) {
        if (!ended_.has(raw(id))) unbegun_.emplace_back(id, end);
        continue;
      }
      take(id, it->second, end);
      open_.erase(it);
    }
    ended_.merge(next.ended_);
    for (auto& [id, begin] : next.open_) {
      carry(begin);
      open_.insert_or_assign(id, begin);
    }
  }
  /// Calls take_end(id, End) for ends without a begin, take_begin(id, Begin) for begins without an
  /// end.
  template <class TakeEnd, class TakeBegin>
  void finish(TakeEnd&& take_end, TakeBegin&& take_begin) {
    for (const auto& [id, end] : std::exchange(unbegun_, {})) take_end(id, end);
    for (const auto& [id, begin] : std::exchange(open_, {})) take_begin(id, begin);
  }

 private:
  boost::unordered_flat_map<TaskID, Begin> open_;
  std::vector<std::pair<TaskID, End>> unbegun_;  // whose begin lies before the piece
  IdSet ended_;
};

}  // namespace marey::analysis
