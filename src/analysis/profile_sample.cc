// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/profile_sample.h"

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

}  // namespace marey::analysis
