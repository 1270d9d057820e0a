// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/vocabulary.h"

#include <algorithm>
#include <boost/container_hash/hash.hpp>
#include <fmt/format.h>
#include <iterator>

namespace marey::analysis {

Vocabulary::Vocabulary()
    : texts_{""},
      text_numbers_{{texts_.front(), Text::Empty}},
      frames_{{}},
      frame_numbers_{{{}, FrameNumber::None}},
      stacks_{{}},
      stack_numbers_(0, StackHash{this}, StackEqual{this}) {
  stack_numbers_.insert(0);
}

std::size_t Vocabulary::FrameHash::operator()(const Frame& frame) const {
  std::size_t seed = 0;
  boost::hash_combine(seed, frame.pc);
  boost::hash_combine(seed, raw(frame.function));
  boost::hash_combine(seed, raw(frame.file));
  boost::hash_combine(seed, frame.line);
  return seed;
}

std::size_t Vocabulary::StackHash::operator()(std::uint32_t stack) const {
  std::size_t seed = 0;
  for (const FrameNumber frame : vocabulary->frames_of(vocabulary->stacks_[stack])) {
    boost::hash_combine(seed, raw(frame));
  }
  return seed;
}

bool Vocabulary::StackEqual::operator()(std::uint32_t a, std::uint32_t b) const {
  return std::ranges::equal(vocabulary->frames_of(vocabulary->stacks_[a]),
                            vocabulary->frames_of(vocabulary->stacks_[b]));
}

Text Vocabulary::text_locked(std::string_view text) {
  const auto found = text_numbers_.find(text);
  if (found != text_numbers_.end()) return found->second;
  const Text number{static_cast<std::uint32_t>(texts_.size())};
  texts_.emplace_back(text);
  text_numbers_.emplace(texts_.back(), number);
  return number;
}

FrameNumber Vocabulary::frame_locked(const wire::Tables& tables, const wire::FrameRecord& record) {
  const Frame frame{record.pc, text_locked(tables.string(record.function)),
                    text_locked(tables.string(record.file)), record.line};
  const auto [found, added] =
      frame_numbers_.emplace(frame, FrameNumber{static_cast<std::uint32_t>(frames_.size())});
  if (added) frames_.push_back(frame);
  return found->second;
}

Text Vocabulary::add_text(std::string_view text) {
  const std::lock_guard lock(mutex_);
  return text_locked(text);
}

FrameNumber Vocabulary::add_frame(const wire::Tables& tables, const wire::FrameRecord& frame) {
  const std::lock_guard lock(mutex_);
  return frame_locked(tables, frame);
}

StackNumber Vocabulary::add_stack(const wire::Tables& tables, StackID id) {
  const std::span<const std::uint32_t> frames = tables.stack(id);
  if (frames.empty()) return StackNumber::None;
  const std::lock_guard lock(mutex_);
  const std::size_t first = stack_frames_.size();
  for (const std::uint32_t frame : frames) {
    stack_frames_.push_back(frame_locked(tables, tables.frame(frame)));
  }
  const auto number = static_cast<std::uint32_t>(stacks_.size());
  stacks_.push_back({first, frames.size()});
  const auto [found, added] = stack_numbers_.insert(number);
  if (!added) {
    stacks_.pop_back();
    stack_frames_.resize(first);
  }
  return StackNumber{*found};
}

std::string_view Vocabulary::of(Text text) const {
  const std::lock_guard lock(mutex_);
  return texts_[raw(text)];
}

Frame Vocabulary::of(FrameNumber frame) const {
  const std::lock_guard lock(mutex_);
  return frames_[raw(frame)];
}

std::vector<Frame> Vocabulary::of(StackNumber stack) const {
  const std::lock_guard lock(mutex_);
  std::vector<Frame> frames;
  for (const FrameNumber frame : frames_of(stacks_[raw(stack)])) {
    frames.push_back(frames_[raw(frame)]);
  }
  return frames;
}

std::string Vocabulary::text_of(StackNumber stack) const {
  std::string text;
  for (const Frame& frame : of(stack)) {
    if (frame.function == Text::Empty && frame.file == Text::Empty) continue;  // the names are lost
    if (!text.empty()) text += '\n';
    fmt::format_to(std::back_inserter(text), "{} at {}:{}", of(frame.function), of(frame.file),
                   frame.line);
  }
  return text;
}

void Translation::begin(const wire::Tables& tables) { tables_ = &tables; }

void Translation::end() {
  tables_ = nullptr;
  texts_ = {};
  stacks_ = {};
  roots_ = {};
}

namespace {

/// Remembers `value` for `id`, unless the id is far beyond what a table of `size` entries has.
template <class T>
void remember(std::vector<T>& values, std::uint64_t id, std::uint64_t size, T unknown, T value) {
  if (id > 4 * size + 64) return;
  if (id >= values.size()) values.resize(std::max<std::size_t>(id + 1, size + 1), unknown);
  values[id] = value;
}

}  // namespace

Text Translation::find_text(std::uint64_t string_id) {
  if (tables_ == nullptr) return Text::Empty;
  const Text number = vocabulary_->add_text(tables_->string(StringID{string_id}));
  remember(texts_, string_id, tables_->strings().size(), kUnknownText, number);
  return number;
}

StackNumber Translation::find_stack(std::uint64_t stack_id) {
  if (tables_ == nullptr) return StackNumber::None;
  const StackNumber number = vocabulary_->add_stack(*tables_, StackID{stack_id});
  remember(stacks_, stack_id, tables_->stacks().size(), kUnknownStack, number);
  return number;
}

Root Translation::find_root(std::uint64_t stack_id) {
  // The runtime keeps the innermost 128 frames, less some of its own.
  constexpr std::size_t kWholeStack = 100;
  if (tables_ == nullptr) return {};
  const std::span<const std::uint32_t> frames = tables_->stack(StackID{stack_id});
  Root root;
  if (!frames.empty()) {
    root.frame = vocabulary_->add_frame(*tables_, tables_->frame(frames.back()));
    root.is_sure = frames.size() < kWholeStack && !tables_->is_damaged() &&
                   !vocabulary_->function_of(root.frame).empty();
  }
  remember(roots_, stack_id, tables_->stacks().size(), kUnknownRoot, root);
  return root;
}

}  // namespace marey::analysis
