// SPDX-License-Identifier: Apache-2.0
#include "src/wire/tables.h"

namespace marey::wire {

bool Tables::add_string(StringID id, std::string_view text) {
  // The empty view of an empty batch may have no address, which would read as "absent".
  return strings_.insert(raw(id), {text.empty() ? "" : text.data(), text.size()});
}

bool Tables::add_owned_string(StringID id, std::string text) {
  if (strings_.find(raw(id)) != nullptr) return false;
  return add_string(id, owned_strings_.emplace_back(std::move(text)));
}

std::uint32_t Tables::add_frame(const FrameRecord& frame) {
  const auto [it, is_new] =
      frame_of_pc_.try_emplace(frame.pc, static_cast<std::uint32_t>(frames_.size()));
  if (is_new) frames_.push_back(frame);
  return it->second;
}

bool Tables::add_stack(StackID id, std::span<const std::uint32_t> frames) {
  const StackEntry entry{static_cast<std::uint32_t>(frame_refs_.size()),
                         static_cast<std::uint32_t>(frames.size())};
  if (!stacks_.insert(raw(id), entry)) return false;
  frame_refs_.insert(frame_refs_.end(), frames.begin(), frames.end());
  return true;
}

std::span<const std::uint32_t> Tables::stack(StackID id) const {
  const StackEntry* entry = stacks_.find(raw(id));
  if (entry == nullptr) return {};
  return std::span(frame_refs_).subspan(entry->first, entry->count);
}

}  // namespace marey::wire
