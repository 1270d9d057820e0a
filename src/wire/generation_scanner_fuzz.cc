// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "src/wire/event_decoder.h"
#include "src/wire/table_reader.h"

// Finds the generations in any bytes, strict and tolerant, whole and in pieces, and reads their
// tables.

using namespace marey;
using Status = wire::GenerationScanner::Status;

namespace {

std::size_t scan(std::span<const std::byte> trace, wire::Version version, bool strict,
                 std::size_t piece) {
  Health health;
  wire::GenerationScanner scanner(version, strict ? nullptr : &health);
  wire::GenerationLayout layout;
  std::size_t generations = 0;
  std::size_t visible = std::min(trace.size(), piece);
  for (;;) {
    const bool all = visible == trace.size();
    switch (scanner.next(trace.first(visible), 0, all, layout)) {
      case Status::NeedMore:
        if (all) std::abort();
        visible = std::min(trace.size(), visible + piece);
        continue;
      case Status::Generation: {
        generations++;
        if (layout.end > trace.size() || layout.begin > layout.end) std::abort();
        std::uint64_t bytes = 0;
        for (const wire::BatchRef& batch : layout.batches) {
          if (batch.offset + batch.size > trace.size() || batch.size == 0) std::abort();
          bytes += batch.size;
        }
        if (bytes > trace.size()) std::abort();
        const auto tables = wire::read_tables(layout, trace, 0, 64, strict ? nullptr : &health);
        if (!tables && !strict) std::abort();
        continue;
      }
      case Status::End:
      case Status::Error:
        if (strict == (health.total() != 0) && strict) std::abort();
        return generations;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 17) return 0;
  constexpr wire::Version kVersions[]{wire::Version::Go122, wire::Version::Go123,
                                      wire::Version::Go125, wire::Version::Go126};
  const wire::Version version = kVersions[data[0] % 4];
  const auto bytes = std::as_bytes(std::span(data, size));
  std::vector<std::byte> padded(bytes.begin(), bytes.end());
  padded.resize(size + wire::kDecodeSlack);
  const auto trace = std::span<const std::byte>(padded).first(size);
  for (const bool strict : {false, true}) {
    const std::size_t whole = scan(trace, version, strict, size);
    if (scan(trace, version, strict, 1 + data[1]) != whole) std::abort();
  }
  return 0;
}
