// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "marey/ids.h"

#include "src/analysis/duration.h"

namespace marey::analysis {

/// What a goroutine spends time on. Every moment of its life is in one of the first eight.
enum class Spent : std::uint8_t {
  Execution,
  SchedulerWait,
  SyncBlock,
  NetworkWait,
  Syscall,       ///< in system calls, with a proc
  SyscallBlock,  ///< in system calls, after the proc was taken away
  OtherWait,
  Unknown,
  GCAssist,  ///< from here on: within the others
  GCSweep,
  StopTheWorld,
};
inline constexpr std::size_t kSpent = 11;
inline constexpr std::size_t kExclusivelySpent = 8;

/// Time by what it is spent on, ns.
struct GoroutineTimes {
  std::array<Duration, kSpent> of{};

  Duration& operator[](Spent spent) { return of[static_cast<std::size_t>(spent)]; }
  Duration operator[](Spent spent) const { return of[static_cast<std::size_t>(spent)]; }
  void add(Spent spent, Duration time) { accumulate((*this)[spent], time); }
  void add(const GoroutineTimes& other) {
    for (std::size_t i = 0; i < kSpent; i++) accumulate(of[i], other.of[i]);
  }
  bool operator==(const GoroutineTimes&) const = default;
  /// The sum of those that exclude each other.
  Duration total() const {
    Duration sum = 0;
    for (const Duration time : std::span(of).first(kExclusivelySpent)) accumulate(sum, time);
    return sum;
  }
};

}  // namespace marey::analysis
