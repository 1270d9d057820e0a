// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "marey/error.h"

#include "src/wire/event_types.h"
#include "src/wire/header.h"

namespace marey::wire {

/// An event as it lies in a v2 trace, its framing included: batch headers are events, too.
/// Views into the bytes that the reader was fed with; valid until the reader's next call.
struct RawEvent {
  EventType type = EventType::None;  ///< may be a number that the table has no event for
  std::array<std::uint64_t, kMaxArgs> args{};
  /// Frames of a Stack: as many groups of four varints (pc, func, file, line).
  std::uint64_t frame_count = 0;
  std::span<const std::byte> frames;
  /// Content of an event of class Data.
  std::string_view data;

  const EventSpec& spec() const { return spec_of(type); }
};

/// Bytes that the event would take if every number were encoded as briefly as possible. The
/// runtime pads some numbers, so this may be less than what it takes in the file.
std::size_t canonical_size(const RawEvent& event);

/// Reads a v2 trace as a mere sequence of events, without looking into what they mean.
///
/// It takes and refuses what Go's internal/trace/raw does, with the same messages:
///   - the end of the trace between two numbers is a proper end, even in the middle of an event;
///     within a number it is "unexpected EOF";
///   - sizes are ignored: a batch is its header, and what follows are events of their own;
///   - a number that stands in a gap of the table of event types is an event without arguments;
///   - an experimental batch is one event with data;
///   - v1 traces have no types that this reader knows, so that their first event is invalid.
///
/// Bytes come in pieces of any size. Memory: a copy of the one event that lies across the end of a
/// piece; nothing if the whole trace is one piece.
class RawReader {
 public:
  enum class Status {
    Event,      ///< there it is
    NeedBytes,  ///< feed() more, or finish()
    End,        ///< no more events
    Failed,     ///< see error(); no more events
  };

  /// Gives the next piece; only after next() has said NeedBytes, or first of all. The bytes must
  /// stay where they are until the next call of feed() or finish().
  void feed(std::span<const std::byte> piece);
  /// There are no more pieces.
  void finish() { finished_ = true; }

  Status next(RawEvent& event);

  /// What failed, after Status::Failed.
  const Error& error() const { return error_; }
  /// The trace's header, once there were enough bytes for it.
  const std::optional<Header>& header() const { return header_; }

 private:
  enum class Outcome { Event, NeedBytes, EndOfFile, UnexpectedEndOfFile, Overflow, InvalidType };
  /// Decodes one event at the start of `bytes`, the `last` ones of the trace or not; `size` becomes
  /// its length, or, after NeedBytes, how many bytes it takes at least to get any further.
  Outcome decode(std::span<const std::byte> bytes, bool last, RawEvent& event,
                 std::size_t& size) const;
  Status fail(Outcome outcome, const RawEvent& event);
  bool take_header();
  void drop_delivered();
  /// Moves the first bytes of the piece to carried_.
  void take(std::size_t count);

  std::optional<Header> header_;
  std::size_t known_types_ = 0;
  std::span<const std::byte> piece_;  ///< what is left of the current piece
  std::vector<std::byte> carried_;    ///< the begin of an event that lies across pieces
  std::size_t needed_ = 0;            ///< it makes no sense to decode fewer bytes of it
  bool delivered_ = false;            ///< carried_ is the whole event that next() gave last
  bool finished_ = false;
  bool failed_ = false;
  Error error_;
};

}  // namespace marey::wire
