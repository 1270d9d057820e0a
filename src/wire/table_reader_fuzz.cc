// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "src/wire/table_reader.h"

// Any bytes as the one batch of a generation: strings, stacks, samples or clocks, as the first byte
// says.

using namespace marey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > wire::kMaxBatchSize) return 0;
  std::vector<std::byte> padded(size + 16);
  std::memcpy(padded.data(), data, size);
  wire::GenerationLayout layout;
  layout.number = 1;
  layout.version = (data[0] & 0x80) != 0 ? wire::Version::Go122 : wire::Version::Go126;
  wire::BatchRef batch;
  batch.offset = 1;
  batch.size = static_cast<std::uint32_t>(size - 1);
  batch.kind = static_cast<wire::BatchKind>(1 + data[0] % 5);
  layout.batches = {batch};
  const auto trace = std::span<const std::byte>(padded).first(size);
  Health health;
  const auto tolerant = wire::read_tables(layout, trace, 0, 0, &health);
  if (!tolerant) std::abort();
  const auto strict = wire::read_tables(layout, trace, 0, 0, nullptr);
  // What Go's reader accepts must not be called damaged, but for the clock: Go divides by any
  // frequency.
  if (strict && health.total() > health.of(Defect::NoFrequency).count) std::abort();
  tolerant->tables.stacks().for_each([&](std::uint64_t id, const auto&) {
    for (const std::uint32_t frame : tolerant->tables.stack(StackID{id})) {
      (void)tolerant->tables.string(tolerant->tables.frame(frame).function);
    }
  });
  return 0;
}
