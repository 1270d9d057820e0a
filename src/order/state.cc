// SPDX-License-Identifier: Apache-2.0
#include "src/order/state.h"

namespace marey::order {

Goroutine* State::add_goroutine(std::int64_t id, wire::GoStatus status) {
  Goroutine* const goroutine = goroutine_slab.allocate();
  goroutine->id = id;
  goroutine->status = status;
  goroutine->generation = generation;
  goroutines.put(static_cast<std::uint64_t>(id), goroutine);
  live_goroutines++;
  return goroutine;
}

void State::remove_goroutine(Goroutine* goroutine) {
  goroutines.erase(static_cast<std::uint64_t>(goroutine->id));
  if (goroutine->stopping_world) stw.erase(goroutine->id);
  if (goroutine->regions != 0) {
    regions[goroutine->regions].clear();
    free_regions.push_back(goroutine->regions);
  }
  goroutine->id = -1;
  goroutine_slab.free(goroutine);
  live_goroutines--;
}

Proc* State::add_proc(std::int64_t id, wire::ProcStatus status) {
  Proc* const proc = proc_slab.allocate();
  proc->id = id;
  proc->status = status;
  proc->generation = generation;
  procs.put(static_cast<std::uint64_t>(id), proc);
  proc_list.push_back(proc);
  return proc;
}

Thread* State::thread(std::int64_t id) {
  if (Thread* const known = threads.find(static_cast<std::uint64_t>(id))) return known;
  Thread* const thread = thread_slab.allocate();
  thread->id = id;
  threads.put(static_cast<std::uint64_t>(id), thread);
  thread_list.push_back(thread);
  return thread;
}

Proc* State::unknown_proc() {
  if (unknown_proc_ == nullptr) {
    unknown_proc_ = proc_slab.allocate();
    unknown_proc_->status = wire::ProcStatus::Running;
  }
  return unknown_proc_;
}

}  // namespace marey::order
