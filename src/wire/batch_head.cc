// SPDX-License-Identifier: Apache-2.0
#include "src/wire/batch_head.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "src/wire/varint.h"

namespace marey::wire {
namespace {

/// Reads one varint of a head; false with Go's message (of binary.ReadUvarint) otherwise.
bool read_field(const std::byte*& p, const std::byte* end, std::uint64_t& value,
                std::string_view what, BatchHead& head) {
  const std::byte* const next = read_varint(p, end, value);
  if (next != nullptr) {
    p = next;
    return true;
  }
  const bool truncated =
      static_cast<std::size_t>(end - p) < kMaxVarintSize &&
      std::all_of(p, end, [](std::byte b) { return (b & std::byte{0x80}) != std::byte{}; });
  head.outcome = truncated ? BatchHead::Outcome::Truncated : BatchHead::Outcome::Invalid;
  head.message = fmt::format("error reading batch {}: {}", what,
                             !truncated ? "binary: varint overflows a 64-bit integer"
                             : p == end ? "EOF"
                                        : "unexpected EOF");
  return false;
}

}  // namespace

BatchHead read_batch_head(const Window& window, std::uint64_t position, Version version) {
  BatchHead head;
  head.start = position;
  const std::byte* const begin = window.bytes.data();
  const std::byte* const end = begin + window.bytes.size();
  const std::byte* p = begin + (position - window.offset);
  if (p == end) {
    head.outcome = BatchHead::Outcome::EndOfInput;
    return head;
  }
  const auto type = static_cast<EventType>(*p++);
  if (type == EventType::EndOfGeneration) {
    head.outcome = BatchHead::Outcome::EndMark;
    head.batch.offset = position + 1;
    return head;
  }
  if (type != EventType::EventBatch && type != EventType::ExperimentalBatch) {
    head.message = fmt::format("expected batch event, got event {}", static_cast<unsigned>(type));
    return head;
  }
  if (type == EventType::ExperimentalBatch) {
    if (p == end) {
      head.outcome = BatchHead::Outcome::EndOfInput;
      return head;
    }
    head.batch.experiment = static_cast<std::uint8_t>(*p++);
  }
  std::uint64_t thread = 0;
  std::uint64_t size = 0;
  if (!read_field(p, end, head.generation, "gen", head) ||
      !read_field(p, end, thread, "M ID", head) ||
      !read_field(p, end, head.batch.time, "timestamp", head)) {
    return head;
  }
  const std::byte* const size_field = p;
  if (!read_field(p, end, size, "size", head)) return head;
  head.padded = p - size_field == kMaxVarintSize;
  if (size > kMaxBatchSize) {
    head.message = fmt::format("invalid batch size {}, maximum is {}", size, kMaxBatchSize);
    return head;
  }
  head.batch.thread = ThreadID{static_cast<std::int64_t>(thread)};
  head.batch.offset = window.offset + static_cast<std::uint64_t>(p - begin);
  head.batch.size = static_cast<std::uint32_t>(size);
  // What comes behind an empty batch is not its.
  const std::byte first = size > 0 && p != end ? *p : std::byte{};
  head.batch.kind = kind_of_batch(first, head.batch.experiment, version);
  const auto available = static_cast<std::uint64_t>(end - p);
  if (available < size) {
    head.outcome = BatchHead::Outcome::Truncated;
    head.message = fmt::format("failed to read full batch: read {} but wanted {}", available, size);
    return head;
  }
  head.outcome = BatchHead::Outcome::Batch;
  return head;
}

BatchKind kind_of_batch(std::byte first, std::uint8_t experiment, Version version) {
  if (experiment != 0) return BatchKind::Experimental;
  switch (static_cast<EventType>(first)) {
    case EventType::Strings: return BatchKind::Strings;
    case EventType::Stacks: return BatchKind::Stacks;
    case EventType::CPUSamples: return BatchKind::CPUSamples;
    case EventType::Frequency:
      return version < Version::Go125 ? BatchKind::Sync : BatchKind::Events;
    case EventType::Sync: return version < Version::Go125 ? BatchKind::Events : BatchKind::Sync;
    default: return BatchKind::Events;
  }
}

std::size_t decodable_size(std::span<const std::byte> content, std::size_t enough) {
  const std::byte* p = content.data();
  const std::byte* const end = p + content.size();
  std::uint64_t value = 0;
  const auto skip = [&](std::uint64_t count) {
    for (; count > 0 && p != nullptr; count--) p = read_varint(p, end, value);
    return p != nullptr;
  };
  while (p != end) {
    const auto decoded = static_cast<std::size_t>(p - content.data());
    if (decoded >= enough) return decoded;
    const auto type = static_cast<EventType>(*p++);
    const EventSpec& spec = spec_of(type);
    if (spec.event_class == EventClass::None || type == EventType::EventBatch ||
        type == EventType::ExperimentalBatch || type == EventType::EndOfGeneration ||
        !skip(spec.arg_count)) {
      return decoded;
    }
    if (spec.event_class == EventClass::StackEntry) {
      if (value > kMaxFramesPerStack || !skip(4 * value)) return decoded;
    } else if (spec.event_class == EventClass::Data) {
      if (!skip(1) || value > static_cast<std::uint64_t>(end - p)) return decoded;
      p += value;
    }
  }
  return content.size();
}

}  // namespace marey::wire
