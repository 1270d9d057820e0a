// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "src/wire/raw_reader.h"

namespace {

using marey::wire::RawEvent;
using marey::wire::RawReader;

/// What a reader says, fed with pieces that are gone as soon as the next one comes.
std::string read(std::span<const std::byte> trace, std::size_t piece_size) {
  std::string text;
  RawReader reader;
  std::vector<std::byte> piece;
  for (RawEvent event;;) {
    switch (reader.next(event)) {
      case RawReader::Status::Event:
        text += std::to_string(static_cast<unsigned>(event.type));
        for (std::size_t i = 0; i < event.spec().arg_count; i++) {
          text += ' ' + std::to_string(event.args[i]);
        }
        text += ' ' + std::to_string(canonical_size(event)) + ' ';
        text.append(event.data);
        event = {};
        break;
      case RawReader::Status::NeedBytes: {
        const std::size_t size = std::min(piece_size, trace.size());
        std::vector<std::byte> next(trace.begin(),
                                    trace.begin() + static_cast<std::ptrdiff_t>(size));
        trace = trace.subspan(size);
        reader.feed(next);
        piece.swap(next);
        if (trace.empty()) reader.finish();
        break;
      }
      case RawReader::Status::End: return text + "end";
      case RawReader::Status::Failed: return text + reader.error().message;
    }
  }
}

}  // namespace

// The first byte is the size of the pieces. A trace in pieces must say what the whole trace says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto trace = std::as_bytes(std::span(data, size)).subspan(1);
  if (read(trace, trace.size() + 1) != read(trace, 1u + data[0])) std::abort();
  return 0;
}
