// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "marey/event.h"
#include "marey/ids.h"

#include "src/analysis/interval.h"
#include "src/base/id_map.h"
#include "src/base/slab.h"

namespace marey::analysis {

/// A state as the intervals distinguish them: a GoState that some analysis asks for, or Other for
/// all that nobody asks for.
enum class Stay : std::uint8_t {
  Other = 0,
  Runnable = static_cast<std::uint8_t>(GoState::Runnable),
  Running = static_cast<std::uint8_t>(GoState::Running),
  Waiting = static_cast<std::uint8_t>(GoState::Waiting),
  Syscall = static_cast<std::uint8_t>(GoState::Syscall),
};

/// A goroutine as one piece of the trace knows it: the state that it is in (the base), and what
/// else there is. What nearly every event touches is in the first 64 bytes.
struct alignas(64) Goroutine : StayBegin {
  /// Why its next transition needs more thought; 0 for nearly all.
  enum Slow : std::uint8_t {
    NotRun = 1,  ///< it is not known to have run
    Head = 2,    ///< it has been in its state since before the piece
    Done = 4,    ///< its life is over, though it was not destroyed: it waits for ever
  };
  enum Flag : std::uint8_t {
    History = 1,    ///< the piece has the beginning of its life
    Moved = 2,      ///< it has left the state in which it came into the piece
    Dead = 4,       ///< destroyed; kept until merge() finds its beginning
    FromTrace = 8,  ///< it is older than the trace, and the piece does not know when that begins
    Older = 16,     ///< StayBegin::older is or was true of it in some piece
    OwnStack = 32,  ///< the piece has told StayBegin::own_stack
  };

  Stay stay = Stay::Other;
  std::uint8_t slow = 0;  // beside `stay`: see condition()
  std::uint8_t flags = 0;
  Stay head = Stay::Other;  ///< the state in which it came into the piece
  Root root;

  Time proc_lost = kNever;
  std::int64_t syscall_proc = -1;  ///< the proc that it had when it entered its system call
  Time born = 0;  ///< beginning of its life; without history, of what the piece knows of it
  Time died = 0;
  std::uint32_t held = 0;              ///< first of its held intervals, from 1
  std::uint32_t first_generation = 0;  ///< ordinals of the generations that first ...
  std::uint32_t last_generation = 0;   ///< ... and last mention it
  Edge birth = Edge::Seen;
  Edge death = Edge::Seen;

  bool has(Flag flag) const { return (flags & flag) != 0; }
  /// `stay` and `slow` at one look.
  std::uint16_t condition() const {
    return static_cast<std::uint16_t>(static_cast<unsigned>(stay) | unsigned{slow} << 8);
  }
};

/// The goroutines of a piece of the trace, by id and by slot. Addresses stay.
class GoroutineTable {
 public:
  Goroutine* find(std::int64_t id) const { return by_id_.find(static_cast<std::uint64_t>(id)); }
  Goroutine& at(Slot slot) const { return *by_slot_[slot]; }
  /// Slots are below this; at() is only for those in use.
  Slot slot_count() const { return static_cast<Slot>(by_slot_.size()); }
  bool in_use(Slot slot) const { return by_slot_[slot] != nullptr; }

  Goroutine& add(GoID id) {
    Goroutine* const goroutine = slab_.allocate();
    goroutine->goroutine = id;
    if (free_.empty()) {
      goroutine->slot = slot_count();
      by_slot_.push_back(goroutine);
    } else {
      goroutine->slot = free_.back();
      free_.pop_back();
      by_slot_[goroutine->slot] = goroutine;
    }
    by_id_.put(static_cast<std::uint64_t>(raw(id)), goroutine);
    return *goroutine;
  }
  /// No longer found by its id; keeps its slot.
  void forget_id(const Goroutine& goroutine) {
    if (find(raw(goroutine.goroutine)) == &goroutine) {
      by_id_.erase(static_cast<std::uint64_t>(raw(goroutine.goroutine)));
    }
  }
  /// Gives up the slot at the next reuse_slots(): until then intervals of it are on their way.
  void remove(Goroutine& goroutine) {
    forget_id(goroutine);
    removed_.push_back(&goroutine);
  }
  std::size_t removed_count() const { return removed_.size(); }
  void reuse_slots() {
    for (Goroutine* const goroutine : removed_) {
      by_slot_[goroutine->slot] = nullptr;
      free_.push_back(goroutine->slot);
      slab_.free(goroutine);
    }
    removed_.clear();
  }

 private:
  IdMap<Goroutine, &Goroutine::goroutine> by_id_;
  Slab<Goroutine> slab_;
  std::vector<Goroutine*> by_slot_;
  std::vector<Slot> free_;
  std::vector<Goroutine*> removed_;
};

}  // namespace marey::analysis
