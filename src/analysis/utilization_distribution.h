// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace marey::analysis {

/// Quantiles of a distribution over [0, 1] that is a sum of very many uniform ones: the mutator
/// utilization distribution (MUD) of Go's internal/trace/mud.go. It is not kept: a histogram finds
/// the bin that a quantile lies in, then one of that bin the bin within it, so that memory stays
/// small (half a megabyte for each quantile) however long the trace is.
class UtilizationDistribution {
 public:
  /// For each of `shares`, 0 to 1, the least value up to which that share of the weight lies, to
  /// 1e-9. `parts(add)` calls add(u, v, weight) for each uniform part, from u to v in either order;
  /// it is called twice and says the same each time. Empty if there is no weight.
  template <class Parts>
  static std::vector<double> quantiles(std::span<const double> shares, const Parts& parts) {
    double total = 0;
    Histogram all;
    parts([&](double u, double v, double weight) {
      total += weight;
      all.add(u, v, weight);
    });
    if (!(total > 0)) return {};
    std::vector<Histogram> bins;
    bins.reserve(shares.size());
    for (const double share : shares) bins.push_back(all.within(share * total));
    parts([&](double u, double v, double weight) {
      for (Histogram& bin : bins) bin.add(u, v, weight);
    });
    std::vector<double> values;
    values.reserve(shares.size());
    for (std::size_t i = 0; i < shares.size(); i++) {
      values.push_back(bins[i].value_at(shares[i] * total));
    }
    return values;
  }

 private:
  /// Two levels of them make bins of 2^-30.
  static constexpr std::size_t kBins = 1 << 15;

  /// A histogram of [from, from + width].
  class Histogram {
   public:
    Histogram() = default;

    void add(double u, double v, double weight) {
      if (v < u) std::swap(u, v);
      // The upper end belongs to the next bin, if there is one.
      if (u >= from_ + width_ && from_ + width_ < 1) return;
      if (v < from_) {
        below_ += weight;
      } else {
        add_within(u, v, weight);
      }
    }
    /// That of the bin in which the weight `rank` is reached.
    Histogram within(double rank) const;
    double value_at(double rank) const;

   private:
    void add_within(double u, double v, double weight);

    double from_ = 0;
    double width_ = 1;
    double below_ = 0;  ///< weight of what lies below `from_`
    std::vector<double> weights_ = std::vector<double>(kBins);
    std::vector<double> steps_ = std::vector<double>(kBins + 1);  ///< by how much whole bins rise
  };
};

}  // namespace marey::analysis
