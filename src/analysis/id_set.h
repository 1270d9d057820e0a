// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>

namespace marey::analysis {

/// A set of ids that are mostly handed out one after the other, which take some three bits each;
/// ids that lie far apart take 25 bytes.
class IdSet {
 public:
  /// Whether it was not there before.
  bool insert(std::uint64_t id) {
    std::uint64_t& bits = bits_[id / 64];
    const std::uint64_t before = bits;
    bits |= bit(id);
    return bits != before;
  }
  bool has(std::uint64_t id) const {
    const auto it = bits_.find(id / 64);
    return it != bits_.end() && (it->second & bit(id)) != 0;
  }
  void merge(const IdSet& other) {
    for (const auto& [number, bits] : other.bits_) bits_[number] |= bits;
  }

 private:
  static std::uint64_t bit(std::uint64_t id) { return std::uint64_t{1} << (id % 64); }

  boost::unordered_flat_map<std::uint64_t, std::uint64_t> bits_;  // by id / 64
};

}  // namespace marey::analysis
