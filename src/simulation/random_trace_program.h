// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "src/simulation/random_trace.h"
#include "src/simulation/random_trace_tracer.h"
#include "src/simulation/random_trace_words.h"

namespace marey::simulation {

/// A simulated Go program: goroutines, procs and threads that go at random from one state to
/// another, but only as the runtime's scheduler lets them. Each step lets one thread do one thing.
///
///   thread without a proc     takes an idle proc, steals one from a system call, wakes goroutines
///                             (sysmon, netpoll), calls Go from C
///   ... with a proc           starts a goroutine, sweeps, creates, wakes, or gives the proc back
///   ... running a goroutine   whatever user code does, and the collector in its name
///   ... in a system call      comes back (with the proc, or without it if it was stolen), or is a
///                             C thread that is done with Go
class RandomProgram {
 public:
  RandomProgram(const RandomTraceOptions& options, Random& random, RandomTracer& tracer);

  void begin_generation();
  void end_generation();
  /// One thread does something, or finds that it cannot.
  void step();

 private:
  using Thread = RandomThread;
  using Goroutine = RandomGoroutine;
  using Proc = RandomProc;
  struct UserTask {
    std::uint64_t id;
    GoID creator;
  };

  void step_without_proc(Thread& thread);
  void step_with_proc(Thread& thread);
  void step_in_syscall(Thread& thread);
  void step_running(Thread& thread);
  bool act(Thread& thread, std::size_t action);

  // The scheduler.
  bool start_proc(Thread& thread);
  bool stop_proc(Thread& thread);
  bool steal_proc(Thread& thread);
  bool start_goroutine(Thread& thread);
  bool create(Thread& thread, bool as_coroutine);
  bool unblock(Thread& thread);
  bool block(Thread& thread);
  bool yield(Thread& thread);
  bool destroy(Thread& thread);
  bool begin_syscall(Thread& thread);
  bool end_syscall(Thread& thread);
  bool end_blocked_syscall(Thread& thread);
  bool call_from_c(Thread& thread);
  bool return_to_c(Thread& thread);
  bool switch_to_coroutine(Thread& thread, bool destroys);

  // The collector, and what programs say about themselves.
  bool stop_the_world(Thread& thread);
  bool collector(Thread& thread);
  bool sweep(Thread& thread);
  bool assist(Thread& thread);
  bool heap_metric(Thread& thread);
  bool procs_change(Thread& thread);
  bool task(Thread& thread);
  bool region(Thread& thread);
  bool log(Thread& thread);
  bool label(Thread& thread);
  bool experiment(Thread& thread);
  void end_sweep(Thread& thread);
  void end_assist(Thread& thread);
  std::uint64_t some_task();

  std::uint64_t stack() { return raw(tracer_.words().id(tracer_.words().stack())); }
  std::uint64_t string(Word word) { return raw(tracer_.words().id(word)); }
  bool loose() const { return options_.clock != RandomClock::Distinct; }

  Goroutine& new_goroutine(wire::GoStatus status);
  void remove(Goroutine& goroutine);
  /// The list that goroutines in this state stand in; null if none does.
  std::vector<Goroutine*>* list_of(const Goroutine& goroutine);
  void set_status(Goroutine& goroutine, wire::GoStatus status, Thread* thread);
  void enlist(Goroutine& goroutine);
  void unlist(Goroutine& goroutine);
  void add_proc();

  RandomTraceOptions options_;
  Random& random_;
  RandomTracer& tracer_;
  std::vector<std::unique_ptr<Thread>> threads_;
  std::size_t current_ = 0;  ///< the thread that did something last
  std::vector<std::unique_ptr<Proc>> procs_;
  std::deque<Goroutine> storage_;
  std::vector<Goroutine*> unused_;
  std::vector<Goroutine*> goroutines_;
  std::vector<Goroutine*> runnable_;
  std::vector<Goroutine*> waiting_;
  std::vector<Goroutine*> coroutines_;  ///< that wait for a switch
  std::vector<UserTask> tasks_;
  std::int64_t last_goroutine_ = 0;
  std::uint64_t last_task_ = 0;
  std::uint64_t gc_sequence_;
  bool collecting_ = false;
};

}  // namespace marey::simulation
