// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

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

}  // namespace marey::analysis
