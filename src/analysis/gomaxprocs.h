// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "marey/event.h"
#include "marey/ids.h"

#include "src/analysis/vocabulary.h"
#include "src/table/table.h"

namespace marey::analysis {

/// GOMAXPROCS over time, as ProcsChange events tell it: at the trace's begin (Go 1.22 and later)
/// and each time that the world starts again. Only what changes it is kept.
class Gomaxprocs {
 public:
  /// For a ProcsChange event, in the trace's order.
  void add(const Event::Record& record, Translation& translation);
  void merge(const Gomaxprocs& next);

  /// Calls f(start, end) for the parts of a time in which there is such a proc, as far as is known.
  template <class F>
  void for_each_part(std::int64_t proc, Time start, Time end, F&& f) const {
    for (std::size_t i = 0; i <= changes_.size(); i++) {
      // Before it is first told of, it may be anything.
      const bool exists = i == 0 || proc < changes_[i - 1].procs;
      const Time from = i == 0 ? start : std::max(start, changes_[i - 1].at);
      const Time to = i == changes_.size() ? end : std::min(end, changes_[i].at);
      if (exists && from < to) f(from, to);
    }
  }
  /// At `time`; table::kNoInteger: not told yet.
  std::int64_t at(Time time) const;
  /// What it is first known to be, and each change that lies from `begin` to `end`.
  table::Table make_table(Time begin, Time end, const Vocabulary& vocabulary) const;

 private:
  struct Change {
    Time at = 0;
    std::int64_t procs = 0;
    GoID goroutine = kNoGoroutine;
    StackNumber stack = StackNumber::None;
  };

  std::vector<Change> changes_;
};

}  // namespace marey::analysis
