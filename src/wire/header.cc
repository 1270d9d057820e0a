// SPDX-License-Identifier: Apache-2.0
#include "src/wire/header.h"

#include <array>
#include <charconv>
#include <fmt/format.h>
#include <string_view>

namespace marey::wire {
namespace {

constexpr std::array kKnown{Version::Go111, Version::Go119, Version::Go121, Version::Go122,
                            Version::Go123, Version::Go125, Version::Go126};

}  // namespace

Result<Header> read_header(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min(bytes.size(), kHeaderSize));
  constexpr std::string_view kPrefix = "go 1.";
  constexpr std::string_view kSuffix(" trace\0\0\0", 9);
  Header header;
  if (text.starts_with(kPrefix)) {
    const char* const digits = text.data() + kPrefix.size();
    const auto [end, error] = std::from_chars(digits, text.data() + text.size(), header.minor);
    if (error == std::errc{} && end != digits) {
      const std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
      // One digit of the version leaves room for a fourth zero.
      if (rest.starts_with(kSuffix)) {
        header.known = false;
        for (const Version version : kKnown) {
          if (static_cast<std::uint32_t>(version) <= header.minor) header.version = version;
          if (static_cast<std::uint32_t>(version) == header.minor) header.known = true;
        }
        if (header.minor < static_cast<std::uint32_t>(kKnown.front())) {
          return input_error(
              fmt::format("unknown or unsupported trace version go 1.{}", header.minor));
        }
        return header;
      }
    }
  }
  return input_error("bad file format: not a Go execution trace?");
}

bool begins_v2_trace(std::span<const std::byte> bytes) {
  const auto header = read_header(bytes);
  return bytes.size() >= kHeaderSize && header && !is_v1(header->version);
}

std::optional<Version> version_of_v1_trace(std::span<const std::byte> bytes) {
  const auto header = read_header(bytes);
  if (bytes.size() < kHeaderSize || !header || !header->known || !is_v1(header->version)) return {};
  return header->version;
}

bool begins_trace(std::span<const std::byte> bytes) {
  return begins_v2_trace(bytes) || version_of_v1_trace(bytes);
}

std::string advice_for_unread(Version version, std::uint64_t offset) {
  return fmt::format(
      "a trace of format go 1.{}; 'tail -c +{} FILE > second.trace' makes it a file of its own",
      static_cast<unsigned>(version), offset + 1);
}

}  // namespace marey::wire
