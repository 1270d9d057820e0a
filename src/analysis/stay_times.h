// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "src/analysis/goroutine_times.h"
#include "src/analysis/interval.h"
#include "src/analysis/wait_reason.h"

namespace marey::analysis {

inline Spent spent_in(WaitKind kind) {
  switch (kind) {
    case WaitKind::Network: return Spent::NetworkWait;
    case WaitKind::Sync: return Spent::SyncBlock;
    case WaitKind::Other: break;
  }
  return Spent::OtherWait;
}

/// A stay in a system call: with a proc, and after that was taken away.
struct SyscallTimes {
  Duration with_proc = 0;
  Duration blocked = 0;
};
inline SyscallTimes syscall_times(const Interval& interval) {
  // What lies before the first mention was spent as the goroutine is found.
  const Duration before = elapsed(interval.start, interval.seen);
  const Time lost = std::clamp(interval.proc_lost, interval.seen, interval.end);
  SyscallTimes times{elapsed(interval.seen, lost), elapsed(lost, interval.end)};
  accumulate(interval.start_proc == kNoProc ? times.blocked : times.with_proc, before);
  return times;
}

}  // namespace marey::analysis
