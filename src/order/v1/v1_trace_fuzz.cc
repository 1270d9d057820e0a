// SPDX-License-Identifier: Apache-2.0
// Any bytes as a v1 trace: with a header they are the file, without one what follows a header.
// Neither way of reading may crash, and what is delivered keeps its promises.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "src/order/record.h"
#include "src/order/v1/batch_index.h"
#include "src/order/v1/v1_trace.h"
#include "src/wire/header.h"

namespace {

using namespace marey;

void expect(bool condition) {
  if (!condition) std::abort();
}

struct Summary {
  std::uint64_t events = 0;
  std::uint64_t hash = 14695981039346656037U;
  bool operator==(const Summary&) const = default;

  void add(std::uint64_t value) { hash = (hash ^ value) * 1099511628211U; }
};

Summary drain(order::V1Trace& trace) {
  Summary summary;
  Event::Record record;
  Time last = INT64_MIN;
  bool is_last_sync = false;
  std::uint64_t syncs = 0;
  while (trace.next(record)) {
    expect(record.time > last || summary.events == 0);
    last = record.time;
    is_last_sync = record.type == order::kSyncType;
    if (is_last_sync) expect(record.args[0] == ++syncs);
    // Only the last Sync has no tables; strings and stacks may be asked for.
    expect(record.tables != nullptr || is_last_sync);
    if (record.tables != nullptr && !is_last_sync) {
      const wire::EventSpec& spec = wire::spec_of(static_cast<wire::EventType>(record.type));
      for (const std::int8_t i : spec.stack_args) {
        if (i < 0) continue;
        for (const std::uint32_t frame :
             record.tables->stack(StackID{record.args[static_cast<std::size_t>(i)]})) {
          summary.add(record.tables->frame(frame).pc);
        }
      }
      for (const std::int8_t i : spec.string_args) {
        if (i < 0) continue;
        for (const char c :
             record.tables->string(StringID{record.args[static_cast<std::size_t>(i)]})) {
          summary.add(static_cast<std::uint64_t>(c));
        }
      }
    }
    summary.events++;
    summary.add(static_cast<std::uint64_t>(record.time));
    summary.add(static_cast<std::uint64_t>(raw(record.goroutine)));
    summary.add(static_cast<std::uint64_t>(raw(record.proc)));
    summary.add(static_cast<std::uint64_t>(raw(record.thread)));
    summary.add(record.type);
  }
  if (!trace.error()) expect(is_last_sync);
  return summary;
}

std::optional<Summary> read(std::span<const std::byte> bytes, wire::Version version,
                            order::Judgement judgement, Health& health) {
  auto trace = order::V1Trace::open(bytes, wire::kHeaderSize, version, judgement, health);
  if (!trace) {
    expect(judgement == order::Judgement::Strict && !trace.error().message.empty());
    return std::nullopt;
  }
  const Summary first = drain(*trace);
  order::V1Trace moved = std::move(*trace);
  moved.rewind();
  expect(drain(moved) == first);
  if (moved.error()) return std::nullopt;
  return first;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kPadding = 16;
  constexpr std::string_view kHeader("go 1.21 trace\0\0\0", 16);
  std::vector<std::byte> file(size + kHeader.size() + kPadding);
  std::size_t length = 0;
  const auto append = [&](const void* bytes, std::size_t count) {
    const auto* const first = static_cast<const std::byte*>(bytes);
    std::copy(first, first + count, file.begin() + static_cast<std::ptrdiff_t>(length));
    length += count;
  };
  const std::span<const std::byte> input(reinterpret_cast<const std::byte*>(data), size);
  auto version = order::v1::find_header(input, 0);
  if (!version) append(kHeader.data(), kHeader.size());
  append(data, size);
  file.resize(length + kPadding);
  file.shrink_to_fit();
  const auto bytes = std::span<const std::byte>(file).first(length);
  if (!version) version = wire::Version::Go121;

  Health health;
  const auto strict = read(bytes, *version, order::Judgement::Strict, health);
  expect(health.total() == 0);
  const auto tolerant = read(bytes, *version, order::Judgement::Tolerant, health);
  expect(tolerant.has_value());
  // Nothing to repair, and yet not what Go's reader says: that must not be.
  if (strict && health.total() == 0) expect(*tolerant == *strict);
  return 0;
}
