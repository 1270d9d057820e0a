// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

#include "src/analysis/interval.h"

namespace marey::analysis {

/// Something for each slot, in chunks that come as slots do: growing copies nothing, and takes no
/// more than what is used, even with a million goroutines.
template <class T>
class SlotArray {
 public:
  /// The slot's own, default-made where it was never asked for.
  T& operator[](Slot slot) {
    const std::size_t chunk = slot / kChunk;
    if (chunk >= chunks_.size()) chunks_.resize(chunk + 1);
    if (chunks_[chunk] == nullptr) [[unlikely]]
      chunks_[chunk] = std::make_unique<Chunk>();
    return (*chunks_[chunk])[slot % kChunk];
  }

  /// The slot's own; nullptr where neither it nor one near it was ever asked for.
  T* find(Slot slot) {
    const std::size_t chunk = slot / kChunk;
    if (chunk >= chunks_.size() || chunks_[chunk] == nullptr) return nullptr;
    return &(*chunks_[chunk])[slot % kChunk];
  }

  /// Calls f(slot, its own) for slots below `end`, in order; for all that were ever asked for.
  template <class F>
  void for_each_below(Slot end, F&& f) {
    for (std::size_t chunk = 0; chunk < chunks_.size(); chunk++) {
      if (chunks_[chunk] == nullptr) continue;
      for (std::size_t i = 0; i < kChunk; i++) {
        const auto slot = static_cast<Slot>(chunk * kChunk + i);
        if (slot >= end) return;
        f(slot, (*chunks_[chunk])[i]);
      }
    }
  }

 private:
  static constexpr std::size_t kChunk = 256;
  using Chunk = std::array<T, kChunk>;
  std::vector<std::unique_ptr<Chunk>> chunks_;
};

}  // namespace marey::analysis
