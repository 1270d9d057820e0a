// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "marey/error.h"
#include "marey/ids.h"

#include "src/wire/event_types.h"
#include "src/wire/tables.h"

namespace marey::wire {

using Bytes = std::vector<std::byte>;

/// Appends the header of a trace.
void append_header(Bytes& out, Version version);

/// Appends an event as it stands on the wire: its type, its arguments, and for a Stack the numbers
/// of its frames, as varints of the shortest form. Nothing is checked.
void append_event(Bytes& out, EventType type, std::span<const std::uint64_t> numbers);

/// Appends an event of class Data.
void append_data_event(Bytes& out, EventType type, std::span<const std::uint64_t> args,
                       std::string_view data);

/// The clocks at the begin of a generation.
struct WriterClock {
  std::uint64_t ticks = 0;      ///< the trace clock
  std::uint64_t mono = 0;       ///< nanoseconds
  std::uint64_t wall_sec = 0;   ///< seconds since 1970 ...
  std::uint64_t wall_nsec = 0;  ///< ... and nanoseconds
};

struct WriterOptions {
  /// Content of a batch, in bytes: at most kMaxBatchSize. Smaller ones make more batches.
  std::size_t batch_size = kMaxBatchSize;
  /// Writes the sizes of batches with ten bytes, as the runtime does, which reserves the place.
  bool pad_sizes = false;
};

/// Writes a v2 trace: generation after generation, each with its batches and tables.
///
/// Everything that the format demands is taken care of or checked: which event types and tables a
/// version has, the order of the parts of a generation, the sizes of batches, strings and stacks,
/// that a thread's time does not run backwards. What the events mean is not looked at: the writer
/// also serves to write traces that readers must refuse.
///
/// Within a generation, each thread's events go to a batch of its own, which is written when it is
/// full; at the generation's end follow the rest of them, those without a thread, the CPU samples,
/// the stacks and the strings. Memory: 64 KiB a thread, and a generation's tables.
///
/// An error is a misuse by the caller (ErrorKind::Usage), or whatever the sink returned; the trace
/// is as it was before the call, except after an error of the sink.
class Writer {
 public:
  /// Takes over bytes, which are gone after the call.
  using Sink = std::function<Result<void>(std::span<const std::byte>)>;

  Writer(Version version, Sink sink, WriterOptions options = {});

  /// Begins a generation, the first one with the header before it. `number` must not be 0; before
  /// Go 1.26 a reader demands that it is one more than the last one's. `ticks_per_second` is the
  /// trace clock's frequency. The clock snapshot is written where the version has one.
  Result<void> begin_generation(std::uint64_t number, std::uint64_t ticks_per_second,
                                const WriterClock& clock);

  /// Adds an event of class Timed or AllocFree: its arguments without the time delta. The first
  /// event of a thread opens a batch; `ticks` must not be less than those of the thread's last
  /// event. kNoThread is for statuses only that no thread can tell.
  Result<void> event(ThreadID thread, std::uint64_t ticks, EventType type,
                     std::span<const std::uint64_t> args);
  Result<void> event(ThreadID thread, std::uint64_t ticks, EventType type,
                     std::initializer_list<std::uint64_t> args) {
    return event(thread, ticks, type, std::span(args.begin(), args.size()));
  }

  /// The id of a string in this generation; the same for the same text, 0 for the empty one.
  Result<StringID> string(std::string_view text);
  /// The id of a new stack in this generation, leaf first; 0 for no frames.
  Result<StackID> stack(std::span<const FrameRecord> frames);

  Result<void> cpu_sample(std::uint64_t ticks, ThreadID thread, ProcID proc, GoID goroutine,
                          StackID stack);
  Result<void> experimental_batch(Experiment experiment, ThreadID thread, std::uint64_t ticks,
                                  std::span<const std::byte> data);

  Result<void> end_generation();

  Version version() const { return version_; }
  /// Bytes given to the sink so far.
  std::uint64_t size() const { return size_; }

 private:
  struct Batch {
    ThreadID thread = kNoThread;
    std::uint64_t first_ticks = 0;
    std::uint64_t last_ticks = 0;
    Bytes content;
  };
  /// A table of the generation: batches that begin with the same structural event.
  struct Table {
    EventType begin = EventType::None;
    std::vector<Bytes> batches;
  };

  Batch& batch_of(ThreadID thread);
  Result<void> write_batch(ThreadID thread, std::uint64_t ticks,
                           std::span<const std::byte> content);
  Result<void> write(std::span<const std::byte> bytes);
  void add_entry(Table& table, std::span<const std::byte> entry);
  Result<void> write_table(Table& table);

  Version version_;
  Sink sink_;
  WriterOptions options_;
  std::uint64_t size_ = 0;
  std::uint64_t generation_ = 0;                 ///< 0: none is open
  std::uint64_t last_ticks_ = 0;                 ///< of the generation: when its tables are written
  std::vector<std::unique_ptr<Batch>> batches_;  ///< one a thread, in order of their first events
  std::unordered_map<std::int64_t, Batch*> batch_by_thread_;
  Batch* last_batch_ = nullptr;
  Table strings_{EventType::Strings, {}};
  Table stacks_{EventType::Stacks, {}};
  Table samples_{EventType::CPUSamples, {}};
  std::unordered_map<std::string, StringID> string_ids_;
  std::uint64_t stack_count_ = 0;
  Bytes scratch_;
};

}  // namespace marey::wire
