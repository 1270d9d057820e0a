// SPDX-License-Identifier: Apache-2.0
#include "src/simulation/random_trace_program.h"

#include <array>
#include <numeric>

namespace marey::simulation {
namespace {

using wire::EventType;
using wire::GoStatus;
using wire::ProcStatus;

/// What a running goroutine can do next.
enum Action : std::size_t {
  Block,
  Yield,
  Destroy,
  Create,
  CreateCoroutine,
  Unblock,
  Syscall,
  Switch,
  SwitchDestroy,
  StopTheWorld,
  Collector,
  Sweep,
  Assist,
  HeapMetric,
  ProcsChange,
  Task,
  Region,
  Log,
  Label,
  Experiment,
  Sample,
  Actions,
};

using Weights = std::array<std::uint16_t, Action::Actions>;

constexpr Weights kEverything{14, 5, 4, 6, 3, 14, 12, 6, 2, 2, 3, 4, 4, 3, 1, 6, 8, 3, 2, 3, 3};
// Counts as in a trace of net/http over loopback.
constexpr Weights kServer{240, 6,  30, 30, 0,  240, 180, 0, 0, 1, 1,
                          8,   12, 50, 1,  60, 100, 30,  2, 0, 4};

constexpr std::uint64_t sum(const Weights& weights) {
  return std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
}

}  // namespace

RandomProgram::RandomProgram(const RandomTraceOptions& options, Random& random,
                             RandomTracer& tracer)
    : options_(options), random_(random), tracer_(tracer), gc_sequence_(3 + random.below(10)) {
  for (std::size_t i = 0; i < options.threads; i++) {
    auto& thread = threads_.emplace_back(std::make_unique<Thread>());
    // Sparse ids, as the operating system gives them; 0 is as good as any.
    thread->id = ThreadID{static_cast<std::int64_t>(i == 0 ? 0 : 20'000 + 7 * i)};
    if (options.clock == RandomClock::Skewed) thread->clock_offset = random.below(300);
  }
  for (std::size_t i = 0; i < options.procs; i++) add_proc();
  for (std::size_t i = 0; i < options.goroutines; i++) {
    Goroutine& goroutine =
        new_goroutine(random.chance(30) ? GoStatus::Runnable : GoStatus::Waiting);
    goroutine.unknown_regions = random.chance(20) ? 1 : 0;
    goroutine.assisting = goroutine.status == GoStatus::Waiting && random.chance(5);
  }
  // Some of the threads are at work when the trace begins.
  std::size_t free_thread = 0;
  for (const auto& proc : procs_) {
    if (free_thread == threads_.size() || random.chance(30)) continue;
    Thread& thread = *threads_[free_thread++];
    thread.proc = proc.get();
    proc->thread = &thread;
    proc->status = ProcStatus::Running;
    proc->sweeping = random.chance(20);
    if (random.chance(20)) continue;
    thread.goroutine = &new_goroutine(GoStatus::Running);
    thread.goroutine->thread = &thread;
    if (proc->sweeping || !random.chance(40)) continue;
    thread.goroutine->status = GoStatus::Syscall;
    proc->status = ProcStatus::Syscall;
  }
  if (free_thread < threads_.size()) {
    Thread& thread = *threads_[free_thread];
    thread.goroutine = &new_goroutine(GoStatus::Syscall);
    thread.goroutine->thread = &thread;
  }
  collecting_ = !loose() && random.chance(50);
}

void RandomProgram::add_proc() {
  const ProcID id{static_cast<std::int64_t>(procs_.size())};
  procs_.emplace_back(std::make_unique<Proc>())->id = id;
}

void RandomProgram::begin_generation() {
  tracer_.begin_generation(procs_, goroutines_);
  for (const auto& thread : threads_) {
    // Where times do not tell the order, no thread may have to tell another one's status.
    if (thread->proc != nullptr && (loose() || random_.chance(30))) tracer_.trace(*thread);
  }
  if (!collecting_) return;
  for (const auto& thread : threads_) {
    if (thread->proc == nullptr || thread->goroutine == nullptr) continue;
    if (loose() && thread != threads_.front()) continue;
    tracer_.event(*thread, EventType::GCActive, {++gc_sequence_});
    return;
  }
  // Nobody is there to tell. Then it must not go on unheard of from before the trace.
  if (tracer_.in_first_generation()) collecting_ = false;
}

void RandomProgram::end_generation() { tracer_.end_generation(threads_, procs_, goroutines_); }

void RandomProgram::step() {
  // Threads of a server do several things in a row; at other times let them alternate.
  if (options_.workload != RandomWorkload::Server || random_.chance(20)) {
    current_ = random_.below(threads_.size());
  }
  Thread& thread = *threads_[current_];
  if (thread.goroutine != nullptr && thread.goroutine->status == GoStatus::Syscall) {
    step_in_syscall(thread);
  } else if (thread.proc == nullptr) {
    step_without_proc(thread);
  } else if (thread.goroutine == nullptr) {
    step_with_proc(thread);
  } else {
    step_running(thread);
  }
}

void RandomProgram::step_without_proc(Thread& thread) {
  const std::uint64_t dice = random_.below(100);
  if (dice < 60 && start_proc(thread)) return;
  if (dice < 90 && steal_proc(thread)) return;
  if (dice < 95 && unblock(thread)) return;
  if (options_.workload == RandomWorkload::Everything) call_from_c(thread);
}

void RandomProgram::step_with_proc(Thread& thread) {
  const std::uint64_t dice = random_.below(100);
  if (dice < 75 && start_goroutine(thread)) return;
  if (dice < 80 && sweep(thread)) return;
  if (dice < 84 && heap_metric(thread)) return;
  if (dice < 87 && create(thread, false)) return;
  if (dice < 90 && unblock(thread)) return;
  if (dice < 92 && experiment(thread)) return;
  stop_proc(thread);
}

void RandomProgram::step_in_syscall(Thread& thread) {
  const Goroutine& goroutine = *thread.goroutine;
  const std::uint64_t dice = random_.below(100);
  if (goroutine.returning && dice < 50 && return_to_c(thread)) return;
  if (thread.proc == nullptr) {
    if (goroutine.from_c && dice < 10 && return_to_c(thread)) return;
    if (dice < 60 && start_proc(thread)) {
      // Nothing comes between the two.
      end_blocked_syscall(thread);
      if (random_.chance(70)) start_goroutine(thread);
      return;
    }
    if (dice < 80) end_blocked_syscall(thread);
    return;
  }
  if (goroutine.returning) {
    if (dice > 90) stop_proc(thread);
    return;
  }
  if (dice < 85) {
    end_syscall(thread);
  } else if (dice < 90) {
    stop_proc(thread);
  }
}

void RandomProgram::step_running(Thread& thread) {
  static constexpr std::uint64_t kSums[] = {sum(kEverything), sum(kServer)};
  const bool server = options_.workload == RandomWorkload::Server;
  const Weights& weights = server ? kServer : kEverything;
  std::uint64_t dice = random_.below(kSums[server ? 1 : 0]);
  std::size_t action = 0;
  while (dice >= weights[action]) dice -= weights[action++];
  act(thread, action);
}

bool RandomProgram::act(Thread& thread, std::size_t action) {
  switch (action) {
    case Action::Block: return block(thread);
    case Action::Yield: return yield(thread);
    case Action::Destroy: return destroy(thread);
    case Action::Create: return create(thread, false);
    case Action::CreateCoroutine: return create(thread, true);
    case Action::Unblock: return unblock(thread);
    case Action::Syscall: return begin_syscall(thread);
    case Action::Switch: return switch_to_coroutine(thread, false);
    case Action::SwitchDestroy: return switch_to_coroutine(thread, true);
    case Action::StopTheWorld: return stop_the_world(thread);
    case Action::Collector: return collector(thread);
    case Action::Sweep: return sweep(thread);
    case Action::Assist: return assist(thread);
    case Action::HeapMetric: return heap_metric(thread);
    case Action::ProcsChange: return procs_change(thread);
    case Action::Task: return task(thread);
    case Action::Region: return region(thread);
    case Action::Log: return log(thread);
    case Action::Label: return label(thread);
    case Action::Experiment: return experiment(thread);
    case Action::Sample: tracer_.sample(thread); return true;
    default: return false;
  }
}

// Goroutines and their lists.

RandomProgram::Goroutine& RandomProgram::new_goroutine(GoStatus status) {
  if (unused_.empty()) unused_.push_back(&storage_.emplace_back());
  Goroutine& goroutine = *unused_.back();
  unused_.pop_back();
  goroutine = Goroutine();
  last_goroutine_ += 1 + static_cast<std::int64_t>(random_.below(3));
  goroutine.id = GoID{last_goroutine_};
  goroutine.status = status;
  goroutine.index = goroutines_.size();
  goroutines_.push_back(&goroutine);
  enlist(goroutine);
  return goroutine;
}

void RandomProgram::remove(Goroutine& goroutine) {
  unlist(goroutine);
  goroutines_.back()->index = goroutine.index;
  goroutines_[goroutine.index] = goroutines_.back();
  goroutines_.pop_back();
  unused_.push_back(&goroutine);
}

std::vector<RandomProgram::Goroutine*>* RandomProgram::list_of(const Goroutine& goroutine) {
  if (goroutine.status == GoStatus::Runnable) return &runnable_;
  if (goroutine.status != GoStatus::Waiting) return nullptr;
  return goroutine.coroutine ? &coroutines_ : &waiting_;
}

void RandomProgram::enlist(Goroutine& goroutine) {
  std::vector<Goroutine*>* const list = list_of(goroutine);
  if (list == nullptr) return;
  goroutine.place = list->size();
  list->push_back(&goroutine);
}

void RandomProgram::unlist(Goroutine& goroutine) {
  std::vector<Goroutine*>* const list = list_of(goroutine);
  if (list == nullptr) return;
  list->back()->place = goroutine.place;
  (*list)[goroutine.place] = list->back();
  list->pop_back();
}

void RandomProgram::set_status(Goroutine& goroutine, GoStatus status, Thread* thread) {
  unlist(goroutine);
  goroutine.status = status;
  goroutine.thread = thread;
  enlist(goroutine);
}

}  // namespace marey::simulation
