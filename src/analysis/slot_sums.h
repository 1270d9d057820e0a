// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include "src/analysis/goroutine_intervals.h"
#include "src/analysis/slot_array.h"

namespace marey::analysis {

/// Sums for each slot, by a number: of a goroutine's waits by reason, say.
///
/// A slot's sums are a list, the latest in front: most goroutines have few, and do again what they
/// have just done. Those of a longer list are found by a hash.
template <class Sum>
class SlotSums {
 public:
  /// The sum, default-made where it was never asked for; good until the next call.
  Sum& at(Slot slot, std::uint64_t key) {
    List& list = lists_[slot];
    std::uint32_t before = 0;
    std::uint32_t node = list.first;
    for (unsigned i = 0; i < kNear && node != 0; i++) {
      if (nodes_[node].key == key) {
        if (before != 0) {
          nodes_[before].next = nodes_[node].next;
          nodes_[node].next = std::exchange(list.first, node);
        }
        return nodes_[node].sum;
      }
      before = std::exchange(node, nodes_[node].next);
    }
    if (list.size > kNear) {
      if (const auto it = far_.find({slot, key}); it != far_.end()) return nodes_[it->second].sum;
    }
    return add(slot, list, key);
  }

  /// Calls f(key, sum) for all of the slot's, which has none then.
  template <class F>
  void take(Slot slot, F&& f) {
    List* const list = lists_.find(slot);
    if (list == nullptr) return;
    const bool has_far = list->size > kNear;
    for (std::uint32_t node = std::exchange(*list, {}).first; node != 0;) {
      Node& taken = nodes_[node];
      if (has_far) far_.erase({slot, taken.key});
      f(taken.key, std::as_const(taken.sum));
      taken.sum = {};
      node = std::exchange(taken.next, std::exchange(free_, node));
    }
  }

  /// Calls f(slots[slot], key, sum) for all whose slot has one there.
  template <class F>
  void for_each(const SlotMap& slots, F&& f) {
    lists_.for_each_below(static_cast<Slot>(slots.size()), [&](Slot slot, const List& list) {
      if (slots[slot] == kNoSlot) return;
      for (std::uint32_t node = list.first; node != 0; node = nodes_[node].next) {
        f(slots[slot], nodes_[node].key, std::as_const(nodes_[node].sum));
      }
    });
  }

 private:
  static constexpr unsigned kNear = 8;

  struct Node {
    std::uint64_t key = 0;
    Sum sum{};
    std::uint32_t next = 0;
  };
  struct List {
    std::uint32_t first = 0;  // 0: none
    std::uint32_t size = 0;
  };

  Sum& add(Slot slot, List& list, std::uint64_t key) {
    std::uint32_t node = free_;
    if (node != 0) {
      free_ = nodes_[node].next;
    } else {
      node = static_cast<std::uint32_t>(nodes_.size());
      nodes_.emplace_back();
    }
    nodes_[node].key = key;
    nodes_[node].next = std::exchange(list.first, node);
    if (++list.size > kNear) {
      // With the list grown long, also those that were near until now.
      for (std::uint32_t i = node; i != 0; i = list.size == kNear + 1 ? nodes_[i].next : 0) {
        far_[{slot, nodes_[i].key}] = i;
      }
    }
    return nodes_[node].sum;
  }

  SlotArray<List> lists_;
  std::vector<Node> nodes_{1};
  std::uint32_t free_ = 0;
  boost::unordered_flat_map<std::pair<Slot, std::uint64_t>, std::uint32_t> far_;
};

}  // namespace marey::analysis
