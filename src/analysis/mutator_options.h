// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "marey/ids.h"

namespace marey::analysis {

/// What counts as lost for the program (the mutator), and how; the defaults are those of Go's page.
struct MutatorOptions {
  bool stw = true;         ///< stop-the-world pauses of the garbage collector
  bool background = true;  ///< background mark workers, but for idle ones
  bool assist = true;      ///< mark assists
  bool sweep = false;      ///< sweeps before allocations
  /// Each proc by itself, as a goroutine on it sees it: Go's "per-goroutine" view. Dedicated
  /// workers do not count then: goroutines go on on other procs.
  bool per_proc = false;
  /// Of the tables of worst windows and of percentiles, ns; empty: 1, 10 and 100 ms.
  std::vector<Duration> windows;
};

}  // namespace marey::analysis
