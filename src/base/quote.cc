// SPDX-License-Identifier: Apache-2.0
#include "src/base/quote.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "src/base/utf8.h"

namespace marey::base {
namespace {

/// ASCII that stands for itself inside quotation marks.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void append_hex(std::string& out, std::uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out.push_back("0123456789abcdef"[value >> shift & 0xf]);
  }
}

/// Escapes a rune that is not printable.
void append_escape(std::string& out, char32_t rune) {
  constexpr std::string_view kControls = "\a\b\t\n\v\f\r";  // 7 to 13, in order
  if (rune >= 7 && rune < 7 + kControls.size()) {
    out.push_back('\\');
    out.push_back("abtnvfr"[rune - 7]);
  } else if (rune < 0x80) {
    out.append("\\x");
    append_hex(out, rune, 2);
  } else if (rune < 0x10000) {
    out.append("\\u");
    append_hex(out, rune, 4);
  } else {
    out.append("\\U");
    append_hex(out, rune, 8);
  }
}

template <bool kQuoted>
void append_text(std::string& out, std::string_view bytes) {
  std::size_t run = 0;  // start of the bytes that are appended as they are
  std::size_t i = 0;
  for (;;) {
    while (i < bytes.size() && kPlain[static_cast<unsigned char>(bytes[i])]) ++i;
    if (i == bytes.size()) break;
    const Rune rune = decode_rune(bytes.substr(i));
    const bool backslashed = kQuoted && (rune.value == '"' || rune.value == '\\');
    if (rune.valid && !backslashed && is_printable(rune.value)) {
      i += rune.width;
      continue;
    }
    out.append(bytes, run, i - run);
    if (!rune.valid) {
      out.append("\\x");
      append_hex(out, static_cast<unsigned char>(bytes[i]), 2);
    } else if (backslashed) {
      out.push_back('\\');
      out.push_back(static_cast<char>(rune.value));
    } else {
      append_escape(out, rune.value);
    }
    i += rune.width;
    run = i;
  }
  out.append(bytes, run);
}

/// Reads a literal from left to right; after a failure nothing more is asked of it.
class Unquoter {
 public:
  explicit Unquoter(std::string_view literal) : rest_(literal) {}

  Result<std::string> run() {
    if (rest_.size() < 2 || rest_.front() != '"') return invalid();
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      const std::size_t plain = plain_length();
      out_.append(rest_, 0, plain);
      rest_.remove_prefix(plain);
      if (rest_.empty()) break;
      if (rest_.front() == '"') {
        if (rest_.size() != 1) return invalid();
        return std::move(out_);
      }
      if (rest_.front() == '\\') {
        rest_.remove_prefix(1);
        if (!escape()) return invalid();
      } else if (rest_.front() == '\n') {
        return invalid();
      } else {
        // Go replaces bytes that are not UTF-8 rather than keep them.
        const Rune rune = decode_rune(rest_);
        append_rune(out_, rune.value);
        rest_.remove_prefix(rune.width);
      }
    }
    return invalid();
  }

 private:
  static Result<std::string> invalid() { return input_error("invalid syntax"); }

  std::size_t plain_length() const {
    std::size_t i = 0;
    while (i < rest_.size() && kPlain[static_cast<unsigned char>(rest_[i])]) ++i;
    return i;
  }

  /// Takes exactly `count` digits of the given base; false if they are not there.
  bool digits(std::size_t count, std::uint32_t base, std::uint32_t& value) {
    if (rest_.size() < count) return false;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = rest_[i];
      std::uint32_t digit = 99;
      if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0');
      if (c >= 'a' && c <= 'f') digit = static_cast<std::uint32_t>(c - 'a') + 10;
      if (c >= 'A' && c <= 'F') digit = static_cast<std::uint32_t>(c - 'A') + 10;
      if (digit >= base) return false;
      sum = sum * base + digit;
    }
    rest_.remove_prefix(count);
    value = static_cast<std::uint32_t>(sum);
    return true;
  }

  bool code_point(std::size_t count) {
    std::uint32_t value = 0;
    if (!digits(count, 16, value)) return false;
    if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return false;
    append_rune(out_, value);
    return true;
  }

  /// What follows a backslash.
  bool escape() {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    std::uint32_t byte = 0;
    if (c >= '0' && c <= '7') {
      if (!digits(3, 8, byte) || byte > 0xff) return false;
      out_.push_back(static_cast<char>(byte));
      return true;
    }
    rest_.remove_prefix(1);
    switch (c) {
      case 'a': out_.push_back('\a'); return true;
      case 'b': out_.push_back('\b'); return true;
      case 'f': out_.push_back('\f'); return true;
      case 'n': out_.push_back('\n'); return true;
      case 'r': out_.push_back('\r'); return true;
      case 't': out_.push_back('\t'); return true;
      case 'v': out_.push_back('\v'); return true;
      case '\\': out_.push_back('\\'); return true;
      case '"': out_.push_back('"'); return true;
      case 'x':
        if (!digits(2, 16, byte)) return false;
        out_.push_back(static_cast<char>(byte));
        return true;
      case 'u': return code_point(4);
      case 'U': return code_point(8);
      default: return false;
    }
  }

  std::string_view rest_;
  std::string out_;
};

}  // namespace

void append_go_quoted(std::string& out, std::string_view bytes) {
  out.push_back('"');
  append_text<true>(out, bytes);
  out.push_back('"');
}

std::string go_quoted(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + 2);
  append_go_quoted(out, bytes);
  return out;
}

void append_escaped(std::string& out, std::string_view bytes) { append_text<false>(out, bytes); }

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string shell_word(std::string_view text) {
  // What no shell gives a meaning to, wherever it stands; bytes beyond ASCII are letters to them.
  const bool plain = std::ranges::all_of(text, [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("%+,-./:@_").contains(c);
  });
  return plain && !text.empty() ? std::string(text) : shell_quoted(text);
}

Result<std::string> unquote_go(std::string_view literal) { return Unquoter(literal).run(); }

}  // namespace marey::base
