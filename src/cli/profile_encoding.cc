// SPDX-License-Identifier: Apache-2.0
#include "src/cli/profile_encoding.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "src/export/pprof.h"

namespace marey::cli {

Result<std::string> encode_profile(std::span<const analysis::ProfileSample> samples,
                                   const ProfileValues& values) {
  exporting::ProfileBuilder builder(values.count, values.time);
  std::vector<exporting::ProfileFrame> frames;
  std::vector<exporting::ProfileLabel> labels;
  // A profile tells frames apart by their addresses: functions without one get the highest.
  boost::unordered_flat_map<std::string_view, std::uint64_t> made_up;
  const auto address_of = [&](const analysis::ProfileSample::Frame& frame) {
    if (frame.pc != 0 || !frame.file.empty()) return frame.pc;
    return made_up
        .try_emplace(frame.function, std::numeric_limits<std::uint64_t>::max() - made_up.size())
        .first->second;
  };
  for (const analysis::ProfileSample& sample : samples) {
    frames.clear();
    for (const analysis::ProfileSample::Frame& frame : sample.stack) {
      const std::uint64_t pc = sample.state.empty() ? frame.pc : address_of(frame);
      frames.push_back({pc, frame.function, frame.file, frame.line});
    }
    labels.clear();
    if (!sample.state.empty()) labels.push_back({"state", sample.state});
    if (!sample.reason.empty()) labels.push_back({"reason", sample.reason});
    if (sample.goroutine) labels.push_back({"goroutine", {}, raw(*sample.goroutine)});
    builder.add(frames, sample.count, sample.time, labels);
  }
  return builder.encode_gzip();
}

}  // namespace marey::cli
