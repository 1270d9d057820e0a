// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/spent_distributions.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "src/analysis/spent_columns.h"

namespace marey::analysis {

void SpentDistributions::add(const GoroutineTimes& times) {
  total_.add(times.total());
  for (std::size_t i = 0; i < kSpent; i++) {
    if (times.of[i] != 0) spent_[i].add(times.of[i]);
  }
}

void SpentDistributions::merge(const SpentDistributions& other) {
  total_.merge(other.total_);
  for (std::size_t i = 0; i < kSpent; i++) spent_[i].merge(other.spent_[i]);
  for (const auto& [reason, times] : other.waits_) waits_[reason].merge(times);
}

SpentDistributionTable::SpentDistributionTable(table::Table& table, const char* subject_name,
                                               const char* subject_title, const char* subject_help,
                                               const char* things_name, const char* things_title)
    : table_(table),
      subject_(table.add_text(subject_name, subject_title, subject_help)),
      spent_on_(table.add_text(
          "spent_on", "Spent on",
          "'lifetime' is all of it; 'waiting: ...' is waiting for one reason, as the runtime names "
          "it, and part of one of the blocks.")),
      things_(table.add_count(things_name, things_title, "How many spend any time on it.")),
      total_(table.add_duration("total", "Total", "Of all of them.")),
      quantiles_(table, "all, also those that spend none") {}

void SpentDistributionTable::add_row(std::string_view subject, std::string_view spent_on,
                                     Histogram times, std::uint64_t all) {
  if (times.count() == 0) return;
  auto row = table_.add_row();
  row.set(subject_, subject)
      .set(spent_on_, spent_on)
      .set(things_, times.count())
      .set(total_, times.sum());
  times.add(0, all - times.count());
  quantiles_.set(row, times);
}

void SpentDistributionTable::add_rows(std::string_view subject, const SpentDistributions& of,
                                      const Vocabulary& vocabulary) {
  const std::uint64_t all = of.total_.count();
  add_row(subject, "lifetime", of.total_, all);
  for (std::size_t i = 0; i < kSpent; i++) {
    add_row(subject, words_of(static_cast<Spent>(i)).name, of.spent_[i], all);
  }
  std::vector<std::pair<std::string_view, const Histogram*>> waits;
  waits.reserve(of.waits_.size());
  for (const auto& [reason, times] : of.waits_) waits.emplace_back(vocabulary.of(reason), &times);
  std::ranges::sort(waits);
  for (const auto& [reason, times] : waits) {
    add_row(subject, fmt::format("waiting: {}", reason), *times, all);
  }
}

}  // namespace marey::analysis
