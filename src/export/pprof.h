// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "marey/error.h"

namespace marey::exporting {

/// One call of a stack.
struct ProfileFrame {
  std::uint64_t pc;
  std::string_view function;
  std::string_view file;
  std::uint64_t line;
};

/// What more a sample of a profile says: a text or a number under a key.
struct ProfileLabel {
  std::string_view key;
  std::string_view text;  ///< empty: the number counts
  std::int64_t number = 0;
};

/// Builds profiles: how often and how long something was, by stack, as pprof's profile.proto
/// (github.com/google/pprof/proto/profile.proto), gzipped.
///
/// Without labels and with the usual types of value, what comes out means the same as what
/// internal/trace/traceviewer.BuildProfile (Go 1.27) makes of the same samples in the same order,
/// and before compression it is the same bytes:
/// - sample types contentions/count and delay/nanoseconds, unless others are asked for; period type
/// trace/count, period 1;
/// - one location for each pc, with the function, file and line that its first frame had;
/// - one function for each pair of file and name; like there, pairs that read the same when
///   written one after the other are one pair;
/// - samples in the order in which they were added, none merged.
///
/// Go adds its samples in random order. Whoever wants the same file in every run adds them in an
/// order of its own.
class ProfileBuilder {
 public:
  /// What the two values are called: how many ("count" is the unit), and how long ("nanoseconds").
  explicit ProfileBuilder(std::string_view count_type = "contentions",
                          std::string_view time_type = "delay");

  /// `stack` is leaf first; its texts are copied. `time` is in nanoseconds.
  void add(std::span<const ProfileFrame> stack, std::uint64_t count, std::int64_t time,
           std::span<const ProfileLabel> labels = {});

  /// The profile before compression. The builder can go on after that.
  std::string encode() const;
  /// The profile as a file. Fails only for lack of memory.
  Result<std::string> encode_gzip() const;

 private:
  std::uint64_t location_of(const ProfileFrame& frame);
  std::uint64_t function_of(const ProfileFrame& frame);
  std::int64_t string_of(std::string_view text);

  // The repeated fields of the message, encoded as they come in; the file has them in this order.
  std::string sample_types_;
  std::string samples_;
  std::string locations_;
  std::string functions_;
  std::string strings_;

  boost::unordered_flat_map<std::uint64_t, std::uint64_t> location_of_pc_;
  boost::unordered_flat_map<std::string, std::uint64_t> function_of_name_;
  boost::unordered_flat_map<std::string, std::int64_t> string_index_;
};

}  // namespace marey::exporting
