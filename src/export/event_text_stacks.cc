// SPDX-License-Identifier: Apache-2.0
#include "src/export/event_text_stacks.h"

namespace marey::exporting {

void StackTexts::fill(Slot& slot, const Stack& stack) {
  if (arena_.size() > kArenaSize) forget(tables_);
  slot.id = raw(stack.id());
  slot.era = era_;
  slot.offset = static_cast<std::uint32_t>(arena_.size());
  render_(arena_, stack);
  slot.size = static_cast<std::uint32_t>(arena_.size() - slot.offset);
}

}  // namespace marey::exporting
