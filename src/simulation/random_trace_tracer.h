// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <vector>

#include "marey/error.h"

#include "src/simulation/random_trace.h"
#include "src/simulation/random_trace_expectation.h"
#include "src/simulation/random_trace_words.h"
#include "src/wire/writer.h"

namespace marey::simulation {

struct RandomThread;

/// A proc of the simulated program.
struct RandomProc {
  ProcID id{};
  wire::ProcStatus status = wire::ProcStatus::Idle;
  RandomThread* thread = nullptr;  ///< who holds it; of an abandoned one, who held it
  bool sweeping = false;
  bool traced = false;         ///< its status stands in this generation
  std::uint64_t sequence = 0;  ///< of the last event that moved it, in this generation
};

/// A goroutine of the simulated program.
struct RandomGoroutine {
  struct Region {
    std::uint64_t task;
    Word name;
  };

  GoID id{};
  wire::GoStatus status = wire::GoStatus::Waiting;
  RandomThread* thread = nullptr;  ///< where it runs or is in a system call
  bool coroutine = false;          ///< only a switch wakes it up
  bool from_c = false;             ///< made by a call from C, to which it returns
  bool returning = false;          ///< ... now
  bool assisting = false;
  bool traced = false;
  std::uint64_t sequence = 0;
  unsigned unknown_regions = 0;  ///< opened before the trace
  std::vector<Region> regions;
  std::size_t index = 0;  ///< in the program's list of all
  std::size_t place = 0;  ///< in the program's list of those that wait as it does
};

struct RandomThread {
  ThreadID id{};
  RandomProc* proc = nullptr;
  RandomGoroutine* goroutine = nullptr;
  std::uint64_t clock_offset = 0;  ///< ticks that its clock is ahead
  std::uint64_t last_ticks = 0;    ///< of its last event
};

/// Plays the tracer of Go's runtime: writes what happens to a trace, each generation complete in
/// itself. The status of a goroutine or proc is written before the first event that names it or
/// that happens on it; whatever is left comes at the generation's end. And it says what a reader
/// must make of that.
class RandomTracer {
 public:
  RandomTracer(const RandomTraceOptions& options, wire::Writer::Sink sink, Expectation::Sink expect,
               Random& random);

  void begin_generation(std::span<const std::unique_ptr<RandomProc>> procs,
                        std::span<RandomGoroutine* const> goroutines);
  /// Writes the statuses that are still missing.
  void end_generation(std::span<const std::unique_ptr<RandomThread>> threads,
                      std::span<const std::unique_ptr<RandomProc>> procs,
                      std::span<RandomGoroutine* const> goroutines);
  void end() { expectation_.end(); }

  /// An event on a thread.
  void event(RandomThread& thread, wire::EventType type, std::initializer_list<std::uint64_t> args);
  /// What the thread runs has its status written now.
  void trace(RandomThread& thread);
  /// A proc is about to be named by an event on another thread.
  void trace(RandomThread& by, RandomProc& proc);
  void trace(RandomThread& by, RandomGoroutine& goroutine);
  /// Lets time pass until what happens next on `thread` is later than all of `other` by any clock.
  void wait(const RandomThread& thread, const RandomThread& other);
  void sample(const RandomThread& thread);
  void experimental_batch(const RandomThread& thread);

  RandomWords& words() { return words_; }
  bool in_first_generation() const { return generation_ == first_generation_; }
  std::uint64_t events() const { return events_; }
  const Result<void>& status() const { return status_.has_value() ? words_.status() : status_; }
  /// Tables of this and the last generation, or of all if they are to be kept.
  std::vector<std::unique_ptr<wire::Tables>>& tables() { return tables_; }
  void keep_tables() { keep_tables_ = true; }

 private:
  void tick();
  void write(RandomThread& thread, wire::EventType type, std::span<const std::uint64_t> args);
  void write_status(RandomThread& by, RandomProc& proc, wire::ProcStatus status);
  void write_status(RandomThread& by, RandomGoroutine& goroutine);
  void check(Result<void> result) {
    if (!result && status_) status_ = std::move(result);
  }

  RandomTraceOptions options_;
  wire::Writer writer_;
  Expectation expectation_;
  Random& random_;
  RandomWords words_;
  std::vector<std::unique_ptr<wire::Tables>> tables_;
  bool keep_tables_ = false;
  std::uint64_t now_ = 1'000'000;
  std::uint64_t first_generation_;
  std::uint64_t generation_;
  std::uint64_t events_ = 0;
  Result<void> status_;
};

}  // namespace marey::simulation
