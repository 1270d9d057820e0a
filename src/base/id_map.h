// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace marey {

/// A hash map from 64-bit ids to pointers, made for the order's inner loop.
///
/// Open addressing with linear probing over 16-byte slots and backward-shift deletion, so that a
/// look-up is one multiplication and nearly always one cache line, whatever has been erased
/// before. Ids come from the trace, so the hash is seeded by the map's own address: a file cannot
/// be made to collide. Keeps no order and is never iterated.
template <class T>
class IdMap {
 public:
  IdMap() : slots_(kSmallest) {}

  T* find(std::uint64_t id) const {
    for (std::size_t i = home(id);; i = (i + 1) & mask()) {
      const Slot& slot = slots_[i];
      if (slot.value == nullptr || slot.id == id) return slot.value;
    }
  }

  /// Sets the (non-null) value for `id`, replacing what was there.
  void put(std::uint64_t id, T* value) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    Slot& slot = slots_[place(id)];
    if (slot.value == nullptr) size_++;
    slot = {id, value};
  }

  void erase(std::uint64_t id) {
    std::size_t hole = place(id);
    if (slots_[hole].value == nullptr) return;
    size_--;
    for (std::size_t i = (hole + 1) & mask(); slots_[i].value != nullptr; i = (i + 1) & mask()) {
      // A slot may move into the hole unless its home lies behind the hole.
      if (((i - home(slots_[i].id)) & mask()) >= ((i - hole) & mask())) {
        slots_[hole] = slots_[i];
        hole = i;
      }
    }
    slots_[hole] = {};
  }

  std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint64_t id = 0;
    T* value = nullptr;
  };
  static constexpr std::size_t kSmallest = 64;

  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t home(std::uint64_t id) const {
    // Fibonacci hashing; the high bits are the well-mixed ones.
    return static_cast<std::size_t>(((id ^ seed_) * 0x9e3779b97f4a7c15u) >> shift_);
  }
  std::size_t place(std::uint64_t id) const {
    std::size_t i = home(id);
    while (slots_[i].value != nullptr && slots_[i].id != id) i = (i + 1) & mask();
    return i;
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    shift_--;
    for (const Slot& slot : old) {
      if (slot.value != nullptr) slots_[place(slot.id)] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  int shift_ = 64 - std::countr_zero(kSmallest);
  std::uint64_t seed_ = std::rotl(reinterpret_cast<std::uintptr_t>(this), 29);
};

}  // namespace marey
