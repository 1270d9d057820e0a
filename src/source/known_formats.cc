// SPDX-License-Identifier: Apache-2.0
#include "src/source/known_formats.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string_view>

namespace marey::source {
namespace {

struct KnownFormat {
  std::string_view magic;
  std::string_view description;
};

using namespace std::string_view_literals;

constexpr std::array kFormats{
    KnownFormat{"\x1f\x8b"sv, "it is compressed twice; decompress it once first (gzip -d)"},
    KnownFormat{"\x28\xb5\x2f\xfd"sv, "it is compressed twice; decompress it once first (zstd -d)"},
    KnownFormat{"\xfd"
                "7zXZ\0"sv,
                "an xz file; decompress it first (xz -d)"},
    KnownFormat{"BZh"sv, "a bzip2 file; decompress it first (bzip2 -d)"},
    KnownFormat{"PK\x03\x04"sv, "a zip archive; extract the trace from it first (unzip)"},
    KnownFormat{"\x7f"
                "ELF"sv,
                "a program or core file (ELF)"},
    KnownFormat{"%PDF"sv, "a PDF document"},
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view without_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

bool is_html(std::string_view text) {
  constexpr std::array kBegins{"<!doctype html"sv, "<html"sv};
  text = without_space(text);
  return std::ranges::any_of(kBegins, [text](std::string_view begin) {
    return std::ranges::equal(text.substr(0, begin.size()), begin, [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
  });
}

/// A walk over the fields of a protobuf message of which the end may be missing.
class ProtobufFields {
 public:
  struct Field {
    std::uint64_t number = 0;
    std::uint64_t wire_type = 0;
    std::span<const std::byte> content;  ///< of a length-delimited field
  };
  static constexpr std::uint64_t kVarint = 0;
  static constexpr std::uint64_t kLengthDelimited = 2;

  explicit ProtobufFields(std::span<const std::byte> bytes) : rest_(bytes) {}

  /// The next field that is there to its end; none where the bytes end or are no varint or
  /// length-delimited field.
  std::optional<Field> next() {
    if (rest_.empty()) return {};
    const std::optional<std::uint64_t> tag = varint();
    if (!tag) return {};
    Field field{.number = *tag >> 3, .wire_type = *tag & 7, .content = {}};
    if (field.wire_type != kVarint && field.wire_type != kLengthDelimited) malformed_ = true;
    if (malformed_) return {};
    const std::optional<std::uint64_t> value = varint();
    if (!value) return {};
    if (field.wire_type == kVarint) return field;
    if (*value > rest_.size()) {
      cut_off_ = field;
      return {};
    }
    field.content = rest_.first(static_cast<std::size_t>(*value));
    rest_ = rest_.subspan(field.content.size());
    return field;
  }

  /// After the last field: something that no protobuf message has.
  bool malformed() const { return malformed_; }
  /// After the last field: the field of which the content goes beyond the bytes.
  const std::optional<Field>& cut_off() const { return cut_off_; }
  /// After the last field: the bytes ended with it.
  bool whole() const { return !malformed_ && !cut_off_ && !ended_in_varint_; }

 private:
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; !rest_.empty(); shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(rest_.front());
      rest_ = rest_.subspan(1);
      if (shift == 63 && byte > 1) {
        malformed_ = true;
        return {};
      }
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    ended_in_varint_ = true;
    return {};
  }

  std::span<const std::byte> rest_;
  std::optional<Field> cut_off_;
  bool ended_in_varint_ = false;
  bool malformed_ = false;
};

/// Whether profile.proto's Profile has such a field.
bool is_profile_field(const ProtobufFields::Field& field) {
  constexpr std::uint64_t kLastTable = 6;  // sample_type, sample, ..., string_table
  constexpr std::uint64_t kPeriodType = 11;
  constexpr std::uint64_t kComment = 13;
  constexpr std::uint64_t kDocUrl = 15;
  if (field.number == 0 || field.number > kDocUrl) return false;
  if (field.number == kComment) return true;  // repeated numbers: packed or one by one
  const bool is_message = field.number <= kLastTable || field.number == kPeriodType;
  return field.wire_type ==
         (is_message ? ProtobufFields::kLengthDelimited : ProtobufFields::kVarint);
}

/// A ValueType: the numbers of two strings, of which either may be left out.
bool is_value_type(std::span<const std::byte> content) {
  ProtobufFields fields(content);
  std::size_t count = 0;
  while (const auto field = fields.next()) {
    if (field->wire_type != ProtobufFields::kVarint) return false;
    if (field->number != 1 && field->number != 2) return false;
    count++;
  }
  return count > 0 && count <= 2 && fields.whole();
}

/// Whether this can be the front of a profile. Writers begin with various fields (runtime/pprof
/// with a period type, or with a CPU profile's time), but all say early what is measured: that a
/// sample or period type is among the first fields keeps other bytes from being taken for one.
bool is_pprof(std::span<const std::byte> front) {
  ProtobufFields fields(front);
  std::size_t count = 0;
  bool has_value_type = false;
  while (const auto field = fields.next()) {
    if (!is_profile_field(*field)) return false;
    if (field->number == 1 || field->number == 11) {
      if (!is_value_type(field->content)) return false;
      has_value_type = true;
    }
    count++;
  }
  if (fields.malformed()) return false;
  if (const auto& field = fields.cut_off()) {
    if (!is_profile_field(*field)) return false;
    count++;
  }
  return has_value_type && count >= 2;
}

/// The first line of a text, or "" where there is none or something else than ASCII text.
std::string_view first_line(std::string_view text) {
  const bool plain =
      std::ranges::all_of(text, [](char c) { return is_space(c) || (c >= 0x20 && c <= 0x7e); });
  if (!plain) return {};
  text = without_space(text);
  return text.substr(0, text.find_first_of("\r\n"));
}

/// What the bytes seem to be, or "" where that is unknown.
std::string description_of(std::string_view text, std::span<const std::byte> front) {
  for (const KnownFormat& format : kFormats) {
    if (text.starts_with(format.magic)) return std::string(format.description);
  }
  if (is_html(text)) return "an HTML page";
  if (is_pprof(front)) return "a pprof profile; 'go tool pprof' reads it";
  const std::string_view line = first_line(text);
  return line.empty() ? "" : fmt::format("text that begins with '{}'", line);
}

}  // namespace

std::string describe_front(std::span<const std::byte> front) {
  front = front.first(std::min(front.size(), kFrontLength));
  if (front.empty()) return "the file is empty";
  std::string text =
      description_of({reinterpret_cast<const char*>(front.data()), front.size()}, front);
  if (!text.empty()) text += ", ";
  text += "first bytes";
  for (const std::byte byte : front.first(std::min<std::size_t>(front.size(), 8))) {
    text += fmt::format(" {:02x}", static_cast<unsigned>(byte));
  }
  return text;
}

}  // namespace marey::source
