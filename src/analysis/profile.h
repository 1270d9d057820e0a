// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/profile_sample.h"
#include "src/analysis/slot_sums.h"
#include "src/analysis/vocabulary.h"
#include "src/analysis/wait_reason.h"

namespace marey::analysis {

/// The profiles of `go tool trace`.
enum class ProfileKind : std::uint8_t {
  Net,      ///< waiting for the network
  Sync,     ///< blocked on channels, locks, select
  Syscall,  ///< in system calls
  Sched,    ///< runnable, but not running yet
};
/// "net", "sync", "syscall" or "sched".
std::optional<ProfileKind> profile_kind(std::string_view name);

/// How often and how long goroutines stay in one state, by the stack of the event that begins it.
///
/// Counts what Go's tool counts (cmd/trace/pprof.go): stays that end in the trace, from the moment
/// on when the goroutine first runs, or all of them if it never does; of calls from C, whose
/// goroutines use the same ids again, those of the last one of each id, or if that has never run,
/// of all. What damage cut short is left out.
class Profile final : public ProfileAnalysis {
 public:
  Profile(ProfileKind kind, const Vocabulary& vocabulary)
      : kind_(kind), vocabulary_(vocabulary), wait_kinds_(vocabulary) {}

  Interests interests() const override;
  void intervals(std::span<const Interval> intervals, const GoroutineTable&) override;
  void merge(Analysis& next, const SlotMap& slots) override;
  /// A table of the samples.
  void finish(const TraceContext&, Findings& findings) override;

  /// Stacks with the same program counters are one sample.
  std::vector<ProfileSample> samples() const override;

 private:
  struct Sum {
    std::uint64_t count = 0;
    Duration delay = 0;
    Time last = std::numeric_limits<Time>::min();  ///< when the last of them ended

    void add(const Sum& other) {
      last = std::max(last, other.last);
      count += other.count;
      accumulate(delay, other.delay);
    }
  };
  /// Sums by stack number.
  struct Sums {
    std::vector<Sum> of;

    Sum& at(StackNumber stack) {
      const std::size_t i = raw(stack);
      if (i >= of.size()) of.resize(i + 1 + i / 2);
      return of[i];
    }
    void add(const Sums& other) {
      if (of.size() < other.of.size()) of.resize(other.of.size());
      for (std::size_t i = 0; i < other.of.size(); i++) of[i].add(other.of[i]);
    }
  };
  /// A stay of a callback's goroutine.
  struct Stay {
    StackNumber stack = StackNumber::None;
    Sum sum;
    bool counts = false;  ///< the goroutine had run before, or never did
  };
  /// The callbacks on one id.
  struct Callbacks {
    std::vector<Stay> last;
    Time last_end = 0;
    bool last_ran = false;
    boost::unordered_flat_map<StackNumber, Sum> all;
  };
  void end_life(const Interval& life);
  bool wants(Text reason);

  ProfileKind kind_;
  const Vocabulary& vocabulary_;
  Sums sums_;
  /// Of goroutines that are callbacks, or may be, until their lives end; by stack and `counts`.
  SlotSums<Sum> open_;
  boost::unordered_flat_map<GoID, Callbacks> callbacks_;
  WaitKinds wait_kinds_;
};

}  // namespace marey::analysis
