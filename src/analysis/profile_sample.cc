// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/profile_sample.h"

#include <cstddef>
#include <fmt/format.h>
#include <iterator>

namespace marey::analysis {

std::vector<ProfileSample::Frame> profile_stack(const Vocabulary& vocabulary, StackNumber stack) {
  // Go tells stacks apart by this many frames, and shows no more of them.
  constexpr std::size_t kFrames = 128;
  std::vector<ProfileSample::Frame> frames;
  for (const Frame& frame : vocabulary.of(stack)) {
    if (frames.size() == kFrames) break;
    frames.push_back(
        {frame.pc, vocabulary.of(frame.function), vocabulary.of(frame.file), frame.line});
  }
  return frames;
}

std::string text_of(std::span<const ProfileSample::Frame> stack) {
  std::string text;
  for (const ProfileSample::Frame& frame : stack) {
    if (frame.function.empty() && frame.file.empty()) continue;  // the names are lost
    if (!text.empty()) text += '\n';
    fmt::format_to(std::back_inserter(text), "{} at {}:{}", frame.function, frame.file, frame.line);
  }
  return text;
}

}  // namespace marey::analysis
