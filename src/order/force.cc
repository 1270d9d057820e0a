// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "src/order/scheduler.h"

// How a damaged trace is carried on: the state is changed so that the event at hand becomes
// possible. What an event says of itself is believed rather than what the state remembers, since
// the state may stem from before the damage.

namespace marey::order {

using wire::EventType;
using wire::GoStatus;
using wire::ProcStatus;

void Scheduler::release_goroutine(Thread& thread) {
  if (thread.goroutine == -1) return;
  if (Goroutine* const g = current(thread); g != nullptr && g->status == GoStatus::Running) {
    g->status = GoStatus::Waiting;  // how it left the thread is lost
  }
  thread.goroutine = -1;
}

void Scheduler::release_proc(const Proc* proc) {
  for (Thread* const thread : state_.thread_list) {
    if (thread->proc == proc) thread->proc = nullptr;
  }
}

Goroutine* Scheduler::forced_goroutine(std::uint64_t id, GoStatus status, std::uint64_t sequence) {
  Goroutine* g = goroutine(id);
  if (g == nullptr) g = state_.add_goroutine(static_cast<std::int64_t>(id), status);
  g->status = status;
  g->sequence = sequence - 1;
  g->generation = state_.generation;
  return g;
}

bool Scheduler::force_context(Thread* thread, GoStatus status) {
  if (thread == nullptr || thread->goroutine == -1) return false;
  if (thread->proc == nullptr) thread->proc = state_.unknown_proc();
  Goroutine* g = current(*thread);
  if (g == nullptr) g = state_.add_goroutine(thread->goroutine, status);
  g->status = status;
  return true;
}

bool Scheduler::force(Event& event, Thread* thread, bool nameless) {
  switch (event.type) {
    case EventType::ProcStatus: {
      if (event.args[1] == 0 || event.args[1] > 4) return false;
      auto status = static_cast<ProcStatus>(event.args[1]);
      if (Proc* const proc = state_.procs.find(event.args[0])) {
        forced_from_ = proc->status == ProcStatus::Running || proc->status == ProcStatus::Syscall
                           ? static_cast<std::uint64_t>(ProcState::Running)
                           : static_cast<std::uint64_t>(ProcState::Idle);
        proc->status = status;
        release_proc(proc);
      } else if (status == ProcStatus::SyscallAbandoned) {
        state_.add_proc(static_cast<std::int64_t>(event.args[0]), status);
      }
      return true;
    }
    case EventType::GoStatus:
    case EventType::GoStatusStack: {
      if (event.args[2] == 0 || event.args[2] > 4) return false;
      const auto status = static_cast<GoStatus>(event.args[2]);
      if (status == GoStatus::Syscall && static_cast<std::int64_t>(event.args[1]) == -1)
        return false;
      Goroutine* g = goroutine(event.args[0]);
      if (g == nullptr) {
        g = state_.add_goroutine(static_cast<std::int64_t>(event.args[0]), status);
        forced_from_ = static_cast<std::uint64_t>(GoState::Undetermined);
      } else if (g->status != status) {
        forced_from_ = static_cast<std::uint64_t>(go_state_of(g->status));
      }
      g->status = status;
      if (status == GoStatus::Syscall) {
        Thread* const holder = state_.thread(static_cast<std::int64_t>(event.args[1]));
        holder->goroutine = g->id;
        holder->goroutine_state = g;
        holder->goroutine_start = Thread::Start::Assumed;
      }
      return true;
    }
    case EventType::GoStart:
      if (thread == nullptr) return false;
      release_goroutine(*thread);
      if (thread->proc == nullptr) thread->proc = state_.unknown_proc();
      forced_goroutine(event.args[0], GoStatus::Runnable, event.args[1]);
      return true;
    case EventType::GoUnblock:
      forced_goroutine(event.args[0], GoStatus::Waiting, event.args[1]);
      return true;
    case EventType::GoSwitch:
    case EventType::GoSwitchDestroy:
      if (!force_context(thread, GoStatus::Running)) return false;
      if (static_cast<std::int64_t>(event.args[0]) == thread->goroutine) return false;
      forced_goroutine(event.args[0], GoStatus::Waiting, event.args[1]);
      return true;
    case EventType::GoCreate:
    case EventType::GoCreateBlocked:
    case EventType::GoCreateSyscall:
      if (thread == nullptr) return false;
      if (event.type == EventType::GoCreateSyscall) {
        release_goroutine(*thread);
      } else if (thread->goroutine == -1) {
        if (thread->proc == nullptr) thread->proc = state_.unknown_proc();
      } else {
        force_context(thread, GoStatus::Running);
      }
      if (Goroutine* const g = goroutine(event.args[0])) {
        if (g->id == thread->goroutine) return false;
        state_.remove_goroutine(g);
      }
      return true;
    case EventType::GoBlock:
    case EventType::GoStop:
    case EventType::GoDestroy:
    case EventType::ProcsChange:
    case EventType::GoLabel:
    case EventType::UserLog: return force_context(thread, GoStatus::Running);
    case EventType::GoSyscallBegin:
      if (!force_context(thread, GoStatus::Running)) return false;
      thread->proc->sequence = event.args[0] - 1;
      thread->proc->generation = state_.generation;
      return true;
    case EventType::GoSyscallEnd:
      if (!force_context(thread, GoStatus::Syscall)) return false;
      thread->proc->status = ProcStatus::Syscall;
      return true;
    case EventType::GoDestroySyscall:
      if (!force_context(thread, GoStatus::Syscall)) return false;
      if (thread->proc == state_.unknown_proc()) thread->proc = nullptr;
      if (thread->proc != nullptr) thread->proc->status = ProcStatus::Syscall;
      return true;
    case EventType::GoSyscallEndBlocked:
      if (!force_context(thread, GoStatus::Syscall)) return false;
      if (thread->proc->status == ProcStatus::Syscall) {
        thread->proc->status = ProcStatus::Idle;
        thread->proc = nullptr;
      }
      return true;
    case EventType::ProcStart:
    case EventType::ProcSteal: {
      if (thread == nullptr) return false;
      Proc* proc = state_.procs.find(event.args[0]);
      const bool starts = event.type == EventType::ProcStart;
      const ProcStatus status = starts ? ProcStatus::Idle : ProcStatus::Syscall;
      if (proc == nullptr) {
        proc = state_.add_proc(static_cast<std::int64_t>(event.args[0]), status);
      }
      proc->status = status;
      proc->sequence = event.args[1] - 1;
      proc->generation = state_.generation;
      release_proc(proc);
      if (starts) {
        thread->proc = nullptr;
      } else {
        Thread* const victim = state_.thread(static_cast<std::int64_t>(event.args[2]));
        victim->proc = proc;
        victim->proc_start = Thread::Start::Assumed;
      }
      return true;
    }
    case EventType::ProcStop:
      if (thread == nullptr || thread->proc == nullptr) return false;
      thread->proc->status = ProcStatus::Running;
      return true;
    case EventType::GCActive:
    case EventType::GCBegin:
    case EventType::GCEnd:
      if (!force_context(thread, GoStatus::Running)) return false;
      state_.gc_sequence = event.args[0] - 1;
      state_.gc_state = event.type == EventType::GCBegin ? GCState::NotRunning : GCState::Running;
      if (event.type == EventType::GCActive && start_ == Start::Initial) {
        state_.gc_state = GCState::Undetermined;
      }
      return true;
    case EventType::GCSweepBegin:
    case EventType::GCSweepEnd:
      if (thread == nullptr) return false;
      if (thread->proc == nullptr) thread->proc = state_.unknown_proc();
      thread->proc->sweeping = event.type == EventType::GCSweepEnd;
      return true;
    case EventType::GCSweepActive: {
      Proc* const proc = state_.procs.find(event.args[0]);
      if (proc == nullptr) return false;
      proc->sweeping = start_ == Start::Carried;
      return true;
    }
    case EventType::GCMarkAssistActive: {
      Goroutine* const g = goroutine(event.args[0]);
      if (g == nullptr) return false;
      g->assisting = start_ == Start::Carried;
      return true;
    }
    case EventType::GCMarkAssistBegin:
    case EventType::GCMarkAssistEnd:
      if (!force_context(thread, GoStatus::Running)) return false;
      current(*thread)->assisting = event.type == EventType::GCMarkAssistEnd;
      return true;
    case EventType::STWBegin:
    case EventType::STWEnd: {
      if (!force_context(thread, GoStatus::Running)) return false;
      std::vector<OpenStop>& stops = state_.stw[thread->goroutine];
      if (event.type == EventType::STWBegin) {
        std::erase_if(stops, [&](const OpenStop& s) { return s.kind == event.args[0]; });
      } else if (stops.empty()) {
        return false;  // what was stopped, and since when, is lost
      }
      return true;
    }
    case EventType::HeapAlloc:
    case EventType::HeapGoal:
      if (thread == nullptr) return false;
      if (thread->proc == nullptr) thread->proc = state_.unknown_proc();
      return true;
    case EventType::UserTaskBegin:
      state_.tasks.erase(event.args[0]);
      return force_context(thread, GoStatus::Running);
    case EventType::UserTaskEnd: return force_context(thread, GoStatus::Running);
    case EventType::UserRegionBegin: return force_context(thread, GoStatus::Running);
    case EventType::UserRegionEnd: {
      if (!force_context(thread, GoStatus::Running)) return false;
      bool known = false;
      const OpenRegion region{event.args[0], name_number(event.args[1], known)};
      Goroutine* const g = current(*thread);
      if (g->regions == 0) return true;
      // The region that ends is taken from where it is among the open ones; one that is not there
      // ends on its own and leaves the others open.
      std::vector<OpenRegion>& open = state_.regions[g->regions];
      const auto it =
          std::ranges::find_if(open.rbegin(), open.rend(), [&](const OpenRegion& other) {
            return nameless ? other.task == region.task : other == region;
          });
      if (it != open.rend()) {
        open.erase(std::next(it).base());
      } else if (assumptions_ != nullptr && g->assumed) {
        undecidable_ = true;  // it may be among those from before the generation
      }
      open.push_back(region);
      return true;
    }
    default: return false;
  }
}

}  // namespace marey::order
