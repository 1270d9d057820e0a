// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "src/analysis/interval.h"
#include "src/analysis/proc_array.h"

namespace marey::analysis {

/// Which goroutine is in a system call on which proc. A proc that stops under a system call has
/// been taken away from the goroutine, which is blocked from then on.
///
/// Go's summary means the same, but when a goroutine leaves its system call it forgets whoever is
/// in one on the proc that the goroutine had when it entered, even if the proc has gone on to
/// another goroutine long since, whose blocking then counts as execution.
class SyscallProcs {
 public:
  struct Entry {
    Slot slot = kNoSlot;
    bool touched = false;      ///< the piece knows who is in a system call on it
    Time first_stop = kNever;  ///< when it first stopped, if that was before the piece knew
  };

  void enter(std::int64_t proc, Slot slot) {
    Entry& entry = at(proc);
    entry.slot = slot;
    entry.touched = true;
  }
  void leave(std::int64_t proc, Slot slot) {
    Entry& entry = at(proc);
    if (entry.slot == slot) entry.slot = kNoSlot;
  }
  bool holds(std::int64_t proc, Slot slot) { return at(proc).slot == slot; }
  /// The proc stops; the goroutine that loses it, or kNoSlot.
  Slot stop(std::int64_t proc, Time time) {
    Entry& entry = at(proc);
    if (!entry.touched) entry.first_stop = time;
    entry.touched = true;
    const Slot slot = entry.slot;
    entry.slot = kNoSlot;
    return slot;
  }

  Entry& at(std::int64_t proc) { return entries_[proc]; }
  /// Calls f(proc, entry) at least for each proc that was ever asked for.
  template <class F>
  void for_each(F&& f) {
    entries_.for_each(f);
  }

 private:
  ProcArray<Entry> entries_;
};

}  // namespace marey::analysis
