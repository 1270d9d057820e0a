// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace marey::wire {

/// A set of small ids, made for being asked once for each event: a look at one bit, no branch.
class IdSet {
 public:
  /// For ids below `count`.
  explicit IdSet(std::size_t count) : words_(count / 64 + 2), last_(words_.size() - 1) {}

  void add(std::uint64_t id) { words_[id / 64] |= std::uint64_t{1} << (id % 64); }
  bool has(std::uint64_t id) const {
    // The last word stays empty, for all ids that are too large.
    const std::uint64_t word = std::min(id / 64, last_);
    return (words_[word] >> (id % 64) & 1) != 0;
  }

 private:
  std::vector<std::uint64_t> words_;
  std::uint64_t last_;
};

}  // namespace marey::wire
