// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "marey/ids.h"

#include "src/wire/tables.h"

namespace marey::analysis {

/// A text of the whole trace, by number.
enum class Text : std::uint32_t { Empty = 0 };
/// A frame of the whole trace, by number. 0 is a frame without content.
enum class FrameNumber : std::uint32_t { None = 0 };
/// A stack of the whole trace, by number.
enum class StackNumber : std::uint32_t { None = 0 };

struct Frame {
  std::uint64_t pc = 0;
  Text function = Text::Empty;
  Text file = Text::Empty;
  std::uint64_t line = 0;
  bool operator==(const Frame&) const = default;
};

/// The outermost frame of a goroutine's stacks: the function that it was started with.
struct Root {
  FrameNumber frame = FrameNumber::None;
  /// Not of a stack of which the runtime may have cut off or missed the outermost frames, nor of a
  /// damaged table.
  bool is_sure = false;

  /// Takes over what another stack tells, if that is better.
  void learn(const Root& other) {
    if (frame == FrameNumber::None || (!is_sure && other.is_sure)) *this = other;
  }
  bool operator==(const Root&) const = default;
};

/// The texts, frames and stacks that analyses keep, numbered for the whole trace: what is equal has
/// equal numbers, whichever generation it comes from.
///
/// Numbers are given in the order in which the threads of a pass ask for them, so they differ from
/// run to run: nothing that is shown may be sorted by them. Any number of threads may use it at
/// once.
class Vocabulary {
 public:
  Vocabulary();
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  Text add_text(std::string_view text);
  FrameNumber add_frame(const wire::Tables& tables, const wire::FrameRecord& frame);
  StackNumber add_stack(const wire::Tables& tables, StackID id);

  /// Lives as long as the vocabulary.
  std::string_view of(Text text) const;
  Frame of(FrameNumber frame) const;
  /// Leaf first.
  std::vector<Frame> of(StackNumber stack) const;
  std::string_view function_of(FrameNumber frame) const { return of(of(frame).function); }
  /// A stack for people: a frame a line, leaf first, "function at file:line".
  std::string text_of(StackNumber stack) const;

 private:
  struct StackEntry {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  struct FrameHash {
    std::size_t operator()(const Frame& frame) const;
  };
  // Stacks are looked up by adding them first: the set compares numbers by what they stand for.
  struct StackHash {
    const Vocabulary* vocabulary;
    std::size_t operator()(std::uint32_t stack) const;
  };
  struct StackEqual {
    const Vocabulary* vocabulary;
    bool operator()(std::uint32_t a, std::uint32_t b) const;
  };

  std::span<const FrameNumber> frames_of(const StackEntry& entry) const {
    return std::span(stack_frames_).subspan(entry.first, entry.count);
  }
  Text text_locked(std::string_view text);
  FrameNumber frame_locked(const wire::Tables& tables, const wire::FrameRecord& record);

  mutable std::mutex mutex_;
  std::deque<std::string> texts_;
  boost::unordered_flat_map<std::string_view, Text> text_numbers_;
  std::vector<Frame> frames_;
  boost::unordered_flat_map<Frame, FrameNumber, FrameHash> frame_numbers_;
  std::vector<FrameNumber> stack_frames_;
  std::vector<StackEntry> stacks_;
  boost::unordered_flat_set<std::uint32_t, StackHash, StackEqual> stack_numbers_;
};

/// From one generation's ids to the vocabulary's numbers: looked up once, then an array access.
///
/// Ids are dense in sound traces. Those that would stretch the arrays beyond a small multiple of
/// the generation's tables are looked up each time.
class Translation {
 public:
  explicit Translation(Vocabulary& vocabulary) : vocabulary_(&vocabulary) {}

  void begin(const wire::Tables& tables);
  /// The tables die; forgets what it knows of them.
  void end();

  Text text(std::uint64_t string_id) {
    if (string_id < texts_.size() && texts_[string_id] != kUnknownText) return texts_[string_id];
    return find_text(string_id);
  }
  StackNumber stack(std::uint64_t stack_id) {
    if (stack_id < stacks_.size() && stacks_[stack_id] != kUnknownStack) return stacks_[stack_id];
    return find_stack(stack_id);
  }
  Root root(std::uint64_t stack_id) {
    if (stack_id < roots_.size() && roots_[stack_id] != kUnknownRoot) return roots_[stack_id];
    return find_root(stack_id);
  }
  const wire::Tables* tables() const { return tables_; }
  Vocabulary& vocabulary() const { return *vocabulary_; }

 private:
  static constexpr Text kUnknownText{UINT32_MAX};
  static constexpr StackNumber kUnknownStack{UINT32_MAX};
  static constexpr Root kUnknownRoot{FrameNumber{UINT32_MAX}, false};

  Text find_text(std::uint64_t string_id);
  StackNumber find_stack(std::uint64_t stack_id);
  Root find_root(std::uint64_t stack_id);

  Vocabulary* vocabulary_;
  const wire::Tables* tables_ = nullptr;
  std::vector<Text> texts_;
  std::vector<StackNumber> stacks_;
  std::vector<Root> roots_;
};

}  // namespace marey::analysis
