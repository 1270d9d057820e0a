// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

#include "marey/event.h"

namespace marey::exporting {

/// A few hundred characters that are put together here and appended to a string at once, because
/// a std::string checks its capacity at each append. Only for numbers and for names that are ours:
/// between two flushes there must be no more than kSize characters.
class Piece {
 public:
  static constexpr std::size_t kSize = 512;

  Piece& operator<<(std::string_view text) {
    assert(text.size() <= room());
    end_ += text.copy(end_, text.size());
    return *this;
  }
  template <std::integral T>
  Piece& operator<<(T value) {
    assert(room() >= 20);
    end_ = std::to_chars(end_, end_ + 20, value).ptr;
    return *this;
  }
  Piece& operator<<(char) = delete;
  /// As Go prints it: "Goroutine(5)", "None".
  Piece& operator<<(const ResourceID& resource) {
    *this << name_of(resource.kind);
    if (resource.kind != ResourceKind::None) *this << "(" << resource.id << ")";
    return *this;
  }
  Piece& hex(std::uint64_t value) {
    assert(room() >= 16);
    end_ = std::to_chars(end_, end_ + 16, value, 16).ptr;
    return *this;
  }
  /// Blanks until `width` characters stand here.
  Piece& pad_to(std::size_t width) {
    assert(width <= kSize);
    if (const std::size_t used = size(); used < width) end_ = std::fill_n(end_, width - used, ' ');
    return *this;
  }
  std::size_t size() const { return static_cast<std::size_t>(end_ - text_.data()); }
  /// Appends to `out`, and is empty again.
  void flush(std::string& out) {
    out.append(text_.data(), size());
    end_ = text_.data();
  }

 private:
  std::size_t room() const { return kSize - size(); }

  std::array<char, kSize> text_;
  char* end_ = text_.data();
};

}  // namespace marey::exporting
