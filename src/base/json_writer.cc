// SPDX-License-Identifier: Apache-2.0
#include "src/base/json_writer.h"

#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>

#include "src/base/utf8.h"

namespace marey::base {
namespace {

/// ASCII that stands for itself inside a JSON string.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void append_escape(std::string& out, char32_t rune) {
  constexpr std::string_view kControls = "\b\t\n\v\f\r";  // 8 to 13; JSON has no \v
  if (rune >= 8 && rune < 8 + kControls.size() && rune != '\v') {
    out.push_back('\\');
    out.push_back("btnvfr"[rune - 8]);
  } else {
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(rune));
  }
}

}  // namespace

JsonWriter& JsonWriter::begin_object() { return begin('{', true); }
JsonWriter& JsonWriter::end_object() { return end('}', true); }
JsonWriter& JsonWriter::begin_array() { return begin('[', false); }
JsonWriter& JsonWriter::end_array() { return end(']', false); }

JsonWriter& JsonWriter::begin(char bracket, bool is_object) {
  before_value();
  out_.push_back(bracket);
  levels_.push_back({is_object});
  return *this;
}

JsonWriter& JsonWriter::end(char bracket, [[maybe_unused]] bool is_object) {
  assert(!levels_.empty() && levels_.back().is_object == is_object && !after_key_);
  levels_.pop_back();
  out_.push_back(bracket);
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  assert(!levels_.empty() && levels_.back().is_object && !after_key_);
  if (!levels_.back().empty) out_.push_back(',');
  levels_.back().empty = false;
  append_string(name);
  out_.push_back(':');
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  append_string(text);
  return *this;
}

JsonWriter& JsonWriter::value(bool yes) {
  before_value();
  out_.append(yes ? "true" : "false");
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  before_value();
  const fmt::format_int text(number);
  out_.append(text.data(), text.size());
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  before_value();
  const fmt::format_int text(number);
  out_.append(text.data(), text.size());
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  before_value();
  fmt::format_to(std::back_inserter(out_), "{}", number);
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  out_.append("null");
  return *this;
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (levels_.empty()) return;
  assert(!levels_.back().is_object);
  if (!levels_.back().empty) out_.push_back(',');
  levels_.back().empty = false;
}

void JsonWriter::append_string(std::string_view text) {
  out_.push_back('"');
  std::size_t run = 0;  // start of the bytes that are appended as they are
  std::size_t i = 0;
  for (;;) {
    while (i < text.size() && kPlain[static_cast<unsigned char>(text[i])]) ++i;
    if (i == text.size()) break;
    const Rune rune = decode_rune(text.substr(i));
    const bool line_end = rune.value == 0x2028 || rune.value == 0x2029;
    if (rune.valid && rune.value >= 0x80 && !line_end) {
      i += rune.width;
      continue;
    }
    out_.append(text, run, i - run);
    if (!rune.valid) {
      append_rune(out_, kReplacementRune);
    } else if (rune.value == '"' || rune.value == '\\') {
      out_.push_back('\\');
      out_.push_back(static_cast<char>(rune.value));
    } else {
      append_escape(out_, rune.value);
    }
    i += rune.width;
    run = i;
  }
  out_.append(text, run);
  out_.push_back('"');
}

}  // namespace marey::base
