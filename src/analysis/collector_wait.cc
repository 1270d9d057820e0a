// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/collector_wait.h"

#include <algorithm>
#include <array>
#include <vector>

namespace marey::analysis {
namespace {

/// The collector's functions that goroutines wait in, as far as they do not begin with "runtime.gc"
/// (gcStart, gcMarkDone, gcAssistAlloc, gcBgMarkWorker, ...); of Go up to 1.27.
constexpr std::array<std::string_view, 6> kFunctions{"runtime.GC",
                                                     "runtime.bgscavenge",
                                                     "runtime.bgsweep",
                                                     "runtime.forcegchelper",
                                                     "runtime.stopTheWorldGC",
                                                     "runtime.(*scavengerState).sleep"};

constexpr std::array<std::string_view, 4> kReasons{"GC mark assist wait for work",
                                                   "GC background sweeper wait",
                                                   "wait until GC ends", "GC weak to strong wait"};

bool is_runtime_frame(std::string_view function) {
  return function.starts_with("runtime.") || function.starts_with("runtime/") ||
         function.starts_with("internal/runtime/");
}

}  // namespace

bool is_collector_wait(const Vocabulary& vocabulary, std::string_view reason, StackNumber stack) {
  if (std::ranges::find(kReasons, reason) != kReasons.end()) return true;
  // The runtime's frames at the leaf: further out, a function of the program that calls runtime.GC
  // may stand around waits of its own.
  for (const Frame& frame : vocabulary.of(stack)) {
    const std::string_view function = vocabulary.of(frame.function);
    if (!is_runtime_frame(function)) return false;
    if (function.starts_with("runtime.gc") ||
        std::ranges::find(kFunctions, function) != kFunctions.end()) {
      return true;
    }
  }
  return false;
}

}  // namespace marey::analysis
