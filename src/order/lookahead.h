// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "src/base/growing_array.h"
#include "src/order/generation.h"

namespace marey::order {

/// A number out of one of the sequences by which the runtime orders what different threads do to
/// the same goroutine or proc, or to the garbage collection (`id` 0). A goroutine's or proc's
/// begins anew in each generation, at 0 with its status or creation.
struct SequenceNumber {
  enum class Of : std::uint8_t { Goroutine, Proc, GC };

  Of of = Of::Goroutine;
  std::uint64_t id = 0;
  std::uint64_t number = 0;
};

/// Which events of a generation carry which sequence numbers. In a damaged trace the number before
/// an event's own may be lost: its turn never comes, and unless somebody looks ahead, it holds up
/// its thread and by and by all others, until nothing else can happen.
///
/// Making one decodes the generation once more; it takes eight bytes for each event with a number,
/// and sorts them.
class Lookahead {
 public:
  /// `generation`, shorter than 4 GiB, must outlive it.
  explicit Lookahead(const Generation& generation);

  struct Place {
    std::uint32_t thread;  ///< index into the generation's threads
    std::uint32_t batch;   ///< index into the layout's batches
    std::uint64_t offset;  ///< byte offset of the event in the trace
  };
  /// Whether `holds` for the place of any event that carries the number. Errs towards true: where
  /// there are too many of them, and where the hash, which is all that is kept, is another's.
  template <class Holds>
  bool any_of(const SequenceNumber& number, Holds holds) const {
    return any_with(hash_of(number), holds) ||
           (number.of == SequenceNumber::Of::Proc &&
            any_with(hash_of({number.of, kAnyProc, number.number}), holds));
  }

 private:
  /// In the upper half the hash, in the lower one the offset from the generation's beginning.
  using Entry = std::uint64_t;
  /// A system call names the sequence number of its proc, but not the proc. Where the thread's
  /// batches do not say which one it holds, it may be any.
  static constexpr std::uint64_t kAnyProc = UINT64_MAX;

  static std::uint32_t hash_of(const SequenceNumber& number);
  void add_thread(const Generation::ThreadBatches& thread);
  /// The entries from the first one with the hash on.
  std::span<const Entry> from(std::uint32_t hash) const;
  Place place_of(Entry entry) const;

  template <class Holds>
  bool any_with(std::uint32_t hash, Holds& holds) const {
    constexpr std::size_t kMost = 64;  // in a sound generation it is one
    std::size_t count = 0;
    for (const Entry entry : from(hash)) {
      if (entry >> 32 != hash) return false;
      if (++count > kMost || holds(place_of(entry))) return true;
    }
    return false;
  }

  const Generation& generation_;
  GrowingArray<Entry> entries_;  // ascending
  std::vector<std::uint32_t> thread_of_batch_;
};

}  // namespace marey::order
