// SPDX-License-Identifier: Apache-2.0
#include "src/export/pprof.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <protozero/pbf_reader.hpp>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>
#include <zlib.h>

#include "src/base/test_files.h"

namespace marey::exporting {
namespace {

std::string gunzipped(const std::string& file) {
  z_stream inflater = {};
  inflateInit2(&inflater, 16 + MAX_WBITS);
  std::string in = file;
  std::string out(1 << 22, '\0');
  inflater.next_in = reinterpret_cast<Bytef*>(in.data());
  inflater.avail_in = static_cast<uInt>(in.size());
  inflater.next_out = reinterpret_cast<Bytef*>(out.data());
  inflater.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(Z_STREAM_END, inflate(&inflater, Z_FINISH));
  EXPECT_EQ(0u, inflater.avail_in);
  out.erase(inflater.total_out);
  inflateEnd(&inflater);
  return out;
}

/// What the builder was given, read back from a profile; written from profile.proto, not from
/// the builder.
struct Profile {
  struct Sample {
    std::vector<std::uint64_t> locations;
    std::vector<std::int64_t> values;
  };
  struct Function {
    std::uint64_t name = 0, system_name = 0, file = 0;
  };
  struct Location {
    std::uint64_t pc = 0, function = 0, line = 0;
  };

  std::vector<std::string> strings;
  std::vector<Sample> samples;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> sample_types;
  std::pair<std::uint64_t, std::uint64_t> period_type;
  std::uint64_t period = 0;
  std::map<std::uint64_t, Function> functions;
  std::map<std::uint64_t, Location> locations;

  explicit Profile(const std::string& bytes) {
    protozero::pbf_reader profile(bytes);
    while (profile.next()) {
      switch (profile.tag()) {
        case 1: sample_types.push_back(numbers(profile.get_message())); break;
        case 2: samples.push_back(sample(profile.get_message())); break;
        case 4: add_location(profile.get_message()); break;
        case 5: add_function(profile.get_message()); break;
        case 6: strings.push_back(profile.get_string()); break;
        case 11: period_type = numbers(profile.get_message()); break;
        case 12: period = static_cast<std::uint64_t>(profile.get_int64()); break;
        default: ADD_FAILURE() << "field " << profile.tag(); profile.skip();
      }
    }
  }

  ProfileFrame frame(std::uint64_t id) const {
    const Location& location = locations.at(id);
    const Function& function = functions.at(location.function);
    EXPECT_EQ(function.name, function.system_name);
    return {location.pc, strings.at(function.name), strings.at(function.file), location.line};
  }

  std::vector<ProfileFrame> stack(const Sample& sample) const {
    std::vector<ProfileFrame> frames;
    frames.reserve(sample.locations.size());
    for (const std::uint64_t id : sample.locations) frames.push_back(frame(id));
    return frames;
  }

 private:
  static std::pair<std::uint64_t, std::uint64_t> numbers(protozero::pbf_reader message) {
    std::pair<std::uint64_t, std::uint64_t> both;
    while (message.next()) (message.tag() == 1 ? both.first : both.second) = message.get_uint64();
    return both;
  }

  static Sample sample(protozero::pbf_reader message) {
    Sample sample;
    while (message.next()) {
      if (message.tag() == 2) {
        sample.values.push_back(message.get_int64());
      } else if (message.wire_type() == protozero::pbf_wire_type::varint) {
        sample.locations.push_back(message.get_uint64());
      } else {
        for (const std::uint64_t id : message.get_packed_uint64()) sample.locations.push_back(id);
      }
    }
    return sample;
  }

  void add_location(protozero::pbf_reader message) {
    std::uint64_t id = 0;
    Location location;
    while (message.next()) {
      switch (message.tag()) {
        case 1: id = message.get_uint64(); break;
        case 3: location.pc = message.get_uint64(); break;
        case 4: std::tie(location.function, location.line) = numbers(message.get_message()); break;
        default: ADD_FAILURE() << "field " << message.tag(); message.skip();
      }
    }
    EXPECT_TRUE(locations.emplace(id, location).second);
  }

  void add_function(protozero::pbf_reader message) {
    std::uint64_t id = 0;
    Function function;
    while (message.next()) {
      const std::uint64_t value = message.get_uint64();
      switch (message.tag()) {
        case 1: id = value; break;
        case 2: function.name = value; break;
        case 3: function.system_name = value; break;
        case 4: function.file = value; break;
        default: ADD_FAILURE() << "field " << message.tag();
      }
    }
    EXPECT_TRUE(functions.emplace(id, function).second);
  }
};

// Go's own profiles, taken apart and built again, must give Go's bytes.
TEST(Pprof, BuildsTheBytesThatGoBuilds) {
  namespace fs = std::filesystem;
  int profiles = 0;
  for (const auto& entry : fs::recursive_directory_iterator(base::test_file("testdata/golden"))) {
    if (entry.path().extension() != ".pb") continue;
    const std::string expected = gunzipped(base::read_test_file(entry.path()));
    const Profile profile(expected);
    ProfileBuilder builder;
    for (const Profile::Sample& sample : profile.samples) {
      ASSERT_EQ(2u, sample.values.size());
      builder.add(profile.stack(sample), static_cast<std::uint64_t>(sample.values[0]),
                  sample.values[1]);
    }
    EXPECT_TRUE(expected == builder.encode()) << entry.path();
    EXPECT_TRUE(expected == gunzipped(builder.encode_gzip().value())) << entry.path();
    ++profiles;
  }
  EXPECT_GT(profiles, 100);
}

TEST(Pprof, EmptyIsAProfile) {
  const Profile profile(gunzipped(ProfileBuilder().encode_gzip().value()));
  EXPECT_EQ((std::vector<std::string>{"", "contentions", "count", "delay", "nanoseconds", "trace"}),
            profile.strings);
  EXPECT_EQ((std::vector<std::pair<std::uint64_t, std::uint64_t>>{{1, 2}, {3, 4}}),
            profile.sample_types);
  EXPECT_EQ((std::pair<std::uint64_t, std::uint64_t>{5, 2}), profile.period_type);
  EXPECT_EQ(1u, profile.period);
}

TEST(Pprof, FirstFrameOfAPcWins) {
  ProfileBuilder builder;
  const ProfileFrame first[] = {{1, "f", "f.go", 10}, {2, "g", "f.go", 20}};
  const ProfileFrame second[] = {
      {2, "inlined", "other.go", 99}, {0, "", "", 0}, {3, "f", "f.go", 11}};
  builder.add(first, 1, 100);
  builder.add(second, 2, -5);
  builder.add({}, 0, 0);
  const Profile profile(builder.encode());
  ASSERT_EQ(3u, profile.samples.size());
  EXPECT_EQ((std::vector<std::uint64_t>{1, 2}), profile.samples[0].locations);
  EXPECT_EQ((std::vector<std::uint64_t>{2, 3, 4}), profile.samples[1].locations);
  EXPECT_EQ((std::vector<std::int64_t>{2, -5}), profile.samples[1].values);
  EXPECT_TRUE(profile.samples[2].locations.empty());
  EXPECT_EQ((std::vector<std::int64_t>{0, 0}), profile.samples[2].values);
  EXPECT_EQ("g", profile.frame(2).function);
  EXPECT_EQ(20u, profile.frame(2).line);
  EXPECT_EQ("", profile.frame(3).function);
  EXPECT_EQ(profile.locations.at(1).function, profile.locations.at(4).function);
  EXPECT_EQ(3u, profile.functions.size());
}

TEST(Pprof, FunctionsAreKnownByFileAndNameTogether) {
  ProfileBuilder builder;
  const ProfileFrame stack[] = {{1, "f", "a.go", 1}, {2, "f", "b.go", 1}, {3, "gof", "a.", 1}};
  builder.add(stack, 1, 1);
  const Profile profile(builder.encode());
  EXPECT_EQ(2u, profile.functions.size());
  EXPECT_EQ("f", profile.frame(3).function);  // as Go does: "a." + "gof" is "a.go" + "f"
}

TEST(Pprof, StringsAreSharedWithTheTypesNames) {
  ProfileBuilder builder;
  const ProfileFrame stack[] = {{1, "trace", "count", 1}};
  builder.add(stack, 1, 1);
  const Profile profile(builder.encode());
  EXPECT_EQ(6u, profile.strings.size());
  EXPECT_EQ("trace", profile.strings.at(profile.period_type.first));
  EXPECT_EQ("count", profile.strings.at(profile.period_type.second));
  EXPECT_EQ("count", profile.frame(1).file);
}

TEST(Pprof, SameSamplesSameFile) {
  std::string files[2];
  for (std::string& file : files) {
    ProfileBuilder builder;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      const std::string name = "function" + std::to_string(i % 500);
      const ProfileFrame stack[] = {{i % 997, name, "f.go", i}, {i * i % 613, "g", "g.go", i}};
      builder.add(stack, i, static_cast<std::int64_t>(i * 1000));
    }
    file = builder.encode_gzip().value();
    EXPECT_EQ(20'000u, Profile(gunzipped(file)).samples.size());
  }
  EXPECT_TRUE(files[0] == files[1]);
}

}  // namespace
}  // namespace marey::exporting
