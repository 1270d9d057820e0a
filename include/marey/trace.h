// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "marey/error.h"
#include "marey/event.h"
#include "marey/health.h"
#include "marey/ids.h"

/// Reading traces: a Reader delivers ordered events, a Trace any range of a file's generations.
namespace marey {

namespace trace {
class ReaderState;
class TraceState;
}  // namespace trace

struct ReadOptions {
  /// Give Go's verdict: the same events, then the same error in the same place. Otherwise what is
  /// damaged is repaired or left out, and counted in the trace's Health.
  bool strict = false;
};

/// What a trace's header and source say.
struct TraceInfo {
  std::string name;          ///< the path as it was given, or what stands for it
  std::uint32_t format = 0;  ///< the header says "go 1.<format>"
  bool known_format = true;  ///< false: a newer one, read as the newest known
  bool v1 = false;           ///< the format before Go 1.22, without generations
  std::uint64_t bytes = 0;   ///< length, uncompressed; of a stream, what has come so far
};

/// A moment on the wall clock.
struct WallTime {
  std::int64_t seconds = 0;      ///< since 1970-01-01 UTC
  std::int64_t nanoseconds = 0;  ///< 0 to 999,999,999
};

/// Gives the events of one trace in order: pulled one by one, pulled in blocks, or pushed.
///
///     auto reader = marey::Reader::open("trace.out");
///     if (!reader) return complain(reader.error());
///     marey::Event event;
///     while (reader->next(event) == marey::Reader::Status::Event) { ... }
///     if (reader->error()) complain(*reader->error());
///
/// or, with bytes that come from elsewhere:
///
///     auto reader = marey::Reader::fed();
///     while (receive(bytes)) {
///       reader.feed(bytes);
///       reader.for_each([&](const marey::Event& event) { ... });
///     }
///     reader.end_feed();
///     reader.for_each(...);
///
/// Memory: the tables of one generation, and of a stream its bytes. Not for two threads at once.
class Reader {
 public:
  enum class Status : std::uint8_t {
    Event,     ///< an event (or a block of them) was delivered
    NeedMore,  ///< of a fed reader: feed() or end_feed() first
    End,       ///< that was all
    Error,     ///< see error(); nothing more comes
  };

  /// Opens a file; "-" is standard input; gzip and zstd are seen through; waits for the first bytes
  /// of a pipe. Errors: System where the file cannot be read or memory is missing, Input where it
  /// is no trace (in strict mode also where it is of a newer version), Usage where standard input
  /// is a terminal.
  static Result<Reader> open(const std::string& path, const ReadOptions& options = {});
  /// A reader of bytes in memory, uncompressed, which it copies. Errors: Input where they are no
  /// trace (as in open()), System where memory is missing.
  static Result<Reader> of_bytes(std::span<const std::byte> bytes, const ReadOptions& options = {});
  /// A reader that is fed: bytes come in pieces of any size, and a generation is delivered as soon
  /// as it is whole (a v1 trace only at its end).
  static Reader fed(const ReadOptions& options = {});

  Reader(Reader&&) noexcept;
  Reader& operator=(Reader&&) noexcept;
  ~Reader();

  /// Adds the next bytes of a fed reader, uncompressed; they are copied. If there is no memory for
  /// them, next() says so. A reader that is not fed, or has got all by end_feed(), takes none.
  void feed(std::span<const std::byte> bytes);
  /// Says that nothing more is fed.
  void end_feed();

  /// The next event. It may be asked for strings and stacks until the next call.
  Status next(Event& event);
  /// The next events, some hundred at a time, at least one. The span and the events in it are good
  /// until the next call of next() or next_block().
  Status next_block(std::span<const Event>& events);
  /// Pushes all events that there are so far into `take(const Event&)`. Then says what next()
  /// would: NeedMore, End or Error.
  template <std::invocable<const Event&> Take>
  Status for_each(Take take) {
    std::span<const Event> events;
    for (;;) {
      const Status status = next_block(events);
      if (status != Status::Event) return status;
      for (const Event& event : events) take(event);
    }
  }

  /// Why the last call gave Status::Error.
  const std::optional<Error>& error() const;
  /// The header may not have come yet in a fed reader: format 0 then. The reference is good as long
  /// as the reader, as those of error() and health() are; what it refers to changes with next().
  const TraceInfo& info() const;
  /// What has been found damaged so far; all of it once next() has given End. Empty in strict mode,
  /// which ends at the first defect.
  const Health& health() const;
  /// Number of the generation that is being delivered; 0 before the first and of a v1 trace.
  std::uint64_t generation() const;
  /// What the wall clock showed when the trace's was at `time` (Event::time()), by the clock
  /// snapshot of the generation being delivered. Nothing before Go 1.25.
  std::optional<WallTime> wall_time(Time time) const;
  /// The same of the system's monotonic clock (CLOCK_MONOTONIC, on Linux), in nanoseconds.
  std::optional<std::int64_t> monotonic_time(Time time) const;

 private:
  friend class Trace;
  explicit Reader(std::unique_ptr<trace::ReaderState> state);
  std::unique_ptr<trace::ReaderState> state_;
};

/// One generation (about a second of the program) of a trace file.
struct GenerationInfo {
  std::uint64_t number = 0;  ///< as the runtime counts, not always from 1
  std::uint64_t begin = 0;   ///< byte offset
  std::uint64_t end = 0;     ///< byte offset behind its last byte
  bool whole = true;         ///< false: its end is missing
};

/// A trace whose generations can be read in any order.
///
/// Opening looks at the batches' length fields only, some ten bytes in 64 KiB. A compressed trace
/// or one from a pipe is held in memory.
class Trace {
 public:
  /// Opens a file and finds its generations. Takes the same paths, and gives the same errors, as
  /// Reader::open() without strict mode. Damage is no error: see health().
  static Result<Trace> open(const std::string& path);
  Trace(Trace&&) noexcept;
  Trace& operator=(Trace&&) noexcept;
  ~Trace();

  /// What the header says. Good as long as the Trace, as what generations() and health() refer to.
  const TraceInfo& info() const;
  /// In the order of the file. A v1 trace counts as one generation with the number 0.
  std::span<const GenerationInfo> generations() const;
  /// What looking for the generations found damaged.
  const Health& health() const;

  /// A reader of `count` generations from number `first` on (positions in generations(); clipped to
  /// what there is; of nothing, no event). The events are those of the whole trace, but for what
  /// only the generations before them tell:
  ///
  ///   - tasks and regions that were opened there, and that a proc that is new did not exist;
  ///   - times: where that is later, the first events are pushed behind the end of the generation
  ///     before; without it they come when they happened;
  ///   - Sync events are numbered from 1, and one ends the range as one ends a trace.
  ///
  /// Strict, the generations are judged, and not what lies between and behind them. Any number of
  /// readers may be at work at once, also on different threads; they must not outlive the trace.
  Reader replay(std::size_t first, std::size_t count, const ReadOptions& options = {}) const;

 private:
  explicit Trace(std::unique_ptr<trace::TraceState> state);
  std::unique_ptr<trace::TraceState> state_;
};

/// The version of this library: "0.1.0".
std::string_view version();

}  // namespace marey
