// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "src/analysis/vocabulary.h"

namespace marey::analysis {

/// What goroutines wait for, as Go's profiles of blocking tell it by the reason's text.
enum class WaitKind : std::uint8_t { Network, Sync, Other };

inline WaitKind wait_kind(std::string_view reason) {
  if (reason == "network") return WaitKind::Network;
  if (reason.contains("chan") || reason.contains("sync") || reason.contains("select")) {
    return WaitKind::Sync;
  }
  return WaitKind::Other;
}

/// The kinds of a vocabulary's texts, each looked up once.
class WaitKinds {
 public:
  explicit WaitKinds(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  WaitKind operator[](Text reason) {
    const std::size_t i = raw(reason);
    if (i >= kinds_.size()) kinds_.resize(i + 1);
    if (!kinds_[i]) kinds_[i] = wait_kind(vocabulary_.of(reason));
    return *kinds_[i];
  }

 private:
  const Vocabulary& vocabulary_;
  std::vector<std::optional<WaitKind>> kinds_;
};

}  // namespace marey::analysis
