// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "marey/ids.h"

#include "src/base/id_map.h"
#include "src/base/slab.h"
#include "src/wire/event_types.h"
#include "src/wire/name_table.h"

namespace marey::order {

using wire::NameTable;

/// An open user region: which task, and the number of its type's name.
struct OpenRegion {
  std::uint64_t task = 0;
  std::uint32_t name = 0;
  bool operator==(const OpenRegion&) const = default;
};

/// What is known of a goroutine at a moment.
struct Goroutine {
  std::int64_t id = -1;          ///< -1: destroyed
  std::uint64_t sequence = 0;    ///< last sequence number seen ...
  std::uint32_t generation = 0;  ///< ... in the generation with this ordinal
  wire::GoStatus status = wire::GoStatus::Bad;
  bool assisting = false;       ///< in a GC mark assist
  bool stopping_world = false;  ///< has entries in State::stw
  bool assumed = false;         ///< first known from a status, so it is older than that
  std::uint32_t regions = 0;    ///< index into State::regions, 0: none
};

struct Proc {
  std::int64_t id = -1;
  std::uint64_t sequence = 0;
  std::uint32_t generation = 0;
  wire::ProcStatus status = wire::ProcStatus::Bad;
  bool sweeping = false;
};

/// What a thread holds. `assumed_*`: see Assumptions; meaningful in a derived run only.
struct Thread {
  enum class Start : std::uint8_t { Open, Assumed };  ///< Open: nothing has depended on it yet

  std::int64_t id = -1;
  std::int64_t goroutine = -1;           ///< -1: none
  Goroutine* goroutine_state = nullptr;  ///< cache: may be stale, see Scheduler::current()
  Proc* proc = nullptr;
  Start proc_start = Start::Open;
  Start goroutine_start = Start::Open;
  std::int64_t assumed_proc = -1;
  std::int64_t assumed_goroutine = -1;
};

struct OpenTask {
  std::uint64_t parent = raw(kNoTask);
  std::uint32_t name = 0;
};

/// A stop-the-world that is under way, by the string id that began it.
struct OpenStop {
  std::uint64_t kind = 0;
  std::uint32_t name = 0;
  std::uint32_t generation = 0;
};

enum class GCState : std::uint8_t { Undetermined, NotRunning, Running };

/// The scheduler's state at a point of the trace: all that carries over to the next event.
struct State {
  IdMap<Goroutine> goroutines;
  IdMap<Proc> procs;
  IdMap<Thread> threads;
  Slab<Goroutine> goroutine_slab;
  Slab<Proc> proc_slab;
  Slab<Thread> thread_slab;
  std::vector<Proc*> proc_list;  ///< all of them, in the order in which they appeared
  std::vector<Thread*> thread_list;
  boost::unordered_flat_map<std::uint64_t, OpenTask> tasks;
  std::vector<std::vector<OpenRegion>> regions{{}};  ///< innermost last; [0] stays empty
  std::vector<std::uint32_t> free_regions;
  std::unordered_map<std::int64_t, std::vector<OpenStop>> stw;  ///< by goroutine
  std::uint64_t gc_sequence = 0;
  GCState gc_state = GCState::Undetermined;
  std::uint64_t live_goroutines = 0;
  std::uint32_t generation = 0;  ///< ordinal of the generation, from 1
  Time last_time = 0;            ///< of the last event delivered

  Goroutine* add_goroutine(std::int64_t id, wire::GoStatus status);
  void remove_goroutine(Goroutine* goroutine);
  Proc* add_proc(std::int64_t id, wire::ProcStatus status);
  Thread* thread(std::int64_t id);  ///< made if it is not there
  /// Stands in where damage has taken the proc that a thread holds; its id is -1.
  Proc* unknown_proc();

 private:
  Proc* unknown_proc_ = nullptr;
};

}  // namespace marey::order
