// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/regions.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/analysis/spent_columns.h"

namespace marey::analysis {
namespace {

std::string_view word_for_cut(const RegionInterval& region) {
  if (region.start_edge == Edge::Trace) return "begun before the trace";
  if (region.end_edge == Edge::Unended) return "never ended";
  if (region.end_edge == Edge::Trace) return "open when the trace ended";
  return "";
}

}  // namespace

void Regions::Type::merge(const Type& other) {
  unbegun += other.unbegun;
  unended += other.unended;
  left_open += other.left_open;
  times.add(other.times);
  distributions.merge(other.distributions);
}

bool Regions::Longer::operator()(const RegionInterval& a, const RegionInterval& b) const {
  const auto key = [](const RegionInterval& region) {
    return std::tuple(-region.duration(), region.start, raw(region.goroutine));
  };
  return key(a) < key(b);
}

Interests Regions::interests() const {
  Interests interests;
  interests.annotations = true;
  interests.annotations_view = View::All;
  return interests;
}

void Regions::regions(std::span<const RegionInterval> regions) {
  for (const RegionInterval& region : regions) {
    if (!scope_.has(region.goroutine, region.end)) {
      const bool touches = scope_.moment_in(region.goroutine, region.start, region.end).has_value();
      if (touches && !region.is_guess()) {
        partly_outside_.push_back({region.goroutine, region.start, region.end, region.name});
      }
      continue;
    }
    Type& type = types_[region.name];
    if (region.start_edge != Edge::Seen) type.unbegun++;
    if (region.end_edge != Edge::Seen) type.unended++;
    if (region.end_edge == Edge::Unended) type.left_open++;
    if (region.is_guess()) continue;
    type.times.add(region.times);
    type.distributions.add(region.times);
    longest_.add(region);
  }
}

void Regions::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const Regions&>(next);
  for (const auto& [name, type] : other.types_) types_[name].merge(type);
  longest_.merge(other.longest_);
  partly_outside_.insert(partly_outside_.end(), other.partly_outside_.begin(),
                         other.partly_outside_.end());
}

std::vector<Regions::Nesting> Regions::nesting_of(std::span<const RegionInterval> longest) const {
  struct Region {
    Extent extent;
    std::size_t place;  ///< among the longest; beyond: it is not one of them
  };
  std::vector<Region> regions;
  regions.reserve(longest.size() + partly_outside_.size());
  for (std::size_t i = 0; i < longest.size(); i++) {
    regions.push_back(
        {{longest[i].goroutine, longest[i].start, longest[i].end, longest[i].name}, i});
  }
  for (const Extent& extent : partly_outside_) regions.push_back({extent, longest.size()});
  // What is around others comes before them.
  std::ranges::sort(regions, {}, [](const Region& region) {
    return std::tuple(raw(region.extent.goroutine), region.extent.start, -region.extent.end);
  });
  std::vector<Nesting> found(longest.size());
  std::vector<Extent> open;
  for (const auto& [extent, place] : regions) {
    while (!open.empty() &&
           (open.back().goroutine != extent.goroutine || open.back().end < extent.end)) {
      open.pop_back();
    }
    if (place < found.size()) {
      found[place] = {open.size(), open.empty() ? Text::Empty : open.back().name};
    }
    open.push_back(extent);
  }
  return found;
}

void Regions::finish(const TraceContext& context, Findings& findings) {
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table("regions", "Regions",
                     "What runtime/trace.StartRegion and WithRegion mark, by name, the most time "
                     "first: how long they are, those cut by the trace's ends as far as it goes, "
                     "and what their goroutines do meanwhile. What damage hides an end of is in no "
                     "time. Quantiles are exact to 1.6 %.");
  const auto name = table.add_text("name", "Region", "As the program calls it.");
  const auto count = table.add_count("regions", "Count", "How many there were.");
  const auto total = table.add_duration("total", "Total", "Of all of them.");
  const QuantileColumns quantiles(table, "all");
  const SpentColumns spent(table);
  const auto unbegun =
      table.add_count("unbegun", "Unbegun", "Those whose begin the trace does not have.");
  const auto unended = table.add_count(
      "unended", "Unended",
      "Those that were open when the trace ended, or that their goroutine never ended.");
  const auto left_open = table.add_count(
      "left_open", "Never ended",
      "Of them those that their goroutine did not end before it ended itself: the program lost "
      "them, or a panic did.");

  table::Table distributions("region_distributions", "What is spent in a region",
                             "For each region, and all that its goroutines spend time on, how much "
                             "that is for one.");
  SpentDistributionTable rows(distributions, "name", "Region", "As the program calls it.",
                              "regions", "Regions");
  table::Table histogram("region_histogram", "How long regions are",
                         "Each kind of region by how long they were.");
  const auto histogram_name = histogram.add_text("name", "Region", "As the program calls it.");
  const HistogramColumns steps(histogram, "regions");

  std::vector<std::pair<std::string_view, const Type*>> types;
  for (const auto& [text, type] : types_) types.emplace_back(vocabulary.of(text), &type);
  std::ranges::sort(types, {}, [](const auto& type) {
    return std::tuple(-type.second->times.total(), type.first);
  });
  for (const auto& [text, type] : types) {
    const Histogram& durations = type->distributions.total();
    auto row = table.add_row();
    row.set(name, text)
        .set(count, durations.count())
        .set(total, type->times.total())
        .set(unbegun, type->unbegun)
        .set(unended, type->unended)
        .set(left_open, type->left_open);
    quantiles.set(row, durations);
    spent.set(row, type->times);
    rows.add_rows(text, type->distributions, vocabulary);
    steps.add_rows(histogram, durations,
                   [&](table::Table::Row& step) { step.set(histogram_name, text); });
  }

  table::Table longest("longest_regions", "Longest regions",
                       "The longest ones, one by one, 1,000 at most.");
  const auto duration = longest.add_duration("duration", "Duration", "How long it was.");
  const auto at = longest.add_time("at", "At", "When it began.");
  const auto region_name = longest.add_text("name", "Region", "As the program calls it.");
  const auto goroutine = longest.add_id("goroutine", "Goroutine", "That it is on.", "goroutine");
  const auto task = longest.add_id("task", "Task", "That it belongs to, if any.", "task");
  const auto parent =
      longest.add_text("parent", "In region", "The innermost region around it, if any.");
  const auto depth = longest.add_count(
      "depth", "Depth", "How many regions are around it; not those of which damage hides an end.");
  const auto cut = longest.add_text(
      "cut", "Cut",
      "'begun before the trace', 'open when the trace ended', or 'never ended': by its goroutine, "
      "which ended; so it is as long as the trace has it.");
  const SpentColumns each(longest);
  const std::vector<RegionInterval> sorted = longest_.sorted();
  const std::vector<Nesting> nesting = nesting_of(sorted);
  for (std::size_t i = 0; i < sorted.size(); i++) {
    const RegionInterval& region = sorted[i];
    auto row = longest.add_row();
    row.set(duration, region.duration())
        .set(at, region.start)
        .set(region_name, vocabulary.of(region.name))
        .set(goroutine, region.goroutine)
        .set(parent, vocabulary.of(nesting[i].parent))
        .set(depth, nesting[i].depth)
        .set(cut, word_for_cut(region))
        .range(region.start, region.end)
        .goroutine(region.goroutine);
    if (region.task != kBackgroundTask) row.set(task, region.task);
    each.set(row, region.times);
    if (region.stack != StackNumber::None) row.stack(vocabulary.text_of(region.stack));
  }
  findings.tables.push_back(std::move(table));
  findings.tables.push_back(std::move(distributions));
  findings.tables.push_back(std::move(histogram));
  findings.tables.push_back(std::move(longest));
}

}  // namespace marey::analysis
