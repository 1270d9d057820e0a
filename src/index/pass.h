// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "marey/error.h"
#include "marey/trace.h"

#include "src/index/fold.h"

namespace marey::index {

struct PassOptions {
  bool strict = false;
  /// Threads that order generations; 0: as many as the machine has.
  unsigned threads = 0;
  /// Bytes of memory to stay below, beside the mapped file; 0: no bound. Where a generation's
  /// tables alone need more, the pass fails with a sentence that says so.
  std::uint64_t memory = 0;
  /// Called now and then, from one thread at a time, with bytes done and bytes in all (0: unknown).
  std::function<void(std::uint64_t, std::uint64_t)> progress;
};

/// What a pass found out about the trace beside what its folds did.
struct PassResult {
  TraceInfo info;
  Health health;
  std::uint64_t generations = 0;
  std::uint64_t ordered_again = 0;  ///< generations whose derived run could not be committed
  std::uint64_t events = 0;         ///< as Go's reader counts them, Sync events included
  std::array<std::uint64_t, 256> events_by_type{};  ///< by the wire's number; 255: Sync
  Time first_time = 0;                              ///< of the first event
  Time last_time = 0;                               ///< of the last event
  /// Up to when all is known: the last event, or the begin of the last generation where the file
  /// ends in the middle of it. What is open at the end may have ended at any time since.
  Time known_until = 0;
  std::optional<WallTime> wall_start;  ///< of first_time
  std::optional<Error>
      error;  ///< strict only: where Go's reader stops; the folds have what is before
  std::unique_ptr<Fold> fold;  ///< of the whole trace; nullptr if there was no generation
};

/// Orders a whole trace once, generations side by side, and folds it.
///
/// Errors: the file cannot be read or is no trace (see Reader::open), or needs more memory than
/// allowed. Damage is no error; see PassResult::health and ::error.
Result<PassResult> run_pass(const std::string& path, const PassOptions& options,
                            const FoldMaker& maker);

/// The same without folds: orders and checks every event and counts them.
Result<PassResult> count_events(const std::string& path, const PassOptions& options);

}  // namespace marey::index
