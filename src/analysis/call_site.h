// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/vocabulary.h"
#include "src/table/table.h"

namespace marey::analysis {

/// Where in a program something is done, as tables tell it: the telling frame of a stack. Texts
/// live as long as the vocabulary.
struct CallSite {
  std::string_view function;  ///< empty: there is no stack
  std::string place;          ///< "file:line"; empty where the names are lost

  auto operator<=>(const CallSite&) const = default;
};
CallSite call_site_of(const Vocabulary& vocabulary, StackNumber stack);

/// The columns for it in a table.
struct CallSiteColumns {
  table::TextColumn function;
  table::TextColumn place;

  /// `help`: of what is done there, "It blocked there".
  explicit CallSiteColumns(table::Table& table);
  void set(table::Table::Row& row, const CallSite& site) const {
    row.set(function, site.function).set(place, site.place);
  }
};

/// Sums of stacks, put together by `Key`, which is made of call sites. Of the stacks that make up a
/// row, the one with the greatest weight is its evidence.
template <class Key, class Sum>
class CallSiteGroups {
 public:
  struct Group {
    Sum sum;
    std::uint64_t stacks = 0;
    StackNumber greatest = StackNumber::None;
    std::int64_t weight = -1;  ///< of the greatest
    std::string text;          ///< of the greatest
  };

  explicit CallSiteGroups(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  void add(Key key, StackNumber stack, const Sum& sum, std::int64_t weight) {
    Group& group = groups_[std::move(key)];
    group.sum.merge(sum);
    group.stacks++;
    if (weight < group.weight) return;
    // Numbers of stacks differ from run to run: where two weigh the same, their texts decide.
    std::string text = vocabulary_.text_of(stack);
    if (weight == group.weight && text >= group.text) return;
    group.greatest = stack;
    group.weight = weight;
    group.text = std::move(text);
  }
  const std::map<Key, Group>& groups() const { return groups_; }

 private:
  const Vocabulary& vocabulary_;
  std::map<Key, Group> groups_;
};

}  // namespace marey::analysis
