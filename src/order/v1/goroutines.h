// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "src/base/growing_array.h"

namespace marey::order::v1 {

/// States of a goroutine, as the v1 reader knows them. A system call counts as Waiting.
enum class GoroutineState : std::uint8_t { Dead, Runnable, Running, Waiting };

/// Index of a goroutine in Goroutines.
using GoroutineSlot = std::uint32_t;

/// What has to be known of one goroutine while the trace is put in order and checked.
struct Goroutine {
  std::uint64_t id = 0;
  std::uint64_t sequence = 0;    ///< number of the last event that had one
  std::uint64_t syscall = 0;     ///< number from 1 of the GoSysCall that is its last event
  std::int64_t block_ticks = 0;  ///< of the last GoSysBlock or GoInSyscall, 0: none
  std::uint32_t regions = 0;     ///< innermost open region, a place in Regions
  std::uint32_t parked = 0;      ///< procs whose next event waits for this goroutine
  GoroutineState order = GoroutineState::Dead;  ///< for the order of events
  GoroutineState state = GoroutineState::Dead;  ///< for the checks, made afterwards
  bool exists = false;                          ///< there was a GoCreate
  bool in_assist = false;
  bool blocked_on_net = false;
  bool in_syscall = false;  ///< the last change of `order` was into a system call
  bool used = false;        ///< the slot is
};
static_assert(sizeof(Goroutine) == 48);

/// The goroutines of a trace by their ids.
///
/// A trace may have a goroutine for every fifteen bytes, so those that have ended are forgotten
/// but for a bit each (ids are nearly dense). Nothing can be said of an ended goroutine in a trace
/// that makes sense; in one that does not, touches_ended() becomes true, and whoever needs Go's
/// verdict on it has to start again with `keep_ended`.
class Goroutines {
 public:
  static constexpr GoroutineSlot kNone = 0;       ///< the goroutine 0, which is always running
  static constexpr GoroutineSlot kCollector = 1;  ///< puts the beginnings of GC cycles in order
  static constexpr std::uint64_t kCollectorId = ~std::uint64_t{0} - 1;

  explicit Goroutines(bool keep_ended) : keep_ended_(keep_ended) {
    add(0);
    slots_[kNone].state = GoroutineState::Running;
    slots_[kNone].exists = true;
    add(kCollectorId);
  }

  Goroutine& operator[](GoroutineSlot slot) { return slots_[slot]; }

  /// Slot of a goroutine, a new one if there is none. Valid until the goroutine ends.
  GoroutineSlot get(std::uint64_t id) {
    const GoroutineSlot guess = recent_[id % recent_.size()];
    return is(guess, id) ? guess : look_up(id);
  }
  /// As get(id), if it may still be `guess`.
  GoroutineSlot get(std::uint64_t id, GoroutineSlot guess) {
    return is(guess, id) ? guess : get(id);
  }
  /// Slot of a goroutine, kNone if there is none.
  GoroutineSlot find(std::uint64_t id) const {
    const auto it = by_id_.find(id);
    return it == by_id_.end() ? kNone : it->second;
  }

  /// Forgets all of a goroutine but that it has been.
  void end(GoroutineSlot slot) {
    if (keep_ended_ || slot <= kCollector || slots_[slot].parked != 0) return;
    const std::uint64_t id = slots_[slot].id;
    ended_[id / 64] |= std::uint64_t{1} << (id % 64);
    by_id_.erase(id);
    slots_[slot] = {};
    free_.push_back(slot);
  }

  bool touches_ended() const { return touches_ended_; }

 private:
  bool is(GoroutineSlot slot, std::uint64_t id) const {
    return slots_[slot].id == id && slots_[slot].used;
  }

  [[gnu::noinline]] GoroutineSlot look_up(std::uint64_t id) {
    GoroutineSlot& recent = recent_[id % recent_.size()];
    const auto it = by_id_.find(id);
    if (it != by_id_.end()) return recent = it->second;
    const GoroutineSlot slot = add(id);
    recent = slot;
    if (has_ended(id)) {
      touches_ended_ = true;
      slots_[slot].exists = true;
    }
    return slot;
  }

  bool has_ended(std::uint64_t id) const {
    if (ended_.empty()) return false;
    const auto it = ended_.find(id / 64);
    return it != ended_.end() && (it->second >> (id % 64) & 1) != 0;
  }

  GoroutineSlot add(std::uint64_t id) {
    GoroutineSlot slot;
    if (free_.empty()) {
      slot = static_cast<GoroutineSlot>(slots_.size());
      slots_.push_back({});
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    slots_[slot].id = id;
    slots_[slot].used = true;
    by_id_.emplace(id, slot);
    return slot;
  }

  GrowingArray<Goroutine> slots_;
  std::vector<GoroutineSlot> free_;
  std::array<GoroutineSlot, 1024> recent_{};  // by id: saves most look-ups
  boost::unordered_flat_map<std::uint64_t, GoroutineSlot> by_id_;
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> ended_;  // bits, by id / 64
  bool keep_ended_;
  bool touches_ended_ = false;
};

}  // namespace marey::order::v1
