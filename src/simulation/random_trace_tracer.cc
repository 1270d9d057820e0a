// SPDX-License-Identifier: Apache-2.0
#include "src/simulation/random_trace_tracer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace marey::simulation {
namespace {

using wire::EventType;
using wire::ProcStatus;
using wire::Version;

std::uint64_t number(auto id) { return static_cast<std::uint64_t>(raw(id)); }

}  // namespace

RandomTracer::RandomTracer(const RandomTraceOptions& options, wire::Writer::Sink sink,
                           Expectation::Sink expect, Random& random)
    : options_(options),
      writer_(options.version, std::move(sink), options.writer),
      expectation_(std::move(expect), options.ticks_per_second),
      random_(random),
      words_(random, options.workload == RandomWorkload::Everything),
      first_generation_(1 + random.below(3)),
      generation_(first_generation_ - 1) {}

void RandomTracer::tick() {
  switch (options_.clock) {
    case RandomClock::Distinct: now_ += 1 + random_.below(12); break;
    case RandomClock::Ties: now_ += random_.chance(40) ? 1 + random_.below(3) : 0; break;
    case RandomClock::Skewed: now_ += random_.below(12); break;
  }
}

void RandomTracer::begin_generation(std::span<const std::unique_ptr<RandomProc>> procs,
                                    std::span<RandomGoroutine* const> goroutines) {
  generation_++;
  tick();
  const std::uint64_t nanoseconds = now_ * (1'000'000'000 / options_.ticks_per_second);
  check(
      writer_.begin_generation(generation_, options_.ticks_per_second,
                               {now_, nanoseconds + 11, 1'700'000'000 + nanoseconds / 1'000'000'000,
                                nanoseconds % 1'000'000'000}));
  std::unique_ptr<wire::Tables> tables;
  if (expectation_.wanted()) {
    tables = std::make_unique<wire::Tables>();
    tables->sync.nanoseconds_per_tick =
        1.0 / (static_cast<double>(options_.ticks_per_second) / 1e9);
    if (options_.version >= Version::Go125) {
      tables->sync.has_clock_snapshot = true;
      tables->sync.snapshot_ticks = now_;
      tables->sync.snapshot_mono = nanoseconds + 11;
      tables->sync.snapshot_sec =
          static_cast<std::int64_t>(1'700'000'000 + nanoseconds / 1'000'000'000);
      tables->sync.snapshot_nsec = static_cast<std::int64_t>(nanoseconds % 1'000'000'000);
    }
  }
  words_.begin_generation(&writer_, tables.get());
  expectation_.begin_generation(tables.get(), now_);
  if (tables_.size() == 2 && !keep_tables_) tables_.erase(tables_.begin());
  tables_.push_back(std::move(tables));
  for (const auto& proc : procs) {
    proc->traced = false;
    proc->sequence = 0;
  }
  for (RandomGoroutine* goroutine : goroutines) {
    goroutine->traced = false;
    goroutine->sequence = 0;
  }
}

void RandomTracer::end_generation(std::span<const std::unique_ptr<RandomThread>> threads,
                                  std::span<const std::unique_ptr<RandomProc>> procs,
                                  std::span<RandomGoroutine* const> goroutines) {
  for (const auto& thread : threads) {
    if (thread->proc != nullptr) trace(*thread);
  }
  RandomThread nobody;
  nobody.id = kNoThread;
  for (const auto& thread : threads) wait(nobody, *thread);
  for (const auto& proc : procs) {
    if (!proc->traced) write_status(nobody, *proc, proc->status);
  }
  for (RandomGoroutine* goroutine : goroutines) {
    if (!goroutine->traced) write_status(nobody, *goroutine);
  }
  check(writer_.end_generation());
}

void RandomTracer::wait(const RandomThread& thread, const RandomThread& other) {
  now_ = std::max(now_, other.last_ticks + 1 - std::min(other.last_ticks, thread.clock_offset));
}

void RandomTracer::write(RandomThread& thread, EventType type,
                         std::span<const std::uint64_t> args) {
  tick();
  events_++;
  thread.last_ticks = now_ + thread.clock_offset;
  check(writer_.event(thread.id, thread.last_ticks, type, args));
  expectation_.event(thread.id, thread.last_ticks, type, args);
}

void RandomTracer::event(RandomThread& thread, EventType type,
                         std::initializer_list<std::uint64_t> args) {
  trace(thread);
  write(thread, type, std::span(args.begin(), args.size()));
}

void RandomTracer::trace(RandomThread& thread) {
  if (thread.proc != nullptr && !thread.proc->traced) {
    write_status(thread, *thread.proc, thread.proc->status);
  }
  if (thread.goroutine != nullptr && !thread.goroutine->traced) {
    write_status(thread, *thread.goroutine);
  }
}

void RandomTracer::trace(RandomThread& by, RandomProc& proc) {
  if (proc.traced) return;
  // The thief cannot know what the thread in the system call has told, or will.
  const bool in_syscall = proc.status == ProcStatus::Syscall;
  write_status(by, proc, in_syscall ? ProcStatus::SyscallAbandoned : proc.status);
}

void RandomTracer::trace(RandomThread& by, RandomGoroutine& goroutine) {
  if (!goroutine.traced) write_status(by, goroutine);
}

void RandomTracer::write_status(RandomThread& by, RandomProc& proc, ProcStatus status) {
  proc.traced = true;
  write(by, EventType::ProcStatus, std::array{number(proc.id), static_cast<std::uint64_t>(status)});
  if (proc.sweeping) write(by, EventType::GCSweepActive, std::array{number(proc.id)});
}

void RandomTracer::write_status(RandomThread& by, RandomGoroutine& goroutine) {
  goroutine.traced = true;
  const ThreadID thread = goroutine.thread == nullptr ? kNoThread : goroutine.thread->id;
  const auto status = static_cast<std::uint64_t>(goroutine.status);
  if (by.id == kNoThread && options_.version >= Version::Go123) {
    write(by, EventType::GoStatusStack,
          std::array{number(goroutine.id), number(thread), status, raw(words_.id(words_.stack()))});
  } else {
    write(by, EventType::GoStatus, std::array{number(goroutine.id), number(thread), status});
  }
  if (goroutine.assisting) {
    write(by, EventType::GCMarkAssistActive, std::array{number(goroutine.id)});
  }
}

void RandomTracer::sample(const RandomThread& thread) {
  tick();
  now_++;  // samples are sorted by their times alone
  events_++;
  const std::uint64_t ticks = now_ + thread.clock_offset;
  const ProcID proc = thread.proc == nullptr ? kNoProc : thread.proc->id;
  const GoID goroutine = thread.goroutine == nullptr ? kNoGoroutine : thread.goroutine->id;
  const StackID stack = words_.id(words_.stack());
  check(writer_.cpu_sample(ticks, thread.id, proc, goroutine, stack));
  expectation_.sample(ticks, thread.id, proc, goroutine, stack);
}

void RandomTracer::experimental_batch(const RandomThread& thread) {
  std::array<std::byte, 40> data;
  for (std::byte& byte : data) byte = static_cast<std::byte>(random_.below(256));
  check(writer_.experimental_batch(wire::Experiment::AllocFree, thread.id, now_ + 1, data));
}

}  // namespace marey::simulation
