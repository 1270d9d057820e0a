// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace marey::base {

/// Appends JSON (RFC 8259) to a string, piece by piece, so that a document never has to be held as
/// a tree. Keys come out in the order in which they are written. Always valid UTF-8: bytes that are
/// not become U+FFFD. Control characters, and U+2028 and U+2029 (which end lines in JavaScript),
/// are escaped. Numbers are whole; readers that keep numbers as doubles lose digits past 2^53.
///
///     JsonWriter json(out);
///     json.begin_object();
///     json.key("rows").begin_array();
///     json.value(1).value("two").null();
///     json.end_array();
///     json.end_object();       // {"rows":[1,"two",null]}
///
/// Calling out of order (a value without a key in an object, an end without a begin) is a bug of
/// the caller and asserted.
class JsonWriter {
 public:
  /// `out` must outlive the writer; it may be emptied between calls (to flush what is there).
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();

  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool yes);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(unsigned number) { return value(static_cast<std::uint64_t>(number)); }
  /// The shortest form that reads back as the same double; null for infinities and NaN.
  JsonWriter& value(double number);
  JsonWriter& null();

  /// The key and its value.
  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }

 private:
  struct Level {
    bool is_object;
    bool empty = true;
  };

  JsonWriter& begin(char bracket, bool is_object);
  JsonWriter& end(char bracket, bool is_object);
  void before_value();
  void append_string(std::string_view text);

  std::string& out_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace marey::base
