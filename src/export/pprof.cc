// SPDX-License-Identifier: Apache-2.0
#include "src/export/pprof.h"

#define ZLIB_CONST  // input is const
#include <array>
#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <protozero/pbf_builder.hpp>
#include <utility>
#include <zlib.h>

namespace marey::exporting {
namespace {

// The messages of profile.proto and their fields, as far as traces need them.

enum class Profile : protozero::pbf_tag_type {
  SampleType = 1,
  Sample = 2,
  Location = 4,
  Function = 5,
  StringTable = 6,
  PeriodType = 11,
  Period = 12,
};

enum class ValueType : protozero::pbf_tag_type { Type = 1, Unit = 2 };
enum class Sample : protozero::pbf_tag_type { LocationId = 1, Value = 2, Label = 3 };
enum class Label : protozero::pbf_tag_type { Key = 1, Str = 2, Num = 3 };
enum class Location : protozero::pbf_tag_type { Id = 1, Address = 3, Line = 4 };
enum class Line : protozero::pbf_tag_type { FunctionId = 1, Line = 2 };
enum class Function : protozero::pbf_tag_type { Id = 1, Name = 2, SystemName = 3, Filename = 4 };

using ProfileWriter = protozero::pbf_builder<Profile>;

/// Proto3 leaves out fields that are zero, and so does Go.
template <class Writer, class Tag>
void add_nonzero(Writer& writer, Tag tag, std::uint64_t value) {
  if (value != 0) writer.add_uint64(tag, value);
}

void add_value_type(ProfileWriter& profile, Profile tag, std::int64_t type, std::int64_t unit) {
  protozero::pbf_builder<ValueType> message(profile, tag);
  message.add_int64(ValueType::Type, type);
  message.add_int64(ValueType::Unit, unit);
}

/// One gzip member. Without a time in its header, so that the same input gives the same file.
Result<std::string> gzip(std::string_view content) {
  const auto no_memory = [] {
    return std::unexpected(Error{ErrorKind::System, "not enough memory to compress the profile"});
  };
  z_stream deflater = {};
  constexpr int kGzip = 16 + MAX_WBITS;
  constexpr int kMemoryLevel = 8;
  if (deflateInit2(&deflater, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return no_memory();
  }
  std::string out;
  int verdict = Z_OK;
  while (verdict != Z_STREAM_END) {
    // zlib counts in 32 bits.
    constexpr std::size_t kMostInput = std::size_t{1} << 30;
    const std::string_view piece = content.substr(0, kMostInput);
    std::array<char, 16384> room;
    deflater.next_in = reinterpret_cast<const Bytef*>(piece.data());
    deflater.avail_in = static_cast<uInt>(piece.size());
    deflater.next_out = reinterpret_cast<Bytef*>(room.data());
    deflater.avail_out = room.size();
    verdict = deflate(&deflater, piece.size() == content.size() ? Z_FINISH : Z_NO_FLUSH);
    content.remove_prefix(piece.size() - deflater.avail_in);
    out.append(room.data(), room.size() - deflater.avail_out);
  }
  deflateEnd(&deflater);
  return out;
}

}  // namespace

ProfileBuilder::ProfileBuilder(std::string_view count_type, std::string_view time_type) {
  string_of("");  // index 0 must be the empty string
  ProfileWriter profile(sample_types_);
  const std::int64_t contentions = string_of(count_type);
  const std::int64_t count = string_of("count");
  add_value_type(profile, Profile::SampleType, contentions, count);
  const std::int64_t delay = string_of(time_type);
  const std::int64_t nanoseconds = string_of("nanoseconds");
  add_value_type(profile, Profile::SampleType, delay, nanoseconds);
}

void ProfileBuilder::add(std::span<const ProfileFrame> stack, std::uint64_t count,
                         std::int64_t time, std::span<const ProfileLabel> labels) {
  boost::container::small_vector<std::uint64_t, 128> ids;
  ids.reserve(stack.size());
  for (const ProfileFrame& frame : stack) ids.push_back(location_of(frame));

  ProfileWriter profile(samples_);
  protozero::pbf_builder<Sample> sample(profile, Profile::Sample);
  // Go packs lists of three and more.
  if (ids.size() > 2) {
    sample.add_packed_uint64(Sample::LocationId, ids.begin(), ids.end());
  } else {
    for (const std::uint64_t id : ids) sample.add_uint64(Sample::LocationId, id);
  }
  sample.add_int64(Sample::Value, static_cast<std::int64_t>(count));
  sample.add_int64(Sample::Value, time);
  for (const ProfileLabel& label : labels) {
    protozero::pbf_builder<Label> message(sample, Sample::Label);
    message.add_int64(Label::Key, string_of(label.key));
    if (label.text.empty()) {
      message.add_int64(Label::Num, label.number);
    } else {
      message.add_int64(Label::Str, string_of(label.text));
    }
  }
}

std::uint64_t ProfileBuilder::location_of(const ProfileFrame& frame) {
  const auto [entry, is_new] = location_of_pc_.try_emplace(frame.pc, location_of_pc_.size() + 1);
  const std::uint64_t id = entry->second;
  if (!is_new) return id;
  const std::uint64_t function = function_of(frame);
  ProfileWriter profile(locations_);
  protozero::pbf_builder<Location> location(profile, Profile::Location);
  location.add_uint64(Location::Id, id);
  add_nonzero(location, Location::Address, frame.pc);
  protozero::pbf_builder<Line> line(location, Location::Line);
  line.add_uint64(Line::FunctionId, function);
  add_nonzero(line, Line::Line, frame.line);
  return id;
}

std::uint64_t ProfileBuilder::function_of(const ProfileFrame& frame) {
  std::string key(frame.file);
  key += frame.function;
  const auto [entry, is_new] =
      function_of_name_.try_emplace(std::move(key), function_of_name_.size() + 1);
  const std::uint64_t id = entry->second;
  if (!is_new) return id;
  const auto name = static_cast<std::uint64_t>(string_of(frame.function));
  const auto file = static_cast<std::uint64_t>(string_of(frame.file));
  ProfileWriter profile(functions_);
  protozero::pbf_builder<Function> function(profile, Profile::Function);
  function.add_uint64(Function::Id, id);
  add_nonzero(function, Function::Name, name);
  add_nonzero(function, Function::SystemName, name);
  add_nonzero(function, Function::Filename, file);
  return id;
}

std::int64_t ProfileBuilder::string_of(std::string_view text) {
  const auto [entry, is_new] =
      string_index_.try_emplace(std::string(text), static_cast<std::int64_t>(string_index_.size()));
  if (is_new) ProfileWriter(strings_).add_string(Profile::StringTable, text.data(), text.size());
  return entry->second;
}

std::string ProfileBuilder::encode() const {
  std::string whole = sample_types_ + samples_ + locations_ + functions_ + strings_;
  ProfileWriter profile(whole);
  // The period's type comes last in Go's table of strings, unless a function has that name.
  const auto found = string_index_.find("trace");
  auto trace = static_cast<std::int64_t>(string_index_.size());
  if (found != string_index_.end()) {
    trace = found->second;
  } else {
    profile.add_string(Profile::StringTable, "trace");
  }
  add_value_type(profile, Profile::PeriodType, trace, string_index_.find("count")->second);
  profile.add_int64(Profile::Period, 1);
  return whole;
}

Result<std::string> ProfileBuilder::encode_gzip() const { return gzip(encode()); }

}  // namespace marey::exporting
