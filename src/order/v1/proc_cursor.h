// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "src/order/judgement.h"
#include "src/order/v1/batch_index.h"
#include "src/order/v1/event.h"
#include "src/wire/v1/event_decoder.h"

namespace marey::order::v1 {

/// What the cursor needs to know of an event type.
///
/// An event happens on the goroutine that its proc runs, on which some begin a new one (their first
/// argument) and some leave none; or on its first argument. The masks say which, without branches
/// that no processor could predict.
struct EventShape {
  std::uint64_t on_running = 0;     ///< all ones: it happens on the running goroutine
  std::uint64_t on_argument = 0;    ///< all ones: on its first argument
  std::uint64_t keeps_running = 0;  ///< all ones: that goroutine goes on running
  std::uint64_t runs_argument = 0;  ///< all ones: its first argument runs from now on
  std::uint8_t varints = 0;         ///< 0: no event of a proc's stream
  bool has_stack = false;
  bool needs_goroutine = false;  ///< says nothing without one
  bool names_another = false;    ///< its first argument is a goroutine on which it does not happen
};

constexpr EventShape make_event_shape(EventType type) {
  const wire::v1::EventSpec& spec = wire::v1::spec_of(type);
  EventShape shape;
  if (!spec.timed()) return shape;
  constexpr std::uint64_t kYes = ~std::uint64_t{0};
  shape.varints = spec.wire_count;
  shape.has_stack = spec.has_stack;
  switch (type) {
    case EventType::GoStart:
    case EventType::GoStartLocal:
    case EventType::GoStartLabel: shape.on_argument = shape.runs_argument = kYes; break;
    case EventType::GoEnd:
    case EventType::GoStop:
    case EventType::GoSched:
    case EventType::GoPreempt:
    case EventType::GoSleep:
    case EventType::GoBlock:
    case EventType::GoBlockSend:
    case EventType::GoBlockRecv:
    case EventType::GoBlockSelect:
    case EventType::GoBlockSync:
    case EventType::GoBlockCond:
    case EventType::GoBlockNet:
    case EventType::GoBlockGC:
    case EventType::GoSysBlock: shape.on_running = kYes; break;
    // Not GoSysExitLocal, which Go's reader takes to happen on what the proc runs.
    case EventType::GoSysExit:
    case EventType::GoWaiting:
    case EventType::GoInSyscall: shape.on_argument = shape.keeps_running = kYes; break;
    default: shape.on_running = shape.keeps_running = kYes; break;
  }
  shape.names_another = type == EventType::GoCreate || type == EventType::GoUnblock ||
                        type == EventType::GoUnblockLocal;
  shape.needs_goroutine =
      shape.on_argument != 0 || shape.keeps_running == 0 || type == EventType::GoSysCall;
  return shape;
}

inline constexpr std::array<EventShape, 64> kEventShapes = [] {
  std::array<EventShape, 64> shapes{};
  for (std::size_t i = 0; i < shapes.size(); i++) {
    shapes[i] = make_event_shape(static_cast<EventType>(i));
  }
  return shapes;
}();

/// Walks over the events of one proc, batch after batch, in the order in which they were written.
///
/// What it decodes the index has checked, so it decodes without checks. It still never leaves
/// `bytes`, even if these have changed since: then it finds other events, or fewer.
class ProcCursor {
 public:
  /// `bytes` is the whole file, with at least 16 readable bytes behind it; it and `index` must
  /// outlive the cursor.
  ProcCursor(std::span<const std::byte> bytes, const BatchIndex& index, std::size_t proc,
             Judgement judgement);

  /// Goes on to the next batch; false if there is none. To be called first, and whenever next()
  /// has nothing more.
  bool next_batch();
  /// The batch that next_batch() went to.
  BatchRef batch() const { return proc_->batches[next_ - 1]; }

  /// Decodes the batch's next event; false if it has no more.
  bool next(Event& event);

  /// Type of the next event if take() can decode it, None if next() has to be asked.
  EventType peek() const;
  /// Decodes the next event, of which peek() has said that it is of this type; false if it is left
  /// out. For a constant type all that follows from it is constant.
  bool take(EventType type, Event& event);

  std::int32_t proc() const { return proc_->id; }
  /// Byte offset behind the event that next() decoded last.
  std::uint64_t position() const { return static_cast<std::uint64_t>(at_ - bytes_.data()); }
  /// Tolerant: what it had to repair since the last call.
  struct Counts {
    std::uint64_t clamped = 0;  ///< time stamps that the neighbouring batches do not allow
    std::uint64_t dropped = 0;  ///< events of nobody knows which goroutine, left out
  };
  Counts take_counts() { return std::exchange(counts_, {}); }

 private:
  /// Bytes that may be read behind the last one.
  static constexpr std::size_t kPadding = 16;
  /// The runtime counts goroutines from 1 on, and none of them lives long enough to count further.
  static constexpr std::uint64_t kMaxGoroutine = std::uint64_t{1} << 48;

  bool decode(EventType type, const std::byte* record, Event& event);
  bool decode_at_end(EventType type, Event& event);
  std::uint64_t read_header(BatchRef batch, const std::byte*& behind) const;
  void set_times(std::uint64_t claimed);
  void clamp_time(std::uint64_t delta, Event& event);
  void skip_record();
  void skip_text();
  bool cross_gap();
  void set_limit(const std::byte* limit);
  const std::byte* end() const { return bytes_.data() + bytes_.size(); }

  std::span<const std::byte> bytes_;
  const BatchIndex* index_;
  const BatchIndex::Proc* proc_;
  const std::byte* at_ = nullptr;
  const std::byte* limit_ = nullptr;       // next gap, or the end of the trace
  const std::byte* fast_limit_ = nullptr;  // where the fast decoder has to stop
  std::size_t next_ = 0;                   // batch
  std::size_t gap_ = 0;
  std::uint64_t last_ticks_ = 0;
  bool has_last_ = false;                 // it is that of an event, or of a batch of events
  std::uint64_t max_ticks_ = UINT64_MAX;  // not before last_ticks_
  std::uint64_t last_goroutine_ = 0;
  Counts counts_;
  bool strict_;
};

inline bool ProcCursor::next(Event& event) {
  while (true) {
    if (at_ >= limit_) [[unlikely]] {
      if (!cross_gap()) return false;
    }
    const auto type = static_cast<EventType>(std::to_integer<unsigned>(*at_) & 63);
    if (kEventShapes[static_cast<std::size_t>(type)].varints == 0) [[unlikely]] {
      if (type == EventType::Batch) return false;
      skip_record();
      continue;
    }
    if (at_ < fast_limit_ ? take(type, event) : decode_at_end(type, event)) return true;
  }
}

inline EventType ProcCursor::peek() const {
  if (at_ >= fast_limit_) [[unlikely]]
    return EventType::None;
  return static_cast<EventType>(std::to_integer<unsigned>(*at_) & 63);
}

[[gnu::always_inline]] inline bool ProcCursor::take(EventType type, Event& event) {
  const bool is_event = decode(type, at_, event);
  if (type == EventType::UserLog) {
    event.args[3] = position();
    skip_text();
  }
  return is_event;
}

[[gnu::always_inline]] inline bool ProcCursor::decode(EventType type, const std::byte* record,
                                                      Event& event) {
  const EventShape& shape = kEventShapes[static_cast<std::size_t>(type)];
  const std::byte* p = record + 1;
  if ((std::to_integer<unsigned>(*record) >> 6) == 3) {
    std::uint64_t size;
    p = wire::v1::decode_varint(p, size);
  }
  std::array<std::uint64_t, 5> values{};
  p = wire::v1::decode_delta(p, values[0]);
  for (unsigned i = 1; i < shape.varints; i++) p = wire::v1::decode_varint(p, values[i]);
  at_ = p;
  event.type = type;
  event.args = {values[1], values[2], values[3], values[4]};
  event.stack = shape.has_stack ? static_cast<std::uint32_t>(values[shape.varints - 1U]) : 0;
  const bool is_too_late = values[0] > max_ticks_ - last_ticks_;
  last_ticks_ += values[0];
  event.goroutine = (last_goroutine_ & shape.on_running) | (values[1] & shape.on_argument);
  last_goroutine_ = (last_goroutine_ & shape.keeps_running) | (values[1] & shape.runs_argument);
  event.ticks = static_cast<std::int64_t>(last_ticks_);
  if (is_too_late) [[unlikely]]
    clamp_time(values[0], event);
  // One comparison for both 0 and numbers that no goroutine has.
  const bool has_subject = !shape.needs_goroutine || event.goroutine - 1 < kMaxGoroutine;
  const bool has_object = !shape.names_another || values[1] <= kMaxGoroutine;
  if (!(has_subject && has_object) && !strict_) [[unlikely]] {
    last_goroutine_ &= ~shape.runs_argument;
    counts_.dropped++;
    return false;
  }
  return true;
}

}  // namespace marey::order::v1
