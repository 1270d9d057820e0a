// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace marey::cli {

/// What a command prints, on its way to a file descriptor in large pieces.
///
/// A reader that goes away (a closed pipe: `marey events FILE | head`) is no error; the rest is
/// thrown away, and wanted() tells the producer that it may stop.
class Output {
 public:
  /// Text is written when this much has gathered.
  static constexpr std::size_t kPiece = std::size_t{256} << 10;

  explicit Output(int descriptor) : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// Append here, and call relieve() now and then.
  std::string& text() { return text_; }
  void add(std::string_view text) {
    text_.append(text);
    relieve();
  }

  /// Writes what has gathered if it is a lot; false: nobody wants more.
  bool relieve() { return text_.size() < kPiece ? wanted() : flush(); }
  /// Writes all that has gathered; false: nobody wants more.
  bool flush();

  bool wanted() const { return !closed_ && !error_; }
  /// The errno of a write that failed (a full disk), but for a reader that went away.
  std::optional<int> error() const { return error_; }

 private:
  int descriptor_;
  std::string text_;
  bool closed_ = false;
  std::optional<int> error_;
};

}  // namespace marey::cli
