// SPDX-License-Identifier: Apache-2.0
#include "src/index/pass.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "marey/trace.h"

#include "src/base/test_files.h"
#include "src/order/record.h"
#include "src/order/test_writer.h"

namespace marey::index {
namespace {

/// Keeps every event, without the tables, which die with their generation.
class KeepingFold final : public Fold {
 public:
  void begin(const wire::Tables& tables, std::uint64_t) override { tables_ = &tables; }
  void events(std::span<const Event::Record> events) override {
    for (Event::Record record : events) {
      EXPECT_EQ(record.tables, tables_);
      record.tables = nullptr;
      records.push_back(record);
    }
  }
  void end(Time) override { tables_ = nullptr; }
  void merge(Fold& next) override {
    auto& other = static_cast<KeepingFold&>(next);
    records.insert(records.end(), other.records.begin(), other.records.end());
  }

  std::vector<Event::Record> records;

 private:
  const wire::Tables* tables_ = nullptr;
};

class KeepingMaker final : public FoldMaker {
 public:
  std::unique_ptr<Fold> make() const override { return std::make_unique<KeepingFold>(); }
};

std::vector<std::string> trace_paths() {
  std::vector<std::string> paths;
  for (const char* folder : {"testdata/traces", "testdata/traces/broken"}) {
    for (const auto& entry : std::filesystem::directory_iterator(base::test_file(folder))) {
      if (entry.path().extension() == ".trace") paths.push_back(entry.path().string());
    }
  }
  std::ranges::sort(paths);
  return paths;
}

/// How many arguments of a record mean something.
std::size_t arg_count(std::uint8_t type) {
  using wire::EventType;
  switch (static_cast<EventType>(type)) {
    case EventType::ProcSteal: return 4;
    case EventType::ProcStatus: return 3;
    // A TaskEnd whose task began in an earlier generation names its parent and type only where
    // that generation's state was at hand.
    case EventType::UserTaskEnd: return 2;
    case EventType::STWEnd: return 2;
    default: break;
  }
  const wire::EventSpec& spec = wire::kEventSpecs[type];
  return spec.timed() ? std::size_t{spec.arg_count} - 1 : 1;
}

bool same(const Event::Record& a, const Event::Record& b) {
  return a.time == b.time && a.type == b.type && a.goroutine == b.goroutine && a.proc == b.proc &&
         a.thread == b.thread &&
         std::equal(a.args.begin(), a.args.begin() + static_cast<std::ptrdiff_t>(arg_count(a.type)),
                    b.args.begin());
}

/// Fails where any number of threads does not give what the reader gives.
void expect_as_reader(const std::string& path) {
  for (const bool strict : {false, true}) {
    std::vector<Event::Record> expected;
    std::string error;
    auto reader = Reader::open(path, {strict});
    if (reader) {
      Event event;
      while (reader->next(event) == Reader::Status::Event) expected.push_back(event.record());
      if (reader->error()) error = reader->error()->message;
    }
    for (const unsigned threads : {1u, 2u, 5u}) {
      SCOPED_TRACE(testing::Message() << "strict " << strict << ", threads " << threads);
      PassOptions options;
      options.strict = strict;
      options.threads = threads;
      const auto result = run_pass(path, options, KeepingMaker{});
      ASSERT_EQ(result.has_value(), reader.has_value());
      if (!result) continue;
      EXPECT_EQ(result->error ? result->error->message : "", error);
      for (std::size_t i = 0; i < kDefectCount; i++) {
        const auto defect = static_cast<Defect>(i);
        const Health::Count& count = result->health.of(defect);
        const Health::Count& expected_count = reader->health().of(defect);
        EXPECT_EQ(count.count, expected_count.count) << spec_of(defect).id;
        EXPECT_EQ(count.bytes_lost, expected_count.bytes_lost) << spec_of(defect).id;
        EXPECT_EQ(count.time_lost, expected_count.time_lost) << spec_of(defect).id;
      }
      EXPECT_EQ(result->events, expected.size());
      const auto counted = count_events(path, options);
      ASSERT_TRUE(counted);
      EXPECT_EQ(counted->events, expected.size());
      if (result->fold == nullptr) continue;
      const auto& records = static_cast<const KeepingFold&>(*result->fold).records;
      // The last Sync event is the reader's only; where the trace breaks there may be none.
      ASSERT_LE(records.size(), expected.size());
      ASSERT_GE(records.size() + 1, expected.size());
      for (std::size_t i = 0; i < records.size(); i++) {
        ASSERT_TRUE(same(records[i], expected[i]))
            << "event " << i << " of type " << int{records[i].type} << " at " << records[i].time
            << ": " << testing::PrintToString(records[i].args) << " instead of "
            << testing::PrintToString(expected[i].args);
      }
    }
  }
}

class EveryTrace : public testing::TestWithParam<std::string> {};

TEST_P(EveryTrace, AnyNumberOfThreadsGivesWhatTheReaderGives) { expect_as_reader(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Testdata, EveryTrace, testing::ValuesIn(trace_paths()),
                         [](const auto& test) {
                           std::string name = std::filesystem::path(test.param).stem().string();
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

TEST(Pass, WhereACutTraceEndsDoesNotDependOnThreads) {
  for (const char* name : {"http-gens-1.22", "http-gens-1.25", "http-gens-1.27"}) {
    const std::string whole = base::read_test_file(fmt::format("testdata/traces/{}.trace", name));
    for (const std::size_t cut : {400, 3000, 9000}) {
      SCOPED_TRACE(testing::Message() << name << " without " << cut << " bytes");
      const base::TemporaryDirectory directory;
      expect_as_reader(directory.write("cut.trace", whole.substr(0, whole.size() - cut)));
    }
  }
}

TEST(Pass, WholeGenerationsNeedNoSecondOrdering) {
  PassOptions options;
  options.threads = 2;
  for (const std::string& path : trace_paths()) {
    if (!path.contains("-gens-")) continue;
    SCOPED_TRACE(path);
    const auto result = count_events(path, options);
    ASSERT_TRUE(result);
    EXPECT_GT(result->generations, 1u);
    EXPECT_EQ(result->ordered_again, 0u);
  }
}

// The second trace's clock lies before the first one's, and so its generations are all pushed.
TEST(Pass, TwoTracesInOneFileEndWhereTheReaderSays) {
  const base::TemporaryDirectory directory;
  const std::string path = directory.write(
      "two.trace", base::read_test_file("testdata/traces/http-misnest-1.26.trace") +
                       base::read_test_file("testdata/traces/bursts-gens-1.23.trace"));
  expect_as_reader(path);
  auto reader = Reader::open(path);
  ASSERT_TRUE(reader);
  Time last = 0;
  Event event;
  while (reader->next(event) == Reader::Status::Event) last = event.time();
  for (const unsigned threads : {1u, 2u}) {
    PassOptions options;
    options.threads = threads;
    const auto counted = count_events(path, options);
    ASSERT_TRUE(counted);
    EXPECT_EQ(counted->last_time, last) << threads << " threads";
  }
}

// A proc that was in a system call when its generation began is first mentioned when another thread
// takes it away, by a status that no longer knows the thread.
TEST(Pass, ProcStolenFromBeforeItsGenerationNeedsNoSecondOrdering) {
  using Type = wire::EventType;
  constexpr std::uint64_t kRunning = 1, kIdle = 2, kAbandoned = 4;
  constexpr std::uint64_t kGoRunning = 2, kGoSyscall = 3;
  for (const bool proc_idle : {false, true}) {
    SCOPED_TRACE(testing::Message() << "idle " << proc_idle);
    order::TestWriter trace;
    trace.generation(1, 1000).event(Type::ProcStatus, {0, kRunning});
    trace.event(Type::GoStatus, {1, 1, kGoRunning}).event(Type::GoSyscallBegin, {1, 0});
    trace.thread(2).event(Type::ProcStatus, {1, kRunning}).event(Type::ProcStatus, {2, kIdle});
    trace.generation(2, 2000).event(Type::ProcStatus, {1, kRunning});
    if (proc_idle) {  // not true: commit() must find out
      trace.event(Type::ProcStatus, {2, kAbandoned}).event(Type::ProcSteal, {2, 1, 1});
    } else {
      trace.event(Type::ProcStatus, {0, kAbandoned}).event(Type::ProcSteal, {0, 1, 1});
    }
    trace.event(Type::ProcStop).event(Type::ProcStart, {0, 2});
    trace.thread(1).event(Type::GoStatus, {1, 1, kGoSyscall}).event(Type::GoSyscallEndBlocked);
    trace.thread(2).event(Type::GoStart, {1, 1});
    trace.generation(3, 3000).event(Type::ProcStatus, {0, kRunning});
    trace.event(Type::GoStatus, {1, 2, kGoRunning}).end();
    const base::TemporaryDirectory directory;
    const std::string path = directory.write("x.trace", trace.bytes);
    expect_as_reader(path);
    PassOptions options;
    options.threads = 2;
    const auto result = count_events(path, options);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->health.whole(), !proc_idle);
    EXPECT_EQ(result->ordered_again, proc_idle ? 2u : 0u);
  }
}

}  // namespace
}  // namespace marey::index
