// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/analysis/analysis.h"
#include "src/analysis/scope.h"

namespace marey::analysis {

/// Which messages of runtime/trace.Log are wanted.
struct LogFilter {
  std::optional<std::string> category;  ///< exactly this one; nothing: any
  /// Asked of each message, on any thread; empty: all.
  std::function<bool(std::string_view)> wants;
};

/// The messages of runtime/trace.Log, in the order of time; of too many the first.
class Logs final : public Analysis {
 public:
  /// `scope`: that of the pass, which says whether only messages of some tasks are wanted; must
  /// outlive this.
  Logs(const Scope& scope, LogFilter filter, std::size_t most)
      : scope_(scope), filter_(std::move(filter)), most_(most) {}

  Interests interests() const override;
  void events(std::span<const Event::Record* const> events, Translation& translation) override;
  void merge(Analysis& next, const SlotMap&) override;
  void finish(const TraceContext& context, Findings& findings) override;

 private:
  struct Entry {
    Time time = 0;
    GoID goroutine = kNoGoroutine;
    TaskID task{};
    Text category = Text::Empty;
    StackNumber stack = StackNumber::None;
    std::string message;
  };

  const Scope& scope_;
  LogFilter filter_;
  std::size_t most_;
  std::vector<Entry> entries_;
  std::uint64_t left_out_ = 0;
};

}  // namespace marey::analysis
