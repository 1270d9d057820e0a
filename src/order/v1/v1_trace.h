// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "marey/error.h"
#include "marey/event.h"
#include "marey/health.h"

#include "src/order/judgement.h"
#include "src/wire/event_types.h"
#include "src/wire/tables.h"

namespace marey::order {

/// A trace of the v1 format (Go 1.11 to 1.21), read as a stream of v2 events.
///
/// A v1 trace is one stream of batches for each proc, with sequence numbers of goroutines to put
/// them together, and its strings, stacks and clock rate come last. So nothing can be delivered
/// before everything has been read once: open() does that, and leaves the index of the batches,
/// the tables, and a log of the order (some tenth of the file's length in all); next() decodes the
/// events again by that log. There is no array of events.
///
/// Where a trace's header stands in the middle of the file, another trace begins, and is read as
/// the continuation of this one, with tables of its own, at the time at which the first one ends.
class V1Trace {
 public:
  /// What there is in the trace.
  struct Totals {
    std::uint64_t batches = 0;
    std::uint64_t procs = 0;      ///< that wrote events; of the trace that has most
    std::uint64_t v1_events = 0;  ///< before the conversion
    std::uint64_t cpu_samples = 0;
    std::uint64_t traces = 0;  ///< one behind the other in the file
  };

  /// Reads the trace in `bytes`, the whole file, whose first batch begins at the offset
  /// `first_batch` and is of version `version`. At least 16 readable bytes must lie behind its end.
  /// They must outlive the trace, and everything in the tables.
  ///
  /// Strict: fails where Go's reader fails, with its message. Tolerant: does not fail; what is
  /// damaged is counted in `health`, which is complete when open() returns.
  static Result<V1Trace> open(std::span<const std::byte> bytes, std::size_t first_batch,
                              wire::Version version, Judgement judgement, Health& health);

  V1Trace(V1Trace&&) noexcept;
  V1Trace& operator=(V1Trace&&) noexcept;
  ~V1Trace();

  /// The next event; false at the end. Times strictly rise. A Sync event comes first and last, as
  /// Go's reader has it, and before a trace that continues this one.
  bool next(Event::Record& out);

  /// Why next() ended before the end: an event that Go's reader passes and then cannot convert
  /// (strict only).
  const std::optional<Error>& error() const;

  /// Back to the first event.
  void rewind();

  /// The tables of the first trace in the file; each event has its own in its record. Valid, like
  /// those, as long as this object or one it was moved to.
  const wire::Tables& tables() const;

  const Totals& totals() const;

 private:
  struct Impl;
  explicit V1Trace(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace marey::order
