// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "src/wire/v1/event_types.h"
#include "src/wire/varint.h"

namespace marey::wire::v1 {

/// Writes v1 records as the runtime did, so that tests can have the traces that they need.
class RecordWriter {
 public:
  /// Bytes that a reader may look at behind the end.
  static constexpr std::size_t kPadding = 16;

  RecordWriter() = default;
  explicit RecordWriter(Version version) { header(version); }

  RecordWriter& header(Version version) {
    const auto number = static_cast<unsigned>(version);
    text("go 1.");
    byte('0' + number / 10);
    byte('0' + number % 10);
    return text({" trace\0\0\0", 9});
  }

  RecordWriter& batch(std::uint64_t proc, std::uint64_t ticks) {
    byte(static_cast<unsigned>(EventType::Batch) | 1U << 6);
    varint(proc);
    return varint(ticks);
  }

  /// Any record but strings and logs: all its arguments, the time delta first if it has one.
  RecordWriter& record(EventType type, std::initializer_list<std::uint64_t> args) {
    const auto number = static_cast<unsigned>(type);
    if (args.size() >= 1 && args.size() <= 3) {
      byte(number | static_cast<unsigned>(args.size() - 1) << 6);
      for (const std::uint64_t arg : args) varint(arg);
      return *this;
    }
    byte(number | 3U << 6);
    std::vector<std::byte> values;
    for (const std::uint64_t arg : args) append_varint(values, arg);
    varint(values.size());
    bytes_.insert(bytes_.end(), values.begin(), values.end());
    return *this;
  }

  RecordWriter& string(std::uint64_t id, std::string_view content) {
    byte(static_cast<unsigned>(EventType::String));
    varint(id);
    varint(content.size());
    return text(content);
  }

  RecordWriter& log(std::initializer_list<std::uint64_t> args, std::string_view content) {
    record(EventType::UserLog, args);
    varint(content.size());
    return text(content);
  }

  RecordWriter& byte(unsigned value) {
    bytes_.push_back(static_cast<std::byte>(value));
    return *this;
  }
  RecordWriter& varint(std::uint64_t value) {
    append_varint(bytes_, value);
    return *this;
  }
  RecordWriter& text(std::string_view content) {
    for (const char c : content) bytes_.push_back(static_cast<std::byte>(c));
    return *this;
  }

  std::size_t size() const { return bytes_.size(); }
  /// What has been written, with kPadding readable bytes behind it; valid until more is written.
  std::span<const std::byte> bytes() {
    const std::size_t size = bytes_.size();
    bytes_.resize(size + kPadding);
    bytes_.resize(size);
    return bytes_;
  }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace marey::wire::v1
