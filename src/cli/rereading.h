// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "marey/error.h"

namespace marey::cli {

/// An input that can be read several times. What comes from a pipe goes into a file without a name
/// in $TMPDIR (or /tmp), which takes the place of standard input.
class RereadableInput {
 public:
  /// Of the input that the user named. Errors: System.
  static Result<RereadableInput> open(const std::string& path);

  /// Of one that is read only once.
  static RereadableInput once(const std::string& path) {
    RereadableInput input;
    input.path_ = path;
    return input;
  }

  /// What to open; to be asked anew before each reading.
  const std::string& path();

 private:
  std::string path_;
  bool is_standard_input_ = false;
};

}  // namespace marey::cli
