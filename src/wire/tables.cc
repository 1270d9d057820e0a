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

std::uint64_t Tables::add_extra_string(std::string_view text) {
  if (text.empty()) return 0;
  if (const auto it = extra_numbers_.find(text); it != extra_numbers_.end()) return it->second;
  const std::uint64_t number = extra_strings_.size() + 1;
  extra_numbers_.emplace(extra_strings_.emplace_back(text), number);
  return number;
}

std::span<const std::uint32_t> Tables::stack(StackID id) const {
  const StackEntry* entry = stacks_.find(raw(id));
  if (entry == nullptr) return {};
  return std::span(frame_refs_).subspan(entry->first, entry->count);
}

}  // namespace marey::wire
