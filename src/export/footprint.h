// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "marey/error.h"

#include "src/wire/raw_reader.h"

namespace marey::exporting {

/// The table of `go tool trace -d=footprint`, byte for byte: how many events of each type a v2
/// trace has, and how many bytes they take, encoded as briefly as possible. Bytes go in in pieces
/// of any size.
class Footprint {
 public:
  /// Errors are those of wire::RawReader; there is no table then, as in Go.
  Result<void> feed(std::span<const std::byte> piece);
  /// The table; after the last piece.
  Result<std::string> finish();

  const wire::RawReader& reader() const { return reader_; }

 private:
  struct Row {
    std::uint64_t type = 0;
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
  };

  Result<void> count();
  std::string draw() const;

  wire::RawReader reader_;
  std::array<Row, 256> rows_{};
  std::uint64_t file_size_ = 0;
};

}  // namespace marey::exporting
