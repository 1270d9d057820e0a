// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/region_windows.h"

namespace marey::analysis {

Interests RegionWindows::interests() const {
  Interests interests;
  interests.annotations = true;
  return interests;
}

void RegionWindows::regions(std::span<const RegionInterval> regions) {
  for (const RegionInterval& region : regions) {
    const auto [name, is_new] = names_.try_emplace(region.name);
    if (is_new) name->second = vocabulary_.of(region.name) == name_;
    if (name->second && !region.is_guess()) {
      windows_.push_back({region.goroutine, region.start, region.end});
    }
  }
}

void RegionWindows::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const RegionWindows&>(next);
  names_.insert(other.names_.begin(), other.names_.end());
  windows_.insert(windows_.end(), other.windows_.begin(), other.windows_.end());
}

std::set<std::string_view> RegionWindows::names() const {
  std::set<std::string_view> names;
  for (const auto& [text, is_the_one] : names_) names.insert(vocabulary_.of(text));
  return names;
}

}  // namespace marey::analysis
