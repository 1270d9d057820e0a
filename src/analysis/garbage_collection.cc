// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/garbage_collection.h"

#include <utility>

namespace marey::analysis {

Interests GarbageCollection::interests() const {
  Interests interests;
  interests.ranges = true;
  return interests;
}

void GarbageCollection::ranges(std::span<const RangeInterval> ranges) {
  for (const RangeInterval& range : ranges) {
    switch (range.kind) {
      case RangeKind::Mark:
        cycles_++;
        if (!range.is_guess()) marks_.add(range.duration());
        break;
      case RangeKind::Assist:
        if (!range.is_guess()) assists_.add(range.duration());
        break;
      case RangeKind::Sweep:
        if (range.is_guess()) break;
        sweeps_.add(range.duration());
        swept_ += range.swept;
        reclaimed_ += range.reclaimed;
        break;
      case RangeKind::StopTheWorld: break;
    }
  }
}

void GarbageCollection::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const GarbageCollection&>(next);
  cycles_ += other.cycles_;
  marks_.merge(other.marks_);
  assists_.merge(other.assists_);
  sweeps_.merge(other.sweeps_);
  swept_ += other.swept_;
  reclaimed_ += other.reclaimed_;
}

void GarbageCollection::finish(const TraceContext& context, Findings& findings) {
  table::Table table("garbage_collection", "Garbage collection",
                     "How much of it there was, and what goroutines did for it. What damage hides "
                     "an end of is in no time and no number but that of cycles.");
  const auto cycles = table.add_count(
      "cycles", "Cycles", "Mark phases, with those that were under way at the trace's ends.");
  const auto mark = table.add_duration("mark", "Mark", "Time in which marking was going on.");
  const auto share =
      table.add_percent("mark_share", "Mark share", "The part of the trace that this is.");
  const auto longest = table.add_duration("mark_max", "Longest mark", "The longest mark phase.");
  const auto assists = table.add_count("assists", "Assists", "Mark assists of goroutines.");
  const auto assist = table.add_duration("assist", "Assist", "Time of goroutines in mark assists.");
  const auto sweeps = table.add_count("sweeps", "Sweeps", "Sweeps by procs before allocations.");
  const auto sweep = table.add_duration("sweep", "Sweep", "Time of procs in such sweeps.");
  const auto swept = table.add_bytes("swept", "Swept", "Memory that they looked through.");
  const auto reclaimed = table.add_bytes("reclaimed", "Reclaimed", "Memory that they found free.");
  const auto duration = static_cast<double>(elapsed(context.begin, context.end));
  table.add_row()
      .set(cycles, cycles_)
      .set(mark, marks_.sum())
      .set(share,
           duration > 0 ? 100 * static_cast<double>(marks_.sum()) / duration : table::kNoReal)
      .set(longest, marks_.greatest())
      .set(assists, assists_.count())
      .set(assist, assists_.sum())
      .set(sweeps, sweeps_.count())
      .set(sweep, sweeps_.sum())
      .set(swept, swept_)
      .set(reclaimed, reclaimed_);
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
