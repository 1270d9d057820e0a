// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/analysis.h"
#include "src/analysis/vocabulary.h"

namespace marey::analysis {

/// One stack of a profile. Texts live as long as the vocabulary.
struct ProfileSample {
  struct Frame {
    std::uint64_t pc = 0;
    std::string_view function;
    std::string_view file;
    std::uint64_t line = 0;
    auto operator<=>(const Frame&) const = default;
  };
  std::vector<Frame> stack;  ///< leaf first, at most 128; empty where the trace has no stack
  std::uint64_t count = 0;
  Duration time = 0;  ///< ns, in all

  // What else tells samples apart that have the same stack.
  std::string_view state;         ///< of the goroutine: "Waiting"; empty: does not matter
  std::string_view reason;        ///< why it waits or was stopped
  std::optional<GoID> goroutine;  ///< nothing: of any
};

/// A stack's frames, the innermost 128.
std::vector<ProfileSample::Frame> profile_stack(const Vocabulary& vocabulary, StackNumber stack);

/// A stack for people, as Vocabulary::text_of() gives it.
std::string text_of(std::span<const ProfileSample::Frame> stack);

/// An analysis that ends in a profile.
class ProfileAnalysis : public Analysis {
 public:
  /// The most time first. After everything.
  virtual std::vector<ProfileSample> samples() const = 0;
};

}  // namespace marey::analysis
