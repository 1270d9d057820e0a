// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace marey::analysis {

/// Rows of a table in the order of time: of more than `Count` of them the earliest, by a strict
/// order `Before` that must tell any two different ones apart.
template <class Row, std::size_t Count, class Before>
class Earliest {
 public:
  void add(const Row& row) {
    rows_.push_back(row);
    if (rows_.size() >= 2 * Count) limit();
  }
  void merge(const Earliest& other) {
    rows_.insert(rows_.end(), other.rows_.begin(), other.rows_.end());
    left_out_ += other.left_out_;
    limit();
  }
  /// Those that are kept, in order.
  const std::vector<Row>& sorted() {
    limit();
    std::ranges::sort(rows_, Before{});
    return rows_;
  }
  std::uint64_t left_out() const { return left_out_; }

 private:
  void limit() {
    if (rows_.size() <= Count) return;
    std::ranges::nth_element(rows_, rows_.begin() + Count, Before{});
    left_out_ += rows_.size() - Count;
    rows_.resize(Count);
  }

  std::vector<Row> rows_;
  std::uint64_t left_out_ = 0;  // good after limit()
};

}  // namespace marey::analysis
