// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "marey/event.h"

namespace marey::exporting {

/// Rendered stacks, kept so that a stack that many events have is rendered once.
///
/// Most of the text of a trace is stacks, and a generation has only some hundreds or thousands of
/// different ones. This is a direct-mapped cache from a stack's id to its text in one arena; both
/// are bounded, and when the arena is full everything is forgotten. An id means something within
/// one generation only, so the cache must be told where a generation begins.
class StackTexts {
 public:
  /// Appends the text of a stack.
  using Render = void (*)(std::string& out, const Stack& stack);

  /// Bytes that the arena may take, more or less one stack.
  static constexpr std::size_t kArenaSize = std::size_t{4} << 20;

  explicit StackTexts(Render render) : render_(render), slots_(kSlots) {}

  /// The text of `stack`. Valid until the next call.
  std::string_view text(const Stack& stack) {
    if (stack.tables() != tables_) forget(stack.tables());
    const auto id = raw(stack.id());
    Slot& slot = slots_[id % kSlots];
    if (slot.era != era_ || slot.id != id) fill(slot, stack);
    return {arena_.data() + slot.offset, slot.size};
  }

  /// Another generation begins. Its tables may lie where the last generation's lay.
  void forget() { forget(nullptr); }

 private:
  static constexpr std::size_t kSlots = 8192;

  struct Slot {
    std::uint64_t id = 0;
    std::uint64_t era = 0;  ///< the slot is in use if this is the cache's era
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };

  void forget(const wire::Tables* tables) {
    tables_ = tables;
    era_++;
    arena_.clear();
  }
  void fill(Slot& slot, const Stack& stack);

  Render render_;
  const wire::Tables* tables_ = nullptr;
  std::uint64_t era_ = 1;
  std::vector<Slot> slots_;
  std::string arena_;
};

}  // namespace marey::exporting
