// SPDX-License-Identifier: Apache-2.0
#include "src/base/utf8.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <iterator>

namespace marey::base {
namespace {

struct RuneRange {
  std::uint32_t first;
  std::uint32_t last;
};

constexpr RuneRange kPrintable[] = {
#include "src/base/printable_ranges.inc"
};

constexpr bool is_surrogate(char32_t rune) { return rune >= 0xd800 && rune <= 0xdfff; }

}  // namespace

Rune decode_rune(std::string_view bytes) {
  assert(!bytes.empty());
  const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = at(0);
  if (lead < 0x80) return {lead, 1, true};

  std::uint32_t width = 0;
  char32_t value = 0;
  char32_t smallest = 0;  // anything below is an overlong form
  if ((lead & 0xe0) == 0xc0) {
    width = 2, value = lead & 0x1fu, smallest = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    width = 3, value = lead & 0x0fu, smallest = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    width = 4, value = lead & 0x07u, smallest = 0x10000;
  } else {
    return {};
  }
  if (bytes.size() < width) return {};
  for (std::size_t i = 1; i < width; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {};
    value = value << 6 | (at(i) & 0x3fu);
  }
  if (value < smallest || value > 0x10ffff || is_surrogate(value)) return {};
  return {value, width, true};
}

void append_rune(std::string& out, char32_t rune) {
  if (rune > 0x10ffff || is_surrogate(rune)) rune = kReplacementRune;
  const auto continuation = [rune](unsigned shift) {
    return static_cast<char>(0x80 | (rune >> shift & 0x3f));
  };
  if (rune < 0x80) {
    out.push_back(static_cast<char>(rune));
  } else if (rune < 0x800) {
    out.push_back(static_cast<char>(0xc0 | rune >> 6));
    out.push_back(continuation(0));
  } else if (rune < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | rune >> 12));
    out.push_back(continuation(6));
    out.push_back(continuation(0));
  } else {
    out.push_back(static_cast<char>(0xf0 | rune >> 18));
    out.push_back(continuation(12));
    out.push_back(continuation(6));
    out.push_back(continuation(0));
  }
}

bool is_printable(char32_t rune) {
  if (rune < 0x7f) return rune >= 0x20;
  const RuneRange* range =
      std::lower_bound(std::begin(kPrintable), std::end(kPrintable), rune,
                       [](const RuneRange& r, char32_t value) { return r.last < value; });
  return range != std::end(kPrintable) && range->first <= rune;
}

void append_valid_utf8(std::string& out, std::string_view bytes) {
  std::size_t run = 0;  // start of the bytes that are fine as they are
  std::size_t i = 0;
  while (i < bytes.size()) {
    const Rune rune = decode_rune(bytes.substr(i));
    if (!rune.valid) {
      out.append(bytes, run, i - run);
      append_rune(out, kReplacementRune);
      run = i + 1;
    }
    i += rune.width;
  }
  out.append(bytes, run);
}

}  // namespace marey::base
