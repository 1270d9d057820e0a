// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "marey/error.h"

#include "src/analysis/profile_sample.h"

namespace marey::cli {

/// What the values of a profile are called.
struct ProfileValues {
  std::string_view count = "contentions";
  std::string_view time = "delay";
};

/// Samples as a gzipped pprof profile, their state, reason and goroutine as labels. Errors: System,
/// for lack of memory.
Result<std::string> encode_profile(std::span<const analysis::ProfileSample> samples,
                                   const ProfileValues& values);

}  // namespace marey::cli
