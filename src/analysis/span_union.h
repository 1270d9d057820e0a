// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "marey/ids.h"

namespace marey::analysis {

/// From `start` up to, not including, `end`; ns.
struct TimeSpan {
  Time start = 0;
  Time end = 0;
  bool operator==(const TimeSpan&) const = default;
};

/// The time that is covered by any of many spans, exactly; they may overlap and come in any order.
///
/// A union is the same whatever the order of its parts, and adding one twice changes nothing: so it
/// needs no more than spans that each come some time, and merges by being united.
///
/// Made for spans that mostly come in the order of their ends, from pieces of the trace that follow
/// each other: then adding takes constant time. The latest spans lie open, the older ones are
/// closed into chunks of differences, 4 to 6 bytes a span that touches no other; what comes so late
/// that it reaches into a closed chunk is kept beside them. for_each() puts all together, in time
/// linear in the spans.
class SpanUnion {
 public:
  void add(Time start, Time end) {
    if (start >= end) return;
    if (start < closed_until_) [[unlikely]] {
      add_late({start, std::min(end, closed_until_)});
      start = closed_until_;
      if (start >= end) return;
    }
    if (open_.empty() || start > open_.back().end) {
      if (open_.size() == 2 * kOpen) close(kOpen);
      open_.push_back({start, end});
    } else if (start >= open_.back().start) {
      open_.back().end = std::max(open_.back().end, end);
    } else {
      insert({start, end});
    }
  }
  void merge(SpanUnion& next);
  bool empty() const { return chunks_.empty() && open_.empty() && late_.empty(); }

  /// Calls f(TimeSpan) for each span of the union: in order, none touching the next.
  template <class F>
  void for_each(F&& f) const {
    const std::vector<TimeSpan> late = united(late_);
    auto next_late = late.begin();
    TimeSpan current{kNowhere, kNowhere};
    const auto add = [&](TimeSpan span) {
      if (span.start > current.end) {
        if (current.start != kNowhere) f(std::as_const(current));
        current = span;
      } else {
        current.end = std::max(current.end, span.end);
      }
    };
    for_each_in_order([&](TimeSpan span) {
      for (; next_late != late.end() && next_late->start < span.start; ++next_late) add(*next_late);
      add(span);
    });
    for (; next_late != late.end(); ++next_late) add(*next_late);
    if (current.start != kNowhere) f(std::as_const(current));
  }
  /// All of them.
  std::vector<TimeSpan> spans() const;

  /// Sorts, and makes one of those that touch.
  static std::vector<TimeSpan> united(std::vector<TimeSpan> spans);

 private:
  static constexpr std::size_t kOpen = 128;
  static constexpr std::size_t kChunkBytes = 32 << 10;
  static constexpr Time kNowhere = std::numeric_limits<Time>::min();

  /// Closed spans: how far each begins behind the end of the last one, and how long it is, as
  /// varints.
  struct Chunk {
    Time first = 0;  ///< beginning of the first span
    Time last = 0;   ///< end of the last one
    std::vector<std::uint8_t> bytes;
  };

  static std::uint64_t take_varint(const std::uint8_t*& at) {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const std::uint8_t byte = *at++;
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
  }
  /// Calls f(TimeSpan) for those of a chunk.
  template <class F>
  static void for_each_of(const Chunk& chunk, F&& f) {
    const std::uint8_t* at = chunk.bytes.data();
    const std::uint8_t* const end = at + chunk.bytes.size();
    auto time = static_cast<std::uint64_t>(chunk.first);
    while (at != end) {
      const std::uint64_t start = time + take_varint(at);
      time = start + take_varint(at);
      f(TimeSpan{static_cast<Time>(start), static_cast<Time>(time)});
    }
  }
  template <class F>
  void for_each_in_order(F&& f) const {
    for (const Chunk& chunk : chunks_) for_each_of(chunk, f);
    for (const TimeSpan& span : open_) f(span);
  }

  /// Puts a span that begins before the last open one where it belongs.
  void insert(TimeSpan span);
  /// Closes the first `count` open spans.
  void close(std::size_t count);
  void add_late(TimeSpan span);

  std::vector<Chunk> chunks_;
  Time closed_until_ = kNowhere;  // end of the last closed span
  std::vector<TimeSpan> open_;    // in order, apart, behind closed_until_
  std::vector<TimeSpan> late_;
  std::size_t most_late_ = 1024;  // when they are united next
};

}  // namespace marey::analysis
