// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace marey::analysis {

/// Something for each proc, default-made where it was never asked for.
///
/// Procs are numbered from 0, and are few; in damaged traces they may have any number.
template <class T>
class ProcArray {
 public:
  /// Good until another proc is asked for.
  T& operator[](std::int64_t proc) {
    if (proc >= 0 && static_cast<std::size_t>(proc) < dense_.size()) [[likely]] {
      return dense_[static_cast<std::size_t>(proc)];
    }
    if (proc < 0 || proc >= kDense) return sparse_[proc];
    dense_.resize(static_cast<std::size_t>(proc) + 1);
    return dense_.back();
  }

  /// Calls f(proc, its own) at least for all that were ever asked for, nearly in order: what is
  /// negative comes behind the first thousands.
  template <class F>
  void for_each(F&& f) {
    for_each_of(*this, f);
  }
  template <class F>
  void for_each(F&& f) const {
    for_each_of(*this, f);
  }

 private:
  static constexpr std::int64_t kDense = 4096;

  template <class Self, class F>
  static void for_each_of(Self& self, F&& f) {
    for (std::size_t i = 0; i < self.dense_.size(); i++) {
      f(static_cast<std::int64_t>(i), self.dense_[i]);
    }
    std::vector<std::int64_t> others;
    others.reserve(self.sparse_.size());
    for (const auto& [proc, own] : self.sparse_) others.push_back(proc);
    std::ranges::sort(others);
    for (const std::int64_t proc : others) f(proc, self.sparse_.at(proc));
  }

  std::vector<T> dense_;
  boost::unordered_flat_map<std::int64_t, T> sparse_;
};

}  // namespace marey::analysis
