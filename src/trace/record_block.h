// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "marey/event.h"

#include "src/order/ordering.h"
#include "src/order/record.h"

namespace marey::trace {

/// The sink of an ordering that keeps events, some hundred at a time so that they stay in the
/// processor's nearest cache until they are looked at.
class RecordBlock {
 public:
  static constexpr std::size_t kSize = 256;
  /// One event on the wire stands for at most this many.
  static constexpr std::size_t kMost = 3;

  RecordBlock() : events_(std::make_unique<Event::Record[]>(kSize + kMost)) {}

  void set_tables(const wire::Tables* tables) { tables_ = tables; }

  [[gnu::always_inline]] void emit(wire::EventType type, Time time, const order::Context& context,
                                   const std::array<std::uint64_t, 4>& args) {
    Event::Record& record = *next_++;
    record.time = time;
    record.goroutine = GoID{context.goroutine};
    record.proc = ProcID{context.proc};
    record.thread = ThreadID{context.thread};
    // One by one: copied at once, they are loaded in pairs right after they were stored singly, and
    // that stalls.
    for (std::size_t i = 0; i < args.size(); i++) record.args[i] = args[i];
    record.tables = tables_;
    record.type = static_cast<std::uint8_t>(type);
    record.guessed = context.guessed;
  }
  void emit_sample(Time time, const wire::CPUSampleRecord& sample) {
    *next_++ = Event::Record{time,
                             sample.goroutine,
                             sample.proc,
                             sample.thread,
                             {raw(sample.stack)},
                             tables_,
                             order::type_number(wire::EventType::CPUSample)};
  }
  void emit_sync(Time time, std::uint64_t number) {
    *next_++ =
        Event::Record{time, kNoGoroutine, kNoProc, kNoThread, {number}, tables_, order::kSyncType};
  }
  bool full() const { return next_ >= full_; }
  void undo(unsigned count) { next_ -= count; }

  void add(const Event::Record& record) { *next_++ = record; }
  std::span<const Event::Record> records() const { return {events_.get(), next_}; }
  void clear() { next_ = events_.get(); }

 private:
  std::unique_ptr<Event::Record[]> events_;
  Event::Record* next_ = events_.get();
  const Event::Record* full_ = next_ + kSize;
  const wire::Tables* tables_ = nullptr;
};

}  // namespace marey::trace
