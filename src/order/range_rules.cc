// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>

#include "src/order/scheduler.h"

// When ranges can begin and end: garbage collection and stopping the world.

namespace marey::order {

using wire::EventType;
using Verdict = Scheduler::Verdict;

Verdict Scheduler::gc_event(Event& event, const Thread* thread) {
  // Mark phases carry sequence numbers at both ends: they may begin and end on different threads.
  const std::uint64_t sequence = event.args[0];
  const bool first = state_.gc_state == GCState::Undetermined;
  if (start_ == Start::Derived && first) {
    assumptions_->has_gc = true;
    assumptions_->gc_sequence = sequence - 1;
    assumptions_->gc_state =
        event.type == EventType::GCBegin ? GCState::NotRunning : GCState::Running;
    state_.gc_state = assumptions_->gc_state;
    state_.gc_sequence = assumptions_->gc_sequence;
  }
  if (event.type == EventType::GCActive && start_ == Start::Initial) {
    if (!first) return broken("GCActive in the first generation isn't first GC event");
    state_.gc_sequence = sequence;
    state_.gc_state = GCState::Running;
    return Verdict::Happened;
  }
  if (event.type == EventType::GCBegin && state_.gc_state == GCState::Undetermined) {
    state_.gc_sequence = sequence;
    state_.gc_state = GCState::Running;
    return Verdict::Happened;
  }
  if (sequence != state_.gc_sequence + 1) return Verdict::NotYet;
  GCState next = GCState::Running;
  switch (event.type) {
    case EventType::GCActive:
      if (state_.gc_state != GCState::Running) {
        return broken("encountered GCActive while GC was not in progress");
      }
      break;
    case EventType::GCBegin:
      if (state_.gc_state == GCState::Running) {
        return broken("encountered GCBegin while GC was already in progress");
      }
      break;
    default:
      if (state_.gc_state == GCState::NotRunning) {
        return broken("encountered GCEnd when GC was not in progress");
      }
      if (state_.gc_state == GCState::Undetermined) {
        return broken("encountered GCEnd when GC was in an undetermined state");
      }
      next = GCState::NotRunning;
  }
  if (const Verdict verdict = need_thread_proc_goroutine(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  state_.gc_sequence = sequence;
  state_.gc_state = next;
  return Verdict::Happened;
}

Verdict Scheduler::sweep(Event& event, const Thread* thread) {
  if (const Verdict verdict = need_thread_proc(thread); verdict != Verdict::Happened) {
    return verdict;
  }
  bool& sweeping = thread->proc->sweeping;
  if (event.type == EventType::GCSweepBegin) {
    if (sweeping) {
      return broken("discovered event already in-flight for when starting event GCSweepBegin");
    }
    sweeping = true;
  } else {
    if (!sweeping) return broken("tried to end event GCSweepBegin, but not in-flight");
    sweeping = false;
  }
  return Verdict::Happened;
}

Verdict Scheduler::sweep_active(Event& event) {
  Proc* const proc = state_.procs.find(event.args[0]);
  if (proc == nullptr) {
    return broken(
        fmt::format("encountered GCSweepActive for unknown proc {}", to_id(event.args[0])));
  }
  if (start_ == Start::Derived && !proc->sweeping) {
    assumptions_->sweeps.push_back(proc->id);
    proc->sweeping = true;
  }
  if (start_ == Start::Initial) {
    if (proc->sweeping) return broken("found named active range already in first gen: {32 0}");
    proc->sweeping = true;
  } else if (!proc->sweeping) {
    return broken("resource is missing active range: GCSweepBegin []");
  }
  return Verdict::Happened;
}

Verdict Scheduler::assist_active(Event& event) {
  Goroutine* const g = goroutine(event.args[0]);
  if (g == nullptr) {
    return broken(fmt::format("uninitialized goroutine {} found during GCMarkAssistActive",
                              to_id(event.args[0])));
  }
  if (start_ == Start::Derived && !g->assisting) {
    assumptions_->assists.push_back(g->id);
    g->assisting = true;
  }
  if (start_ == Start::Initial) {
    if (g->assisting) return broken("found named active range already in first gen: {35 0}");
    g->assisting = true;
  } else if (!g->assisting) {
    return broken("resource is missing active range: GCMarkAssistBegin []");
  }
  return Verdict::Happened;
}

Verdict Scheduler::go_range(Event& event, Thread& thread) {
  if (const Verdict verdict = need_thread_proc_goroutine(&thread); verdict != Verdict::Happened) {
    return verdict;
  }
  Goroutine* const g = current(thread);
  if (g == nullptr) {
    return broken(
        fmt::format("encountered event of type {} without known state for current goroutine {}",
                    static_cast<unsigned>(event.type), thread.goroutine));
  }
  switch (event.type) {
    case EventType::GCMarkAssistBegin:
      if (g->assisting) {
        return broken(
            "discovered event already in-flight for when starting event GCMarkAssistBegin");
      }
      g->assisting = true;
      return Verdict::Happened;
    case EventType::GCMarkAssistEnd:
      if (!g->assisting) return broken("tried to end event GCMarkAssistBegin, but not in-flight");
      g->assisting = false;
      return Verdict::Happened;
    default: break;
  }
  std::vector<OpenStop>& stops = state_.stw[g->id];
  if (event.type == EventType::STWBegin) {
    if (std::ranges::find(stops, event.args[0], &OpenStop::kind) != stops.end()) {
      return broken("discovered event already in-flight for when starting event STWBegin");
    }
    bool known = false;
    const std::uint32_t name = name_number(event.args[0], known);
    stops.push_back({event.args[0], name, state_.generation});
    g->stopping_world = true;
    return Verdict::Happened;
  }
  if (stops.empty()) return broken("tried to end event STWBegin, but not in-flight");
  const OpenStop stop = stops.front();
  stops.front() = stops.back();
  stops.pop_back();
  g->stopping_world = !stops.empty();
  if (stops.empty()) state_.stw.erase(g->id);
  // The kind's string id means nothing in a later generation.
  const bool same_generation = stop.generation == state_.generation;
  event.args[0] = same_generation ? stop.kind : stop.name;
  event.args[1] = same_generation ? 0 : 1;
  return Verdict::Happened;
}

}  // namespace marey::order
