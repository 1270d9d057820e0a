// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/order/v1/batch_index.h"
#include "src/order/v1/event.h"
#include "src/wire/varint.h"

namespace marey::order::v1 {

/// Walks over the CPU samples, by their times. They are no part of any proc's stream: the runtime
/// writes them some time later, from wherever it happens to be.
class SampleCursor {
 public:
  SampleCursor(std::span<const std::byte> bytes, const BatchIndex& index)
      : bytes_(bytes), index_(&index) {}

  bool next(Event& event) {
    if (next_ == index_->samples.size()) return false;
    const BatchIndex::Sample& sample = index_->samples[next_++];
    // The first byte and a length; then when it was written, when it was taken, proc, goroutine.
    const std::byte* const end = bytes_.data() + bytes_.size();
    const std::byte* p = bytes_.data() + sample.offset + 1;
    std::uint64_t value = 0;
    std::uint64_t proc = 0;
    event = {.ticks = sample.ticks, .type = EventType::CPUSample};
    std::uint64_t stack = 0;
    for (std::uint64_t* out : {&value, &value, &value, &proc, &event.goroutine, &stack}) {
      p = wire::read_varint(p, end, *out);
      if (p == nullptr) break;
    }
    event.proc = static_cast<std::int32_t>(proc);
    event.stack = static_cast<std::uint32_t>(stack);
    return true;
  }

 private:
  std::span<const std::byte> bytes_;
  const BatchIndex* index_;
  std::size_t next_ = 0;
};

}  // namespace marey::order::v1
