// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "src/wire/id_set.h"

namespace marey::wire {

/// A table from the ids of one generation to entries.
///
/// The runtime hands out ids 1, 2, 3, ..., so nearly all entries lie in an array that is indexed by
/// the id. Ids that would stretch the array beyond a small multiple of what has been inserted (only
/// damaged traces have them) go to a hash map: memory stays in proportion to the input.
///
/// `Entry` needs a default state and `bool present() const`.
template <class Entry>
class DenseTable {
 public:
  /// False if there is an entry with this id already; the table is unchanged then.
  bool insert(std::uint64_t id, const Entry& entry) {
    if (find(id) != nullptr) return false;
    inserted_++;
    if (id < dense_.size()) {
      dense_[id] = entry;
    } else if (id <= 4 * inserted_ + 64) {
      dense_.resize(id + 1);
      dense_[id] = entry;
    } else {
      sparse_.emplace(id, entry);
    }
    return true;
  }

  /// The entry, or nullptr. Valid until the next insert.
  const Entry* find(std::uint64_t id) const {
    if (id < dense_.size() && dense_[id].present()) return &dense_[id];
    if (sparse_.empty()) return nullptr;
    const auto it = sparse_.find(id);
    return it == sparse_.end() ? nullptr : &it->second;
  }

  /// The ids of the array.
  IdSet presence() const {
    IdSet ids(dense_.size());
    for (std::size_t id = 0; id < dense_.size(); id++) {
      if (dense_[id].present()) ids.add(id);
    }
    return ids;
  }

  std::uint64_t size() const { return inserted_; }

  /// Calls f(id, entry) for every entry: the dense ones by rising id, then the others.
  template <class F>
  void for_each(F&& f) const {
    for (std::uint64_t id = 0; id < dense_.size(); id++) {
      if (dense_[id].present()) f(id, dense_[id]);
    }
    for (const auto& [id, entry] : sparse_) f(id, entry);
  }

 private:
  std::vector<Entry> dense_;
  std::unordered_map<std::uint64_t, Entry> sparse_;
  std::uint64_t inserted_ = 0;
};

}  // namespace marey::wire
