// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace marey::analysis {

/// Rows that a table of the longest of something keeps: more than people read, and no burden.
inline constexpr std::size_t kLongestKept = 1000;

/// The `Count` greatest of many things, by a strict order `Before` (a before b: a is the greater)
/// that must tell any two different things apart, so that the outcome does not depend on the order
/// in which they come. Merges by adding the other's things.
template <class T, std::size_t Count, class Before>
class Top {
 public:
  bool full() const { return things_.size() == Count; }
  /// Whether `thing` would be among them: cheap, and mostly false.
  bool wants(const T& thing) const {
    return things_.size() < Count || Before{}(thing, things_.back());
  }
  void add(T thing) {
    if (!wants(thing)) return;
    if (things_.size() == Count) things_.pop_back();
    things_.insert(std::ranges::upper_bound(things_, thing, Before{}), std::move(thing));
  }
  void merge(const Top& other) {
    for (const T& thing : other.things_) {
      if (!wants(thing)) break;  // nor the smaller ones behind it
      add(thing);
    }
  }
  /// The greatest first.
  std::span<T> things() { return things_; }
  std::span<const T> things() const { return things_; }

 private:
  std::vector<T> things_;
};

}  // namespace marey::analysis
