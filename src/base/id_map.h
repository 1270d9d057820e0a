// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace marey {

/// A hash map from 64-bit ids to the objects that have them, made for the order's inner loop. The
/// member `id_member` of an object is its id, and does not change while it is in the map.
///
/// Open addressing with linear probing and backward-shift deletion, so that a look-up is one
/// multiplication and nearly always one cache line, whatever has been erased before. A slot takes
/// eight bytes: the object's address, and in the sixteen bits that no address needs a part of the
/// hash, the tag; only where that is right the object itself is asked for its id. Ids come from the
/// trace, so the hash is seeded by the map's own address: a file cannot be made to collide. Keeps
/// no order and is never iterated.
template <class T, auto id_member = &T::id>
class IdMap {
 public:
  IdMap() : slots_(kSmallest) {}

  [[gnu::always_inline]] T* find(std::uint64_t id) const {
    const std::uint64_t hash = hash_of(id);
    for (std::size_t i = home(hash);; i = (i + 1) & mask_) {
      const Slot slot = slots_[i];
      if (slot == 0) return nullptr;
      if (has_tag(slot, hash) && id_of(slot) == id) return object(slot);
    }
  }

  /// Sets the (non-null) object for `id`, replacing what was there.
  void put(std::uint64_t id, T* value) {
    if (size_ + 1 > most()) grow();
    Slot& slot = slots_[place(id)];
    if (slot == 0) size_++;
    slot = make_slot(hash_of(id), value);
  }

  void erase(std::uint64_t id) {
    std::size_t hole = place(id);
    if (slots_[hole] == 0) return;
    size_--;
    for (std::size_t i = (hole + 1) & mask_; slots_[i] != 0; i = (i + 1) & mask_) {
      // A slot may move into the hole unless its home lies behind the hole.
      const std::size_t from = home(hash_of(id_of(slots_[i])));
      if (((i - from) & mask_) >= ((i - hole) & mask_)) {
        slots_[hole] = slots_[i];
        hole = i;
      }
    }
    slots_[hole] = 0;
  }

  std::size_t size() const { return size_; }

 private:
  using Slot = std::uint64_t;  // 0: empty
  static constexpr std::size_t kSmallest = 64;
  static constexpr unsigned kTagBits = 16;
  static constexpr Slot kTag = (Slot{1} << kTagBits) - 1;
  /// Above this the memory matters more than the length of the probing.
  static constexpr std::size_t kLarge = 1 << 16;

  static bool has_tag(Slot slot, std::uint64_t hash) { return ((slot ^ hash) & kTag) == 0; }
  static T* object(Slot slot) {
    return reinterpret_cast<T*>(slot >> kTagBits);  // NOLINT(performance-no-int-to-ptr)
  }
  static std::uint64_t id_of(Slot slot) {
    return static_cast<std::uint64_t>(object(slot)->*id_member);
  }
  static Slot make_slot(std::uint64_t hash, T* value) {
    return (hash & kTag) | reinterpret_cast<std::uintptr_t>(value) << kTagBits;
  }

  std::size_t most() const {
    return slots_.size() > kLarge ? slots_.size() / 4 * 3 : slots_.size() / 2;
  }
  // Fibonacci hashing: the high bits, which are the well-mixed ones, are the home; the low ones,
  // by which the ids of a trace, which are mostly dense, differ, are the tag.
  std::uint64_t hash_of(std::uint64_t id) const { return (id ^ seed_) * 0x9e3779b97f4a7c15u; }
  std::size_t home(std::uint64_t hash) const { return static_cast<std::size_t>(hash >> shift_); }
  std::size_t place(std::uint64_t id) const {
    const std::uint64_t hash = hash_of(id);
    std::size_t i = home(hash);
    while (slots_[i] != 0 && (!has_tag(slots_[i], hash) || id_of(slots_[i]) != id)) {
      i = (i + 1) & mask_;
    }
    return i;
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    shift_--;
    for (const Slot slot : old) {
      if (slot != 0) slots_[place(id_of(slot))] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::size_t mask_ = kSmallest - 1;  // of the slots' number
  std::size_t size_ = 0;
  int shift_ = 64 - std::countr_zero(kSmallest);
  std::uint64_t seed_ = std::rotl(reinterpret_cast<std::uintptr_t>(this), 29);
};

}  // namespace marey
