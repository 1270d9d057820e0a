// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "marey/error.h"

#include "src/wire/raw_reader.h"

namespace marey::exporting {

/// Appends a raw event in the text form of Go's internal/trace/raw, and a newline; the form that
/// src/wire/text_reader.h reads. As in Go, empty data has no line of its own.
void append_raw_event(std::string& out, const wire::RawEvent& event);

/// The text of `go tool trace -d=wire`, byte for byte: every event of a v2 trace as it lies in the
/// file. Bytes go in in pieces of any size; text comes out in large pieces.
class WireDump {
 public:
  /// Takes over text; false: stop, nobody reads it any more (that is no error).
  using Sink = std::function<bool(std::string_view)>;

  explicit WireDump(Sink sink) : sink_(std::move(sink)) {}

  /// Prints the events that are whole so far. Errors are those of wire::RawReader, and come after
  /// everything before the place of the error has been printed.
  Result<void> feed(std::span<const std::byte> piece);
  Result<void> finish();

  const wire::RawReader& reader() const { return reader_; }

 private:
  Result<void> print();
  bool flush();

  Sink sink_;
  wire::RawReader reader_;
  std::string text_;
  bool stopped_ = false;
};

}  // namespace marey::exporting
