// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "marey/ids.h"

#include "src/wire/dense_table.h"
#include "src/wire/event_types.h"
#include "src/wire/name_table.h"

namespace marey::wire {

/// A frame of a stack as the trace has it: function and file by their ids.
struct FrameRecord {
  std::uint64_t pc = 0;
  StringID function{};
  StringID file{};
  std::uint64_t line = 0;
};

/// A batch of an experiment, whose content only the experiment knows.
struct ExperimentalBatchRecord {
  Experiment experiment = Experiment::None;
  ThreadID thread = kNoThread;
  std::span<const std::byte> data;  ///< valid as long as the generation's bytes
};

/// What a generation says about its clocks.
struct SyncRecord {
  double nanoseconds_per_tick = 0;  ///< 0: the generation has no frequency
  bool has_clock_snapshot = false;
  std::uint64_t snapshot_ticks = 0;  ///< the trace clock, in ticks
  std::uint64_t snapshot_mono = 0;   ///< the monotonic clock, in nanoseconds
  std::int64_t snapshot_sec = 0;     ///< the wall clock: seconds since 1970 ...
  std::int64_t snapshot_nsec = 0;    ///< ... and nanoseconds
  Time time_shift = 0;               ///< added to all times, of a second trace in the same file
};

/// Ticks to nanoseconds as Go converts them: in floating point, cut towards zero, and what does
/// not fit is the smallest integer (as amd64's conversion gives it).
inline Time ticks_to_time(std::uint64_t ticks, double nanoseconds_per_tick) {
  const double time = static_cast<double>(ticks) * nanoseconds_per_tick;
  if (time < 9223372036854775808.0) [[likely]]
    return static_cast<Time>(time);
  return INT64_MIN;
}

/// ticks_to_time() for many ticks: where a tick is a whole number of nanoseconds (64, on amd64),
/// small counts are multiplied as integers, which gives the same and costs less.
class TickClock {
 public:
  explicit TickClock(double nanoseconds_per_tick) : nanoseconds_(nanoseconds_per_tick) {
    constexpr double kMost = 1 << 20;  // 2^20 * 2^32 is exact in a double
    if (nanoseconds_per_tick >= 1 && nanoseconds_per_tick <= kMost) {
      const auto whole = static_cast<std::uint64_t>(nanoseconds_per_tick);
      if (static_cast<double>(whole) == nanoseconds_per_tick) {
        whole_ = whole;
        small_ = std::uint64_t{1} << 32;
      }
    }
  }

  Duration duration(std::uint64_t ticks) const {
    if (ticks < small_) [[likely]]
      return static_cast<Duration>(ticks * whole_);
    return ticks_to_time(ticks, nanoseconds_);
  }

 private:
  double nanoseconds_;
  std::uint64_t whole_ = 0;
  std::uint64_t small_ = 0;  // counts below it are multiplied as integers
};

/// The tables of one generation: what the ids in its events mean.
///
/// A v1 trace has one set of tables for the whole of it. Strings are views into the generation's
/// bytes (or into `owned_strings`); the tables live no longer than those bytes.
///
/// Frames are kept once for each program counter, the first one that the trace gives for it, and
/// stacks as lists of such frames: that is how Go's reader resolves them, and it is smaller.
class Tables {
 public:
  struct StringEntry {
    const char* data = nullptr;
    std::size_t size = 0;
    bool present() const { return data != nullptr; }
    std::string_view view() const { return {data, size}; }
  };
  struct StackEntry {
    std::uint32_t first = 0;  ///< index into frame_refs
    std::uint32_t count = UINT32_MAX;
    bool present() const { return count != UINT32_MAX; }
  };

  SyncRecord sync;
  std::vector<ExperimentalBatchRecord> experimental_batches;

  /// Adds a string; false if the id is taken. `text` must outlive the tables.
  bool add_string(StringID id, std::string_view text);
  /// Adds a string that the tables keep a copy of; false if the id is taken.
  bool add_owned_string(StringID id, std::string text);
  /// Index of the frame for `frame.pc`; the first frame given for a pc stays.
  std::uint32_t add_frame(const FrameRecord& frame);
  /// Adds a stack of frames (indices from add_frame, leaf first); false if the id is taken.
  bool add_stack(StackID id, std::span<const std::uint32_t> frames);
  /// Adds a text that the trace itself has no id for; returns its number, 0 for the empty text.
  std::uint64_t add_extra_string(std::string_view text) { return names_->number_of(text); }
  /// Has the extra strings be those of `names`, which other generations share.
  void share_names(std::shared_ptr<NameTable> names) { names_ = std::move(names); }

  /// Says that some of the strings, stacks or samples could not be decoded or are missing: what
  /// could be decoded may be wrong, too.
  void set_damaged() { is_damaged_ = true; }
  bool is_damaged() const { return is_damaged_; }

  /// The string, if there is one; id 0 is the empty string.
  std::optional<std::string_view> find_string(StringID id) const {
    if (raw(id) == 0) return std::string_view{};
    const StringEntry* entry = strings_.find(raw(id));
    if (entry == nullptr) return std::nullopt;
    return entry->view();
  }
  bool has_string(StringID id) const { return raw(id) == 0 || strings_.find(raw(id)) != nullptr; }
  /// The string, or "" where the (damaged) trace has none.
  std::string_view string(StringID id) const { return find_string(id).value_or(""); }
  std::string_view extra_string(std::uint64_t number) const { return names_->name(number); }

  bool has_stack(StackID id) const { return raw(id) == 0 || stacks_.find(raw(id)) != nullptr; }
  /// Frames of a stack, as indices for frame(), leaf first; empty for 0 and for unknown ids.
  std::span<const std::uint32_t> stack(StackID id) const;
  const FrameRecord& frame(std::uint32_t index) const { return frames_[index]; }

  const DenseTable<StringEntry>& strings() const { return strings_; }
  const DenseTable<StackEntry>& stacks() const { return stacks_; }
  std::span<const FrameRecord> frames() const { return frames_; }

 private:
  DenseTable<StringEntry> strings_;
  DenseTable<StackEntry> stacks_;
  std::vector<FrameRecord> frames_;
  std::vector<std::uint32_t> frame_refs_;
  std::unordered_map<std::uint64_t, std::uint32_t> frame_of_pc_;
  std::deque<std::string> owned_strings_;
  std::shared_ptr<NameTable> names_ = std::make_shared<NameTable>();
  bool is_damaged_ = false;
};

}  // namespace marey::wire
