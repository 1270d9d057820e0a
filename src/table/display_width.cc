// SPDX-License-Identifier: Apache-2.0
#include "src/table/display_width.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "src/base/utf8.h"

namespace marey::table {
namespace {

struct Widths {
  std::uint32_t first;
  std::uint32_t last;
  std::uint32_t columns;
};

constexpr Widths kWidths[] = {
#include "src/table/rune_widths.inc"
};

std::size_t rune_width(char32_t rune) {
  if (rune < 0x300) return 1;
  const Widths* range = std::lower_bound(std::begin(kWidths), std::end(kWidths), rune,
                                         [](const Widths& w, char32_t r) { return w.last < r; });
  if (range == std::end(kWidths) || rune < range->first) return 1;
  return range->columns;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const base::Rune rune = base::decode_rune(text.substr(i));
    width += rune_width(rune.value);
    i += rune.width;
  }
  return width;
}

std::string shorten(std::string_view text, std::size_t width, std::string_view ellipsis, Cut cut) {
  const std::size_t whole = display_width(text);
  if (whole <= width) return std::string(text);
  const std::size_t dots = display_width(ellipsis);
  if (dots > width) return std::string(width, '.');
  const std::size_t right = cut == Cut::Begin ? width - dots : (width - dots) / 2;
  const std::size_t left = width - dots - right;

  std::size_t head = 0;            // bytes that fit into `left` columns
  std::size_t tail = text.size();  // from this byte on, the rest fits into `right` columns
  std::size_t before = 0;
  for (std::size_t i = 0; i < text.size() && tail == text.size();) {
    const base::Rune rune = base::decode_rune(text.substr(i));
    const std::size_t columns = rune_width(rune.value);
    // The tail does not begin with a mark, which would combine with the dots.
    if (whole - before <= right && columns > 0) tail = i;
    before += columns;
    i += rune.width;
    if (before <= left) head = i;
  }
  return std::string(text.substr(0, head)).append(ellipsis).append(text.substr(tail));
}

}  // namespace marey::table
