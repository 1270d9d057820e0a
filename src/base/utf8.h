// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace marey::base {

/// What an invalid byte stands for: U+FFFD, the replacement character.
inline constexpr char32_t kReplacementRune = 0xfffd;

/// One decoded Unicode code point ("rune", as Go says).
struct Rune {
  char32_t value = kReplacementRune;
  std::uint32_t width = 1;  ///< bytes taken from the input, 1 to 4
  bool valid = false;       ///< false: the byte is not UTF-8; value is U+FFFD and width is 1
};

/// The first rune of `bytes`, which must not be empty. Strict as Go's utf8.DecodeRuneInString:
/// overlong forms, surrogates and values past U+10FFFF are invalid, one byte at a time.
Rune decode_rune(std::string_view bytes);

/// Appends the UTF-8 form of `rune`; of U+FFFD if `rune` is a surrogate or past U+10FFFF.
void append_rune(std::string& out, char32_t rune);

/// Whether Go 1.27's strconv.IsPrint calls `rune` printable: letters, marks, numbers, punctuation,
/// symbols and the ASCII space.
bool is_printable(char32_t rune);

/// Appends `bytes` with every invalid byte replaced by U+FFFD, so that the result is valid UTF-8.
void append_valid_utf8(std::string& out, std::string_view bytes);

}  // namespace marey::base
