// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <ranges>
#include <utility>

namespace marey::base {

/// Sorts exactly as Go's slices.SortFunc does (Go 1.27): not stable, but elements that
/// compare equal end in the same order as Go leaves them. Made for output that Go sorts unstably
/// and that must be matched byte for byte; everywhere else, std::sort is faster.
///
/// The algorithm is the pattern-defeating quicksort of Orson Peters (arXiv:2106.05123,
/// github.com/orlp/pdqsort) in Go's variant, without the branchless partitioning: Tukey's ninther
/// as pivot, insertion sort up to 12 elements, a shuffle by xorshift64 (seeded by the length, so it
/// is the same in every run) after each lopsided partition, and heapsort after bit_width(n) of
/// those. The order of ties follows from which elements get compared and swapped, so each constant
/// and each comparison matters here, including one oddity, marked below. O(n log n) comparisons, no
/// allocation, recursion at most O(log n) deep.
template <class Iterator, class Compare>
class GoSorter {
 public:
  /// `compare(a, b)` gives something that orders against 0 as a does against b: an int or an
  /// ordering.
  GoSorter(Iterator data, Compare& compare) : data_(data), compare_(compare) {}

  void sort(std::ptrdiff_t size) {
    quicksort(0, size, static_cast<int>(std::bit_width(static_cast<std::size_t>(size))));
  }

 private:
  // Positions, as in Go, count from the start of the whole range; [a, b) is the part being sorted.
  using Index = std::ptrdiff_t;

  enum class Pattern { Unknown, Increasing, Decreasing };
  struct Pivot {
    Index at;
    Pattern pattern;
  };
  struct Partition {
    Index middle;
    bool was_partitioned;
  };

  static constexpr Index kInsertionLength = 12;
  static constexpr Index kNintherLength = 50;
  static constexpr Index kShiftingLength = 50;
  static constexpr int kMostShifts = 5;
  static constexpr int kMostSwaps = 12;

  bool less(Index i, Index j) { return compare_(data_[i], data_[j]) < 0; }
  void swap(Index i, Index j) { std::ranges::swap(data_[i], data_[j]); }

  void quicksort(Index a, Index b, int lopsided_left) {
    bool balanced = true;
    bool partitioned = true;
    for (;;) {
      const Index length = b - a;
      if (length <= kInsertionLength) return insertion_sort(a, b);
      if (lopsided_left == 0) return heap_sort(a, b);
      if (!balanced) {
        scatter(a, b);
        --lopsided_left;
      }
      Pivot pivot = choose_pivot(a, b);
      if (pivot.pattern == Pattern::Decreasing) {
        for (Index i = a, j = b - 1; i < j; ++i, --j) swap(i, j);
        pivot = {b - 1 - (pivot.at - a), Pattern::Increasing};
      }
      if (balanced && partitioned && pivot.pattern == Pattern::Increasing && nearly_sorted(a, b)) {
        return;
      }
      // What lies before a is no greater than anything in [a, b). If it equals the pivot, then so
      // does a whole run of elements, and they are already in place once gathered.
      if (a > 0 && !less(a - 1, pivot.at)) {
        a = gather_equal(a, b, pivot.at);
        continue;
      }
      const Partition parts = partition(a, b, pivot.at);
      partitioned = parts.was_partitioned;
      const Index left = parts.middle - a;
      const Index right = b - parts.middle;
      if (left < right) {
        balanced = left >= length / 8;
        quicksort(a, parts.middle, lopsided_left);
        a = parts.middle + 1;
      } else {
        balanced = right >= length / 8;
        quicksort(parts.middle + 1, b, lopsided_left);
        b = parts.middle;
      }
    }
  }

  void insertion_sort(Index a, Index b) {
    for (Index i = a + 1; i < b; ++i) {
      for (Index j = i; j > a && less(j, j - 1); --j) swap(j, j - 1);
    }
  }

  void heap_sort(Index a, Index b) {
    const Index size = b - a;
    for (Index root = (size - 1) / 2; root >= 0; --root) sift_down(root, size, a);
    for (Index last = size - 1; last >= 0; --last) {
      swap(a, a + last);
      sift_down(0, last, a);
    }
  }

  void sift_down(Index root, Index size, Index first) {
    for (Index child = 2 * root + 1; child < size; child = 2 * root + 1) {
      if (child + 1 < size && less(first + child, first + child + 1)) ++child;
      if (!less(first + root, first + child)) return;
      swap(first + root, first + child);
      root = child;
    }
  }

  /// Swaps the three elements around the middle with random others.
  void scatter(Index a, Index b) {
    const Index length = b - a;
    if (length < 8) return;
    auto random = static_cast<std::uint64_t>(length);
    const std::uint64_t mask = (std::uint64_t{1} << std::bit_width(random)) - 1;
    const Index middle = a + length / 4 * 2;
    for (Index i = middle - 1; i <= middle + 1; ++i) {
      random ^= random << 13;
      random ^= random >> 7;
      random ^= random << 17;
      auto other = static_cast<Index>(random & mask);
      if (other >= length) other -= length;
      swap(i, a + other);
    }
  }

  /// The median of three, or of three medians; how many of its comparisons found disorder tells
  /// whether the part seems sorted one way or the other.
  Pivot choose_pivot(Index a, Index b) {
    const Index length = b - a;
    Index i = a + length / 4;
    Index j = a + length / 4 * 2;
    Index k = a + length / 4 * 3;
    int swaps = 0;
    if (length >= 8) {
      if (length >= kNintherLength) {
        i = median(i - 1, i, i + 1, swaps);
        j = median(j - 1, j, j + 1, swaps);
        k = median(k - 1, k, k + 1, swaps);
      }
      j = median(i, j, k, swaps);
    }
    if (swaps == 0) return {j, Pattern::Increasing};
    if (swaps == kMostSwaps) return {j, Pattern::Decreasing};
    return {j, Pattern::Unknown};
  }

  Index median(Index a, Index b, Index c, int& swaps) {
    const auto order = [&](Index& x, Index& y) {
      if (!less(y, x)) return;
      std::swap(x, y);
      ++swaps;
    };
    order(a, b);
    order(b, c);
    order(a, b);
    return b;
  }

  /// Repairs up to five pairs that are out of order; true if [a, b) is sorted after that.
  bool nearly_sorted(Index a, Index b) {
    Index i = a + 1;
    for (int shifts = 0; shifts < kMostShifts; ++shifts) {
      while (i < b && !less(i, i - 1)) ++i;
      if (i == b) return true;
      if (b - a < kShiftingLength) return false;
      swap(i, i - 1);
      // Go's oddity: the shift to the left stops at 1, not at a + 1. No element passes a, though:
      // everything before a is no greater than anything after it.
      if (i - a >= 2) {
        for (Index j = i - 1; j >= 1 && less(j, j - 1); --j) swap(j, j - 1);
      }
      if (b - i >= 2) {
        for (Index j = i + 1; j < b && less(j, j - 1); ++j) swap(j, j - 1);
      }
    }
    return false;
  }

  /// Puts what is less than the pivot before it and the rest after it.
  Partition partition(Index a, Index b, Index pivot) {
    swap(a, pivot);
    Index i = a + 1;
    Index j = b - 1;
    bool was_partitioned = true;
    for (;;) {
      while (i <= j && less(i, a)) ++i;
      while (i <= j && !less(j, a)) --j;
      if (i > j) break;
      was_partitioned = false;
      swap(i++, j--);
    }
    swap(j, a);
    return {j, was_partitioned};
  }

  /// Puts what equals the pivot first; returns where the greater ones begin. Nothing is less.
  Index gather_equal(Index a, Index b, Index pivot) {
    swap(a, pivot);
    Index i = a + 1;
    Index j = b - 1;
    for (;;) {
      while (i <= j && !less(a, i)) ++i;
      while (i <= j && less(a, j)) --j;
      if (i > j) return i;
      swap(i++, j--);
    }
  }

  Iterator data_;
  Compare& compare_;
};

/// Sorts `range` by `compare` as Go's slices.SortFunc does; see GoSorter.
template <std::ranges::random_access_range Range, class Compare>
void go_sort(Range&& range, Compare compare) {
  GoSorter<std::ranges::iterator_t<Range>, Compare>(std::ranges::begin(range), compare)
      .sort(std::ranges::ssize(range));
}

}  // namespace marey::base
