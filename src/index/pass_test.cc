// SPDX-License-Identifier: Apache-2.0
#include "src/index/pass.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "marey/trace.h"

#include "src/base/test_files.h"
#include "src/order/record.h"

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

class EveryTrace : public testing::TestWithParam<std::string> {};

TEST_P(EveryTrace, AnyNumberOfThreadsGivesWhatTheReaderGives) {
  for (const bool strict : {false, true}) {
    std::vector<Event::Record> expected;
    std::string error;
    auto reader = Reader::open(GetParam(), {strict});
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
      const auto result = run_pass(GetParam(), options, KeepingMaker{});
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
      const auto counted = count_events(GetParam(), options);
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

INSTANTIATE_TEST_SUITE_P(Testdata, EveryTrace, testing::ValuesIn(trace_paths()),
                         [](const auto& test) {
                           std::string name = std::filesystem::path(test.param).stem().string();
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

TEST(Pass, WholeGenerationsNeedNoSecondOrdering) {
  PassOptions options;
  options.threads = 2;
  const auto result =
      count_events(base::test_file("testdata/traces/chans-gens-1.27.trace").string(), options);
  ASSERT_TRUE(result);
  EXPECT_GT(result->generations, 1u);
  EXPECT_EQ(result->ordered_again, 0u);
}

}  // namespace
}  // namespace marey::index
