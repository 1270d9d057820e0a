// SPDX-License-Identifier: Apache-2.0
#include "src/source/known_formats.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
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

/// Profiles begin with a sample type: a message of two small numbers, its type and its unit.
bool is_pprof(std::span<const std::byte> front) {
  const auto is = [front](std::size_t i, int value) { return front[i] == std::byte(value); };
  return front.size() >= 6 && is(0, 0x0a) && is(1, 4) && is(2, 0x08) && is(4, 0x10);
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
