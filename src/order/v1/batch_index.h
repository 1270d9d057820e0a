// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "marey/error.h"
#include "marey/health.h"

#include "src/order/judgement.h"
#include "src/wire/event_types.h"

namespace marey::order::v1 {

/// Greater ids of strings do not count for max_string_id (the runtime counts from 1), so that there
/// is room for ids of our own behind it.
inline constexpr std::uint64_t kMaxStringId = std::uint64_t{1} << 62;

/// Where a batch begins, and what is special about it: eight bytes, because a hostile trace has a
/// batch every five bytes.
class BatchRef {
 public:
  BatchRef() = default;
  explicit BatchRef(std::uint64_t offset) : bits_(offset) {}

  std::uint64_t offset() const { return bits_ & ~(kTables | kDamaged | kSamples); }
  /// It has strings, stacks or other things that are no events.
  bool has_tables() const { return (bits_ & kTables) != 0; }
  /// Strict: reading it ends in an error. Tolerant: it has gaps.
  bool damaged() const { return (bits_ & kDamaged) != 0; }
  /// It begins with a CPU sample. The runtime collects these in a buffer of their own, which it
  /// writes as a batch of proc 0: its time says nothing about the batches that the proc wrote.
  bool has_samples() const { return (bits_ & kSamples) != 0; }
  void set_tables() { bits_ |= kTables; }
  void set_damaged() { bits_ |= kDamaged; }
  void set_samples() { bits_ |= kSamples; }

 private:
  static constexpr std::uint64_t kTables = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kDamaged = std::uint64_t{1} << 62;
  static constexpr std::uint64_t kSamples = std::uint64_t{1} << 61;
  std::uint64_t bits_ = 0;
};

/// The batches of one trace: what the first reading of a v1 file finds.
///
/// A v1 batch does not say how long it is, so every record has to be stepped over. On the way the
/// index checks all of them, so that whoever decodes a batch later need not check anything: what
/// is not well formed lies in a gap (tolerant), or is marked and reported when the batch's turn
/// comes, as Go does (strict).
///
/// Memory: eight bytes a batch and sixteen a CPU sample.
class BatchIndex {
 public:
  struct Proc {
    std::int32_t id = 0;
    std::vector<BatchRef> batches;  ///< in the order of the file; batches without records left out
  };
  struct Sample {
    std::int64_t ticks = 0;
    std::uint64_t offset = 0;
  };
  /// Bytes [begin, end) that no batch is to be read from.
  struct Gap {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  /// Indexes the trace that begins (behind its header) at `offset`. `bytes` is the whole file.
  /// Strict: the error that Go's first reading ends in. Tolerant: never fails, counts what is
  /// damaged. With `may_continue`, the header of another trace ends this one.
  static Result<BatchIndex> build(std::span<const std::byte> bytes, std::size_t offset,
                                  wire::Version version, Judgement judgement, bool may_continue,
                                  Health& health);

  /// By rising id.
  std::vector<Proc> procs;
  /// By rising time.
  std::vector<Sample> samples;
  /// By rising offset; tolerant only.
  std::vector<Gap> gaps;
  std::vector<std::uint64_t> timer_goroutines;
  /// Tolerant: earliest and latest base time stamp of the batches whose time stamps are believed
  /// ...
  std::uint64_t first_ticks = 0;
  std::uint64_t last_ticks = UINT64_MAX;
  /// ... and the longest pause between events, in ticks.
  std::uint64_t longest_pause = UINT64_MAX;
  std::uint64_t max_string_id = 0;
  std::uint64_t batch_count = 0;
  bool has_frequency = false;
  /// Where the trace ends; if there is another one, its header begins here.
  std::size_t end = 0;
};

/// The version in a header at `offset`, if there is a whole header of a trace that can be read: of
/// the v1 or of the v2 format.
std::optional<wire::Version> find_header(std::span<const std::byte> bytes, std::size_t offset);

/// Where the next such header begins at or behind `begin` and before `end`; kNoHeader if nowhere.
inline constexpr std::size_t kNoHeader = SIZE_MAX;
std::size_t search_header(std::span<const std::byte> bytes, std::size_t begin, std::size_t end);

}  // namespace marey::order::v1
