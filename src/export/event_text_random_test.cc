// SPDX-License-Identifier: Apache-2.0
// Random valid traces through the writer, and back through the reader and through Go's.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <map>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

#include "marey/trace.h"

#include "src/base/test_files.h"
#include "src/export/event_text.h"
#include "src/simulation/random_trace.h"

namespace marey::exporting {
namespace {

using simulation::RandomClock;
using simulation::RandomTrace;
using simulation::RandomTraceOptions;
using simulation::RandomWorkload;

RandomTraceOptions random_options(std::uint64_t seed) {
  RandomTraceOptions options;
  options.seed = seed;
  options.version = *rc::gen::element(wire::Version::Go122, wire::Version::Go123,
                                      wire::Version::Go125, wire::Version::Go126);
  options.clock = *rc::gen::element(RandomClock::Distinct, RandomClock::Ties, RandomClock::Skewed);
  options.workload = *rc::gen::weightedElement<RandomWorkload>(
      {{3, RandomWorkload::Everything}, {1, RandomWorkload::Server}});
  options.generations = *rc::gen::inRange<std::uint64_t>(1, 6);
  options.events_per_generation = *rc::gen::inRange<std::uint64_t>(0, 1500);
  options.procs = *rc::gen::inRange<std::size_t>(1, 7);
  options.threads = options.procs + *rc::gen::inRange<std::size_t>(1, 6);
  options.goroutines = *rc::gen::inRange<std::size_t>(1, 80);
  options.ticks_per_second = *rc::gen::element(15'625'000, 1'000'000'000, 10'000'000);
  options.writer.batch_size = *rc::gen::element<std::size_t>(8 << 10, wire::kMaxBatchSize);
  options.writer.pad_sizes = *rc::gen::arbitrary<bool>();
  return options;
}

std::string expected_text(const RandomTrace& trace) {
  EventText printer;
  std::string text;
  for (const Event::Record& record : trace.events) printer.append(text, Event(record));
  return text;
}

/// The text of what a reader delivers, and its error.
std::string read_text(Reader& reader, std::span<const std::byte> rest = {},
                      std::size_t piece_size = 0) {
  EventText printer;
  std::string text;
  for (Event event;;) {
    switch (reader.next(event)) {
      case Reader::Status::Event: printer.append(text, event); break;
      case Reader::Status::NeedMore: {
        const std::size_t size = std::min(piece_size, rest.size());
        reader.feed(rest.first(size));
        rest = rest.subspan(size);
        if (rest.empty()) reader.end_feed();
        break;
      }
      case Reader::Status::End: return text;
      case Reader::Status::Error: return text + "error: " + reader.error()->message;
    }
  }
}

/// The events of each thread, and its samples, without their times: what must be the same however
/// the threads are interleaved.
std::map<std::string, std::vector<std::string>> by_thread(const std::string& text) {
  std::map<std::string, std::vector<std::string>> threads;
  std::vector<std::string>* last = nullptr;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("M=") || line.starts_with("error")) {
      const std::size_t time = line.find(" Time=");
      const bool sample = line.find("StackSample") != std::string::npos;
      last = &threads[line.substr(0, line.find(' ')) + (sample ? " samples" : "")];
      if (time != std::string::npos) line.erase(time, line.find_first_of(" \n", time + 1) - time);
    }
    if (last != nullptr) last->push_back(line);
  }
  return threads;
}

bool agrees(RandomClock clock, const std::string& expected, const std::string& actual) {
  if (clock == RandomClock::Distinct) return actual == expected;
  return by_thread(actual) == by_thread(expected);
}

/// How many regions are open when their goroutine ends.
std::uint64_t unclosed_regions(const RandomTrace& trace) {
  using wire::EventType;
  std::map<GoID, std::uint64_t> open;
  std::uint64_t unclosed = 0;
  for (const Event::Record& record : trace.events) {
    switch (static_cast<EventType>(record.type)) {
      case EventType::UserRegionBegin: open[record.goroutine]++; break;
      case EventType::UserRegionEnd:
        if (open[record.goroutine] > 0) open[record.goroutine]--;
        break;
      case EventType::GoDestroy:
      case EventType::GoDestroySyscall:
        unclosed += open[record.goroutine];
        open.erase(record.goroutine);
        break;
      default: break;
    }
  }
  return unclosed;
}

RC_GTEST_PROP(RandomTraceText, ReaderDeliversWhatWasWritten, (std::uint64_t seed)) {
  const RandomTraceOptions options = random_options(seed);
  const Result<RandomTrace> trace = make_random_trace(options);
  RC_ASSERT(trace.has_value());
  const std::string expected = expected_text(*trace);
  for (const bool strict : {true, false}) {
    Result<Reader> reader = Reader::of_bytes(trace->bytes, {.strict = strict});
    RC_ASSERT(reader.has_value());
    const std::string whole = read_text(*reader);
    RC_ASSERT(agrees(options.clock, expected, whole));
    const std::uint64_t unclosed = strict ? 0 : unclosed_regions(*trace);
    RC_ASSERT(reader->health().of(Defect::UnclosedRegion).count == unclosed);
    RC_ASSERT(reader->health().total() == unclosed);

    Reader fed = Reader::fed({.strict = strict});
    const auto size = *rc::gen::inRange<std::size_t>(1, 5000);
    RC_ASSERT(read_text(fed, trace->bytes, size) == whole);
  }
}

// With MAREY_GO_TRACE naming Go's command ("go tool trace", built as one program).
TEST(RandomTraceText, GoReadsWhatWasWritten) {
  const char* const tool = std::getenv("MAREY_GO_TRACE");
  if (tool == nullptr) {
    GTEST_SKIP() << "MAREY_GO_TRACE does not name Go's trace command; after make conformance, "
                    "make test does that";
  }
  const base::TemporaryDirectory directory;
  const bool passed = rc::check("Go's reader accepts random traces", [&] {
    const RandomTraceOptions options = random_options(*rc::gen::arbitrary<std::uint64_t>());
    const Result<RandomTrace> trace = make_random_trace(options);
    RC_ASSERT(trace.has_value());
    const std::string path = directory.write(
        "random.trace", {reinterpret_cast<const char*>(trace->bytes.data()), trace->bytes.size()});
    const std::string command = std::string(tool) + " -d=parsed '" + path + "' 2>&1";
    std::FILE* const pipe = ::popen(command.c_str(), "r");
    RC_ASSERT(pipe != nullptr);
    std::string actual;
    std::vector<char> buffer(1 << 16);
    for (std::size_t size; (size = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      actual.append(buffer.data(), size);
    }
    RC_ASSERT(::pclose(pipe) == 0);
    RC_ASSERT(agrees(options.clock, expected_text(*trace), actual));
  });
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace marey::exporting
