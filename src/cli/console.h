// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "marey/error.h"

#include "src/cli/output.h"

namespace marey::cli {

/// Where a command's words go: results to standard output, complaints to standard error.
class Console {
 public:
  Console();

  Output& out() { return out_; }
  bool out_is_terminal() const { return out_is_terminal_; }

  /// A line on standard error, after what has been printed so far: "marey: MESSAGE".
  void say(std::string_view message);
  /// The same without the "marey: ": a line that must stand as it is, as Go's verdicts.
  void say_bare(std::string_view message);

  /// Says what is wrong with `name` and returns the exit status for it. The name is put before the
  /// message unless it stands there already.
  int fail(std::string_view name, const Error& error);
  /// A usage error, with a line that says where help is.
  int fail_usage(std::string_view message, std::string_view help_command);

  /// Prints the rest of the output. Returns `status`, or that of a failed write.
  int finish(int status);

 private:
  Output out_;
  bool out_is_terminal_;
};

}  // namespace marey::cli
