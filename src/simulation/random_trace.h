// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "marey/error.h"
#include "marey/event.h"

#include "src/wire/event_types.h"
#include "src/wire/tables.h"
#include "src/wire/writer.h"

namespace marey::simulation {

/// What kind of program the trace is of.
enum class RandomWorkload : std::uint8_t {
  Everything,  ///< all that the format has, odd strings too, each often enough for a short test
  Server,      ///< about the mix of a busy server: channels, system calls, tasks, regions
};

/// How the clocks of the threads relate.
enum class RandomClock : std::uint8_t {
  Distinct,  ///< one clock, and no two events at the same time: only one order is right
  Ties,      ///< one clock, and many events at the same time: threads may be interleaved otherwise
  Skewed,    ///< threads' clocks differ: only the sequence numbers tell the order
};

struct RandomTraceOptions {
  std::uint64_t seed = 1;
  wire::Version version = wire::kNewestVersion;
  RandomWorkload workload = RandomWorkload::Everything;
  RandomClock clock = RandomClock::Distinct;
  std::uint64_t generations = 3;
  std::uint64_t events_per_generation = 500;  ///< about
  std::size_t procs = 4;
  std::size_t threads = 8;      ///< more than procs, or nobody is in a system call
  std::size_t goroutines = 25;  ///< about, at any time
  /// Nanoseconds a tick must be a whole number, or rounding would blur the expected times.
  std::uint64_t ticks_per_second = 15'625'000;
  wire::WriterOptions writer{};
};

/// Simulates a small Go scheduler (goroutines, procs, threads, garbage collection, tasks, regions,
/// coroutines, cgo callbacks, stolen procs) and writes what Go's tracer would write about it: a
/// valid v2 trace. The same options always give the same bytes.
///
/// Memory does not grow with the number of events, so this also makes traces of many gigabytes.
///
/// `on_event`, if given, is told every event that a reader must deliver, in order. With a clock
/// other than Distinct, each thread's events (and its stack samples for themselves) must be those,
/// in that order, but for the times; the threads may be interleaved otherwise. Records refer to
/// the tables of their generation, which are kept until the next generation's Sync event has been
/// told. Errors are those of the sink, and of options that make no sense.
Result<void> write_random_trace(const RandomTraceOptions& options, wire::Writer::Sink sink,
                                const std::function<void(const Event::Record&)>& on_event = {});

/// A random trace in memory.
struct RandomTrace {
  wire::Bytes bytes;
  std::vector<Event::Record> events;                  ///< what a reader must deliver
  std::vector<std::unique_ptr<wire::Tables>> tables;  ///< what the events refer to
};
Result<RandomTrace> make_random_trace(const RandomTraceOptions& options);

}  // namespace marey::simulation
