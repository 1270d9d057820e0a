// SPDX-License-Identifier: Apache-2.0
#include "src/wire/raw_reader.h"

#include <algorithm>
#include <fmt/format.h>

#include "src/wire/varint.h"

namespace marey::wire {
namespace {

/// Go reads a number that does not end within ten bytes as an overflow, one that is cut off by the
/// end of the file as an "unexpected EOF", and the end instead of a number as an end.
enum class VarintOutcome { Ok, Nothing, Cut, Overflow };

VarintOutcome read_number(const std::byte*& p, const std::byte* end, std::uint64_t& value) {
  if (p != end && static_cast<std::uint8_t>(*p) < 0x80) [[likely]] {
    value = static_cast<std::uint8_t>(*p++);
    return VarintOutcome::Ok;
  }
  if (const std::byte* next = read_varint(p, end, value); next != nullptr) {
    p = next;
    return VarintOutcome::Ok;
  }
  if (p == end) return VarintOutcome::Nothing;
  const auto ends = [](std::byte byte) { return static_cast<std::uint8_t>(byte) < 0x80; };
  const std::byte* const limit = end - p < 10 ? end : p + 10;
  return limit == end && limit - p < 10 && std::none_of(p, limit, ends) ? VarintOutcome::Cut
                                                                        : VarintOutcome::Overflow;
}

}  // namespace

std::size_t canonical_size(const RawEvent& event) {
  const EventSpec& spec = event.spec();
  std::size_t size = 1;
  for (std::size_t i = 0; i < spec.arg_count; i++) size += varint_size(event.args[i]);
  if (spec.event_class == EventClass::StackEntry) {
    const std::byte* p = event.frames.data();
    const std::byte* const end = p + event.frames.size();
    for (std::uint64_t value = 0; p != end;) {
      p = read_varint(p, end, value);
      size += varint_size(value);
    }
  }
  if (spec.event_class == EventClass::Data) {
    size += varint_size(event.data.size()) + event.data.size();
  }
  return size;
}

RawReader::Outcome RawReader::decode(std::span<const std::byte> bytes, bool last, RawEvent& event,
                                     std::size_t& size) const {
  const std::byte* p = bytes.data();
  const std::byte* const end = p + bytes.size();
  // What is missing may be a matter of another piece.
  const auto stop = [&](VarintOutcome outcome, std::uint64_t missing) {
    if (outcome == VarintOutcome::Overflow) return Outcome::Overflow;
    if (!last) {
      size = bytes.size() + static_cast<std::size_t>(std::min(missing, std::uint64_t{1} << 60));
      return Outcome::NeedBytes;
    }
    return outcome == VarintOutcome::Cut ? Outcome::UnexpectedEndOfFile : Outcome::EndOfFile;
  };
  if (p == end) return stop(VarintOutcome::Nothing, 1);
  const auto type = static_cast<std::uint8_t>(*p++);
  event.type = static_cast<EventType>(type);
  if (type >= known_types_ || type == 0) return Outcome::InvalidType;

  const EventSpec& spec = event.spec();
  for (std::size_t i = 0; i < spec.arg_count; i++) {
    const VarintOutcome outcome = read_number(p, end, event.args[i]);
    if (outcome != VarintOutcome::Ok) [[unlikely]]
      return stop(outcome, spec.arg_count - i);
  }
  if (spec.event_class == EventClass::StackEntry) {
    // Go counts with a signed integer.
    event.frame_count = event.args[1] >> 63 != 0 ? 0 : event.args[1];
    const std::byte* const first = p;
    for (std::uint64_t i = 0; i < event.frame_count; i++) {
      for (unsigned field = 0; field < 4; field++) {
        std::uint64_t value;
        const VarintOutcome outcome = read_number(p, end, value);
        if (outcome != VarintOutcome::Ok) {
          return stop(outcome, 4 * std::min(event.frame_count - i, std::uint64_t{1} << 60) - field);
        }
      }
    }
    event.frames = {first, p};
  } else if (spec.event_class == EventClass::Data) {
    std::uint64_t length = 0;
    const VarintOutcome outcome = read_number(p, end, length);
    if (outcome != VarintOutcome::Ok) return stop(outcome, 1);
    if (length >> 63 != 0) length = 0;
    const auto left = static_cast<std::uint64_t>(end - p);
    if (length > left) return stop(VarintOutcome::Nothing, length - left);
    event.data = {reinterpret_cast<const char*>(p), static_cast<std::size_t>(length)};
    p += length;
  }
  size = static_cast<std::size_t>(p - bytes.data());
  return Outcome::Event;
}

void RawReader::feed(std::span<const std::byte> piece) {
  drop_delivered();
  take(piece_.size());
  piece_ = piece;
}

void RawReader::drop_delivered() {
  if (!delivered_) return;
  carried_.clear();
  delivered_ = false;
}

void RawReader::take(std::size_t count) {
  carried_.insert(carried_.end(), piece_.begin(),
                  piece_.begin() + static_cast<std::ptrdiff_t>(count));
  piece_ = piece_.subspan(count);
}

RawReader::Status RawReader::next(RawEvent& event) {
  if (failed_) return Status::Failed;
  drop_delivered();
  if (!header_ && !take_header()) return failed_ ? Status::Failed : Status::NeedBytes;

  std::size_t size = 0;
  if (carried_.empty()) {
    const Outcome outcome = decode(piece_, finished_, event, size);
    if (outcome == Outcome::Event) [[likely]] {
      piece_ = piece_.subspan(size);
      return Status::Event;
    }
    if (outcome != Outcome::NeedBytes) return fail(outcome, event);
    needed_ = size;
    take(piece_.size());
    return Status::NeedBytes;
  }
  // An event across pieces. It takes at least needed_ bytes, so no more than the event is copied.
  for (;;) {
    take(std::min(needed_ - std::min(needed_, carried_.size()), piece_.size()));
    const bool last = finished_ && piece_.empty();
    if (carried_.size() < needed_ && !last) return Status::NeedBytes;
    const Outcome outcome = decode(carried_, last, event, size);
    if (outcome == Outcome::Event) {
      delivered_ = true;
      return Status::Event;
    }
    if (outcome != Outcome::NeedBytes) return fail(outcome, event);
    needed_ = size;
  }
}

bool RawReader::take_header() {
  take(std::min(kHeaderSize - carried_.size(), piece_.size()));
  if (carried_.size() < kHeaderSize && !finished_) return false;
  const Result<Header> header = read_header(carried_);
  if (!header) {
    failed_ = true;
    error_ = header.error();
    return false;
  }
  carried_.clear();
  header_ = *header;
  known_types_ = is_v1(header->version) ? 0 : known_types(header->version);
  return true;
}

RawReader::Status RawReader::fail(Outcome outcome, const RawEvent& event) {
  switch (outcome) {
    case Outcome::EndOfFile: return Status::End;
    case Outcome::UnexpectedEndOfFile: error_.message = "unexpected EOF"; break;
    case Outcome::Overflow: error_.message = "binary: varint overflows a 64-bit integer"; break;
    case Outcome::InvalidType:
      error_.message = fmt::format("invalid event type: {}", static_cast<unsigned>(event.type));
      break;
    case Outcome::Event:
    case Outcome::NeedBytes: break;
  }
  failed_ = true;
  return Status::Failed;
}

}  // namespace marey::wire
