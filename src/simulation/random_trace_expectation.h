// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "marey/event.h"

#include "src/order/record.h"
#include "src/wire/event_types.h"
#include "src/wire/tables.h"

namespace marey::simulation {

/// What a reader must deliver for a valid trace whose wire events are known in their true order.
///
/// This says once more, and as simply as can be, what the ordering says: in what context an event
/// happens, which state its goroutine or proc was in before, which events it implies. It checks
/// nothing and orders nothing; the random traces compare the two.
class Expectation {
 public:
  using Sink = std::function<void(const Event::Record&)>;

  Expectation(Sink sink, std::uint64_t ticks_per_second)
      : sink_(std::move(sink)), nanoseconds_per_tick_(1'000'000'000 / ticks_per_second) {}

  bool wanted() const { return static_cast<bool>(sink_); }

  void begin_generation(wire::Tables* tables, std::uint64_t ticks);
  void event(ThreadID thread, std::uint64_t ticks, wire::EventType type,
             std::span<const std::uint64_t> args);
  void sample(std::uint64_t ticks, ThreadID thread, ProcID proc, GoID goroutine, StackID stack);
  void end();

 private:
  struct Context {
    ProcID proc = kNoProc;
    GoID goroutine = kNoGoroutine;
  };
  struct OpenTask {
    std::uint64_t parent;
    std::string type;
  };

  void deliver(Event::Record record);
  void deliver_sync(const wire::Tables* tables, std::uint64_t ticks);
  void proc_status(Event::Record& record, Context& context);
  void goroutine_status(Event::Record& record, Context& context);
  void proc_steal(Event::Record& record, Context& context);
  void destroy_in_syscall(const Event::Record& record, Context& context);
  void coroutine_switch(const Event::Record& record, Context& context);
  void task_event(Event::Record& record);
  /// What the event changes about the thread that it happened on.
  void apply(const Event::Record& record, Context& context);

  Sink sink_;
  std::uint64_t nanoseconds_per_tick_;
  wire::Tables* tables_ = nullptr;
  Time last_time_ = 0;
  std::uint64_t syncs_ = 0;
  std::unordered_map<std::int64_t, Context> threads_;
  std::unordered_map<std::int64_t, wire::ProcStatus> procs_;
  std::unordered_set<std::int64_t> goroutines_;
  std::unordered_map<std::int64_t, std::uint64_t> stop_the_world_kinds_;  ///< by goroutine
  std::unordered_map<std::uint64_t, OpenTask> tasks_;
};

}  // namespace marey::simulation
