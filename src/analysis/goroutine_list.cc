// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/goroutine_list.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "src/analysis/spent_columns.h"

namespace marey::analysis {
namespace {

/// The number of a Spent; kSpent if none has that name.
std::size_t spent_named(std::string_view name) {
  std::size_t spent = 0;
  while (spent < kSpent && words_of(static_cast<Spent>(spent)).name != name) spent++;
  return spent;
}

}  // namespace

GoroutineList::GoroutineList(const Vocabulary& vocabulary, std::string_view column,
                             std::size_t most)
    : spent_(spent_named(column)), most_(most), sums_(vocabulary) {}

bool GoroutineList::chooses_by(std::string_view column) {
  return column == "total" || spent_named(column) != kSpent;
}

void GoroutineList::intervals(std::span<const Interval> intervals,
                              const GoroutineTable& goroutines) {
  sums_.add(intervals, goroutines, [&](const GoroutineRecord& record) { add(record); });
}

void GoroutineList::add(const GoroutineRecord& record) {
  rows_.push_back({record.times, record.life.start, record.life.end, record.life.goroutine,
                   record.root, record.is_alive()});
  if (rows_.size() >= 2 * most_) limit();
}

Duration GoroutineList::amount_of(const Row& row) const {
  return spent_ == kSpent ? row.times.total() : row.times.of[spent_];
}

void GoroutineList::limit() {
  if (rows_.size() <= most_) return;
  std::ranges::nth_element(
      rows_, rows_.begin() + static_cast<std::ptrdiff_t>(most_), {},
      [&](const Row& row) { return std::tuple(-amount_of(row), row.start, raw(row.goroutine)); });
  left_out_ += rows_.size() - most_;
  rows_.resize(most_);
}

void GoroutineList::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<GoroutineList&>(next);
  sums_.merge(other.sums_, slots);
  rows_.insert(rows_.end(), other.rows_.begin(), other.rows_.end());
  left_out_ += other.left_out_;
  limit();
}

void GoroutineList::finish(const TraceContext& context, Findings& findings) {
  sums_.finish([&](const GoroutineRecord& record) { add(record); });
  limit();
  std::ranges::sort(rows_, {}, [&](const Row& row) {
    return std::tuple(-amount_of(row), row.start, raw(row.goroutine));
  });
  table::Table table(
      "each_goroutine", "Goroutines",
      "What each goroutine spends its time on, all of it or the part asked for. All columns of "
      "time add up to Total, but for GC assist, GC sweep and Stop world, which are "
      "within the others.");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "Its number.", "goroutine");
  const auto function =
      table.add_text("function", "Start function",
                     "The function that the go statement called; empty where no stack of the "
                     "goroutine was recorded.");
  const auto total = table.add_duration("total", "Total", "From begin to end.");
  const SpentColumns spent(table);
  const auto begin = table.add_time(
      "begin", "Begin", "When it was created; the trace's begin where it is older than that.");
  const auto end =
      table.add_time("end", "End", "When it ended; nothing: it was alive when the trace ended.");
  table.reserve(rows_.size());
  for (; !rows_.empty(); rows_.pop_front()) {
    const Row& each = rows_.front();
    auto row = table.add_row();
    row.set(goroutine, each.goroutine)
        .set(function, context.vocabulary.function_of(each.root))
        .set(total, each.times.total())
        .set(begin, each.start)
        .range(each.start, each.end)
        .goroutine(each.goroutine);
    if (!each.is_alive) row.set(end, each.end);
    spent.set(row, each.times);
  }
  table.add_omitted(left_out_);
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
