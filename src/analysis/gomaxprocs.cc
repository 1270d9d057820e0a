// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/gomaxprocs.h"

#include <algorithm>
#include <string>

#include "src/analysis/call_site.h"

namespace marey::analysis {

void Gomaxprocs::add(const Event::Record& record, Translation& translation) {
  const auto procs = static_cast<std::int64_t>(
      std::min<std::uint64_t>(record.args[0], std::numeric_limits<std::int64_t>::max()));
  if (!changes_.empty() && changes_.back().procs == procs) return;
  const StackNumber stack =
      record.args[1] == 0 ? StackNumber::None : translation.stack(record.args[1]);
  changes_.push_back({record.time, procs, record.goroutine, stack});
}

void Gomaxprocs::merge(const Gomaxprocs& next) {
  for (const Change& change : next.changes_) {
    if (changes_.empty() || changes_.back().procs != change.procs) changes_.push_back(change);
  }
}

std::int64_t Gomaxprocs::at(Time time) const {
  const auto next = std::ranges::upper_bound(changes_, time, {}, &Change::at);
  return next == changes_.begin() ? table::kNoInteger : std::prev(next)->procs;
}

table::Table Gomaxprocs::make_table(Time begin, Time end, const Vocabulary& vocabulary) const {
  table::Table table("gomaxprocs", "GOMAXPROCS",
                     "How many procs there are: when the trace first tells of it, and each change. "
                     "Traces of Go 1.21 and before tell of it only when the world starts again.");
  const auto when = table.add_time("at", "At", "When the trace tells of it.");
  const auto procs = table.add_count("procs", "Procs", "GOMAXPROCS from then on.");
  const auto change = table.add_int("change", "Change", "By how much that is more than before.");
  const auto goroutine =
      table.add_id("goroutine", "Goroutine", "That was running there.", "goroutine");
  const auto where = table.add_text("where", "In",
                                    "The innermost function outside Go's standard library there, "
                                    "or the outermost.");
  for (std::size_t i = 0; i < changes_.size(); i++) {
    const Change& of = changes_[i];
    const bool still_holds = i + 1 == changes_.size() || changes_[i + 1].at > begin;
    if (of.at > end || !still_holds) continue;
    auto row = table.add_row();
    row.set(when, of.at)
        .set(procs, of.procs)
        .set(change, i == 0 ? table::kNoInteger : of.procs - changes_[i - 1].procs)
        .set(goroutine, of.goroutine)
        .set(where, call_site_of(vocabulary, of.stack).function)
        .range(of.at, of.at)
        .goroutine(of.goroutine);
    if (const std::string stack = vocabulary.text_of(of.stack); !stack.empty()) row.stack(stack);
  }
  return table;
}

}  // namespace marey::analysis
