// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/blocking.h"

#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/analysis/call_site.h"
#include "src/analysis/collector_wait.h"
#include "src/analysis/quantile_columns.h"
#include "src/analysis/telling_frame.h"

namespace marey::analysis {
namespace {

constexpr const char* kReasonHelp =
    "As the runtime names it; '-': it began before the trace, or the reason is lost.";

/// Tells the collector's waits from those of the program that have the same reason.
table::TextColumn add_part_of(table::Table& table) {
  return table.add_text(
      "part_of", "Part of",
      "'GC': the wait is one of the garbage collector's, of its own goroutines or "
      "imposed on one of the program's, and not for anything in the program.");
}

std::string_view part_of(const Vocabulary& vocabulary, std::string_view reason, StackNumber stack) {
  return is_collector_wait(vocabulary, reason, stack) ? "GC" : "";
}

}  // namespace

void Blocking::Waiting::add(Time start, GoID goroutine) {
  goroutines++;
  if (std::tuple(start, goroutine) < std::tuple(since, longest)) {
    since = start;
    longest = goroutine;
  }
}

void Blocking::Waiting::merge(const Waiting& other) {
  goroutines += other.goroutines;
  if (std::tuple(other.since, other.longest) < std::tuple(since, longest)) {
    since = other.since;
    longest = other.longest;
  }
}

Interests Blocking::interests() const {
  Interests interests;
  interests.states = {GoState::Waiting};
  interests.stacks = true;
  interests.states_view = View::Wholes;
  return interests;
}

void Blocking::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  for (const Interval& interval : intervals) {
    if (interval.state != GoState::Waiting || interval.is_guess()) continue;
    const Block block{interval.reason, interval.own_stack};
    if (interval.end_edge == Edge::Trace) {
      waiting_[block].add(interval.start, interval.goroutine);
    }
    if (detail_ == Detail::AtEnd || !interval.whole()) continue;
    std::unique_ptr<Histogram>& times = blocks_[block];
    if (times == nullptr) times = std::make_unique<Histogram>();
    times->add(interval.duration());
    longest_.add(interval);
  }
}

void Blocking::merge(Analysis& next, const SlotMap&) {
  auto& other = static_cast<Blocking&>(next);
  for (auto& [block, more] : other.blocks_) {
    std::unique_ptr<Histogram>& times = blocks_[block];
    if (times == nullptr) {
      times = std::move(more);
    } else {
      times->merge(*more);
    }
  }
  for (const auto& [block, more] : other.waiting_) waiting_[block].merge(more);
  longest_.merge(other.longest_);
}

void Blocking::finish(const TraceContext& context, Findings& findings) {
  if (detail_ == Detail::AtEnd) return add_waiting(context, findings);
  add_reasons(context.vocabulary, findings);
  add_call_sites(context.vocabulary, findings);
  add_waiting(context, findings);
  add_longest(context.vocabulary, findings);
}

void Blocking::add_reasons(const Vocabulary& vocabulary, Findings& findings) const {
  std::map<std::pair<std::string_view, std::string_view>, Histogram> reasons;
  Histogram all;
  for (const auto& [block, times] : blocks_) {
    const std::string_view name = vocabulary.of(block.reason);
    reasons[{name, part_of(vocabulary, name, block.stack)}].merge(*times);
    all.merge(*times);
  }
  table::Table table("blocked_by_reason", "How long goroutines are blocked",
                     "Waits that begin and end in the trace, by what the goroutine waits for, the "
                     "runtime's own goroutines among them. Quantiles are exact to 1.6 %.");
  table.be_summary();
  const auto reason = table.add_text("reason", "Reason", kReasonHelp);
  const auto part = add_part_of(table);
  const auto blocks = table.add_count("blocks", "Blocks", "How many waits there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all waits.");
  const QuantileColumns quantiles(table, "the waits");
  for (const auto& [key, times] : reasons) {
    auto row = table.add_row();
    row.set(reason, key.first)
        .set(part, key.second)
        .set(blocks, times.count())
        .set(total, times.sum());
    quantiles.set(row, times);
  }
  table.sort_by(total, table::Order::Descending);
  findings.tables.push_back(std::move(table));

  findings.tables.push_back(histogram_table("blocked_histogram", "How the waits are distributed",
                                            "All waits of the table above by how long they were.",
                                            "waits", all));
}

void Blocking::add_call_sites(const Vocabulary& vocabulary, Findings& findings) const {
  using Key = std::tuple<CallSite, std::string_view, std::string_view>;
  CallSiteGroups<Key, Histogram> groups(vocabulary);
  for (const auto& [block, times] : blocks_) {
    const std::string_view name = vocabulary.of(block.reason);
    groups.add(
        {call_site_of(vocabulary, block.stack), name, part_of(vocabulary, name, block.stack)},
        block.stack, *times, times->sum());
  }
  table::Table table("blocked_by_call_site", "Where goroutines are blocked",
                     "The same by the call that blocks, the most time first, the runtime's own "
                     "last.");
  const CallSiteColumns site(table);
  const auto reason = table.add_text("reason", "Reason", kReasonHelp);
  const auto part = add_part_of(table);
  const auto blocks = table.add_count("blocks", "Blocks", "How many waits there were.");
  const auto total = table.add_duration("total", "Total", "The sum of all waits.");
  const QuantileColumns quantiles(table, "the waits");
  const auto stacks = table.add_count(
      "stacks", "Stacks", "How many stacks this is; the evidence is the one with the most time.");
  for (const auto& [key, group] : groups.groups()) {
    auto row = table.add_row();
    site.set(row, std::get<0>(key));
    row.set(reason, std::get<1>(key))
        .set(part, std::get<2>(key))
        .set(blocks, group.sum.count())
        .set(total, group.sum.sum())
        .set(stacks, group.stacks);
    quantiles.set(row, group.sum);
    if (!group.text.empty()) row.stack(group.text);
  }
  table.sort_by(total, table::Order::Descending);
  table.put_last(site.function, is_of_runtime);
  findings.tables.push_back(std::move(table));
}

void Blocking::add_waiting(const TraceContext& context, Findings& findings) const {
  using Key = std::tuple<CallSite, std::string_view, std::string_view>;
  const Vocabulary& vocabulary = context.vocabulary;
  CallSiteGroups<Key, Waiting> groups(vocabulary);
  for (const auto& [block, waiting] : waiting_) {
    const std::string_view name = vocabulary.of(block.reason);
    groups.add(
        {call_site_of(vocabulary, block.stack), name, part_of(vocabulary, name, block.stack)},
        block.stack, waiting, static_cast<std::int64_t>(waiting.goroutines));
  }
  table::Table table(
      "blocked_at_end", "Who still waits when the trace ends",
      "Goroutines by where they wait, the most first, the runtime's own last. What grows from "
      "trace to trace is a leak.");
  const CallSiteColumns site(table);
  const auto reason = table.add_text("reason", "Reason", kReasonHelp);
  const auto goroutines = table.add_count("goroutines", "Goroutines", "How many wait there.");
  const auto longest = table.add_duration("longest", "Longest",
                                          "How long the one has waited in the trace that waits "
                                          "longest.");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "That one.", "goroutine");
  const auto part = add_part_of(table);
  for (const auto& [key, group] : groups.groups()) {
    auto row = table.add_row();
    site.set(row, std::get<0>(key));
    row.set(reason, std::get<1>(key))
        .set(part, std::get<2>(key))
        .set(goroutines, group.sum.goroutines)
        .set(longest, elapsed(group.sum.since, std::max(group.sum.since, context.end)))
        .set(goroutine, group.sum.longest)
        .goroutine(group.sum.longest);
    if (!group.text.empty()) row.stack(group.text);
  }
  table.sort_by(goroutines, table::Order::Descending);
  table.put_last(site.function, is_of_runtime);
  findings.tables.push_back(std::move(table));
}

void Blocking::add_longest(const Vocabulary& vocabulary, Findings& findings) const {
  table::Table table("longest_blocks", "Longest waits",
                     "The longest ones, one by one, 1,000 at most.");
  const auto duration = table.add_duration("blocked", "Blocked", "How long it was.");
  const auto at = table.add_time("at", "At", "When it began.");
  const auto reason = table.add_text("reason", "Reason", kReasonHelp);
  const auto part = add_part_of(table);
  const auto goroutine = table.add_id("goroutine", "Goroutine", "That waited.", "goroutine");
  const auto by = table.add_id("by", "Unblocked by",
                               "The goroutine that ended it; none: a timer, the network or the "
                               "runtime did.",
                               "goroutine");
  const CallSiteColumns site(table);
  for (const Interval& block : longest_.sorted()) {
    auto row = table.add_row();
    row.set(duration, block.duration())
        .set(at, block.start)
        .set(reason, vocabulary.of(block.reason))
        .set(part, part_of(vocabulary, vocabulary.of(block.reason), block.own_stack))
        .set(goroutine, block.goroutine)
        .set(by, block.end_by)
        .range(block.start, block.end)
        .goroutine(block.goroutine);
    site.set(row, call_site_of(vocabulary, block.own_stack));
    if (block.own_stack != StackNumber::None) row.stack(vocabulary.text_of(block.own_stack));
  }
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
