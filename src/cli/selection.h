// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "marey/error.h"

#include "src/analysis/scope.h"
#include "src/cli/moment.h"
#include "src/cli/options.h"
#include "src/cli/rereading.h"
#include "src/index/pass.h"

namespace marey::cli {

/// The part of a trace that --from, --to, --g, --func, --task and --region ask for.
class Selection {
 public:
  /// Looks into the trace where that is needed: for its begin, or in a pass of its own, for the
  /// time of goroutines. Errors: Usage where the flags make no sense for this trace; those of
  /// Reader::open().
  static Result<Selection> of(const Options& options);

  /// What to open; to be asked before each reading.
  const std::string& path() { return input_.path(); }
  const analysis::Scope& scope() const { return scope_; }
  /// A sentence on why there is nothing in it, or on a flag that hardly means what it says; "": all
  /// is well.
  std::string remark(const index::PassResult& result) const;

 private:
  Result<void> select_time(const Options& options);

  RereadableInput input_;
  analysis::Scope scope_;
  std::string why_nothing_;
  std::optional<Moment> from_;
  std::optional<Moment> to_;
};

}  // namespace marey::cli
