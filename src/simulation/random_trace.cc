// SPDX-License-Identifier: Apache-2.0
#include "src/simulation/random_trace.h"

#include <utility>

#include "src/simulation/random_trace_program.h"
#include "src/simulation/random_trace_tracer.h"

namespace marey::simulation {
namespace {

Result<void> check(const RandomTraceOptions& options) {
  const auto misuse = [](const char* message) {
    return std::unexpected(Error{ErrorKind::Usage, message});
  };
  if (wire::is_v1(options.version)) return misuse("random traces are of the v2 format");
  if (options.procs == 0 || options.threads <= options.procs || options.goroutines == 0) {
    return misuse("a random program needs a proc, a goroutine, and more threads than procs");
  }
  if (options.ticks_per_second == 0 || 1'000'000'000 % options.ticks_per_second != 0) {
    return misuse("a tick of a random trace must be a whole number of nanoseconds");
  }
  return {};
}

Result<void> run(const RandomTraceOptions& options, Random& random, RandomTracer& tracer) {
  RandomProgram program(options, random, tracer);
  for (std::uint64_t i = 0; i < options.generations && tracer.status(); i++) {
    program.begin_generation();
    const std::uint64_t last = tracer.events() + options.events_per_generation;
    while (tracer.events() < last && tracer.status()) program.step();
    program.end_generation();
  }
  tracer.end();
  return tracer.status();
}

}  // namespace

Result<void> write_random_trace(const RandomTraceOptions& options, wire::Writer::Sink sink,
                                const std::function<void(const Event::Record&)>& on_event) {
  if (Result<void> result = check(options); !result) return result;
  Random random(options.seed);
  RandomTracer tracer(options, std::move(sink), on_event, random);
  return run(options, random, tracer);
}

Result<RandomTrace> make_random_trace(const RandomTraceOptions& options) {
  if (Result<void> result = check(options); !result) return std::unexpected(result.error());
  RandomTrace trace;
  Random random(options.seed);
  RandomTracer tracer(
      options,
      [&](std::span<const std::byte> bytes) -> Result<void> {
        trace.bytes.insert(trace.bytes.end(), bytes.begin(), bytes.end());
        return {};
      },
      [&](const Event::Record& record) { trace.events.push_back(record); }, random);
  tracer.keep_tables();
  if (Result<void> result = run(options, random, tracer); !result) {
    return std::unexpected(result.error());
  }
  trace.tables = std::move(tracer.tables());
  return trace;
}

}  // namespace marey::simulation
