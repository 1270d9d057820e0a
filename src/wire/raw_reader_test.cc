// SPDX-License-Identifier: Apache-2.0
#include "src/wire/raw_reader.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/base/test_files.h"

namespace marey::wire {
namespace {

using Status = RawReader::Status;

std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

std::string trace_of(std::string_view minor, std::string_view events) {
  std::string trace = "go 1." + std::string(minor) + " trace";
  trace.resize(kHeaderSize, '\0');
  return trace.append(events);
}

/// One line an event, the last line the end or the error. The trace comes in pieces, each of which
/// is gone as soon as the next one comes.
std::vector<std::string> read_in_pieces(std::string_view trace, std::size_t piece_size) {
  std::vector<std::string> lines;
  RawReader reader;
  RawEvent event;
  std::vector<std::byte> piece;
  for (;;) {
    switch (reader.next(event)) {
      case Status::Event: {
        std::string line(event.spec().name);
        for (std::size_t i = 0; i < event.spec().arg_count; i++) {
          line += ' ' + std::to_string(event.args[i]);
        }
        line += " frames " + std::to_string(event.frames.size());
        line += " data " + std::string(event.data);
        line += " size " + std::to_string(canonical_size(event));
        lines.push_back(line);
        event = {};
        break;
      }
      case Status::NeedBytes: {
        const std::string_view next = trace.substr(0, piece_size);
        trace.remove_prefix(next.size());
        const std::span<const std::byte> view = bytes_of(next);
        std::vector<std::byte> fresh(view.begin(), view.end());
        reader.feed(fresh);
        piece.swap(fresh);
        if (trace.empty()) reader.finish();
        break;
      }
      case Status::End: lines.push_back("end"); return lines;
      case Status::Failed: lines.push_back(reader.error().message); return lines;
    }
  }
}

std::vector<std::string> read_all(std::string_view trace) {
  return read_in_pieces(trace, trace.size() + 1);
}

TEST(RawReader, ReadsEventsOfAllClasses) {
  const std::string trace = trace_of(
      "26", std::string("\x01\x01\x02\x03\x04"                              // EventBatch
                        "\x03\x07\x02\x10\x01\x02\x80\x01\x11\x01\x02\x05"  // Stack of two frames
                        "\x05\x09\x03"
                        "abc"                        // String
                        "\x05\x0a\x00"               // String, empty
                        "\x10\x05\x82\x80\x00\x06",  // GoStart, a padded number
                        32));
  EXPECT_EQ(read_all(trace), (std::vector<std::string>{
                                 "EventBatch 1 2 3 4 frames 0 data  size 5",
                                 "Stack 7 2 frames 9 data  size 12",
                                 "String 9 frames 0 data abc size 6",
                                 "String 10 frames 0 data  size 3",
                                 "GoStart 5 2 6 frames 0 data  size 4",
                                 "end",
                             }));
}

TEST(RawReader, EndsBetweenNumbersAndFailsWithinThem) {
  EXPECT_EQ(read_all(trace_of("26", "\x01\x01\x02")), (std::vector<std::string>{"end"}));
  EXPECT_EQ(read_all(trace_of("26", "\x01\x01\x82")), (std::vector<std::string>{"unexpected EOF"}));
  EXPECT_EQ(read_all(trace_of("26",
                              "\x05\x01\x05"
                              "abcd")),
            (std::vector<std::string>{"end"}));
  EXPECT_EQ(read_all(trace_of("26", "\x03\x01\x02\x01\x01\x01\x01\x01")),
            (std::vector<std::string>{"end"}));
  EXPECT_EQ(read_all(trace_of("26", "")), (std::vector<std::string>{"end"}));
}

TEST(RawReader, TellsCutNumbersFromTooLongOnes) {
  const std::vector<std::string> overflow{"binary: varint overflows a 64-bit integer"};
  const std::vector<std::string> cut{"unexpected EOF"};
  const std::string nine(9, '\x80');
  EXPECT_EQ(read_all(trace_of("26", "\x08" + nine)), cut);
  EXPECT_EQ(read_all(trace_of("26", "\x08" + nine + "\x02")), overflow);
  EXPECT_EQ(read_all(trace_of("26", "\x08" + nine + "\x80")), overflow);
  EXPECT_EQ(read_all(trace_of("26", "\x08" + nine + "\x01")).front(),
            "Frequency 9223372036854775808 frames 0 data  size 11");
}

TEST(RawReader, KnowsWhichTypesAVersionHas) {
  const auto first = [](std::string_view minor, char type) {
    return read_all(trace_of(minor, std::string(1, type))).front();
  };
  EXPECT_EQ(first("26", '\0'), "invalid event type: 0");
  EXPECT_EQ(first("22", '\x2d'), "invalid event type: 45");
  EXPECT_EQ(first("23", '\x32'), "invalid event type: 50");
  EXPECT_EQ(first("25", '\x34'), "invalid event type: 52");
  EXPECT_EQ(first("25", '\x32'), "Sync frames 0 data  size 1");
  EXPECT_EQ(first("26", '\x40'), " frames 0 data  size 1");  // a gap in the table
  EXPECT_EQ(first("26", '\x89'), "invalid event type: 137");
  EXPECT_EQ(first("21", '\x01'), "invalid event type: 1");
  EXPECT_EQ(read_all(trace_of("21", "")).front(), "end");
}

TEST(RawReader, IgnoresLengthsThatGoCountsAsNegative) {
  const std::string huge = std::string(9, '\xff') + "\x01";
  EXPECT_EQ(read_all(trace_of("26", "\x05\x01" + huge + "\x32")).front(),
            "String 1 frames 0 data  size 3");
  EXPECT_EQ(read_all(trace_of("26", "\x03\x01" + huge + "\x32")).front(),
            "Stack 1 18446744073709551615 frames 0 data  size 12");
}

TEST(RawReader, ClaimedLengthsTakeNoMemory) {
  // A string of 2^62 bytes, and a stack of 2^62 frames: found to be missing, not allocated.
  const std::string huge = std::string(8, '\xff') + "\x3f";
  EXPECT_EQ(read_in_pieces(trace_of("26", "\x05\x01" + huge + "abc"), 3).back(), "end");
  EXPECT_EQ(read_in_pieces(trace_of("26", "\x03\x01" + huge + "abc"), 3).back(), "end");
}

TEST(RawReader, RefusesWhatIsNoTrace) {
  const std::vector<std::string> refused{"bad file format: not a Go execution trace?"};
  EXPECT_EQ(read_all(""), refused);
  EXPECT_EQ(read_all("go 1.26 tra"), refused);
  EXPECT_EQ(read_in_pieces("hello, this is a text", 1), refused);
}

TEST(RawReader, PiecesOfAnySizeGiveTheSame) {
  for (const char* name : {"http-1.27", "names-1.22", "allocfree-1.26"}) {
    std::string trace = base::read_test_file("testdata/traces/" + std::string(name) + ".trace");
    ASSERT_FALSE(trace.empty()) << name;
    trace.resize(std::min<std::size_t>(trace.size(), 40'000));
    const std::vector<std::string> whole = read_all(trace);
    EXPECT_GT(whole.size(), 1000u);
    for (const std::size_t size : {1, 2, 3, 17, 1000, 4096}) {
      EXPECT_TRUE(read_in_pieces(trace, size) == whole) << name << " in pieces of " << size;
    }
  }
}

}  // namespace
}  // namespace marey::wire
