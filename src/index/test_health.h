// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "marey/trace.h"

#include "src/base/test_files.h"
#include "src/index/pass.h"
#include "src/order/test_writer.h"
#include "src/wire/generation_scanner.h"

/// For tests only: the health of a trace, which must be the same whether it is read event by event
/// or its generations are ordered side by side.
namespace marey::index {

using order::TestWriter;
using Type = wire::EventType;

class NoFold final : public Fold {
 public:
  void begin(const wire::Tables&, std::uint64_t) override {}
  void events(std::span<const Event::Record>) override {}
  void end(Time) override {}
  void merge(Fold&) override {}
};
class NoFoldMaker final : public FoldMaker {
 public:
  std::unique_ptr<Fold> make() const override { return std::make_unique<NoFold>(); }
};

/// Sums and kept reports of each kind of defect.
using Facts = std::vector<std::tuple<Defect, std::uint64_t, std::uint64_t, Duration, std::string>>;
inline Facts facts_of(const Health& health) {
  Facts facts;
  for (std::size_t i = 0; i < kDefectCount; i++) {
    const auto defect = static_cast<Defect>(i);
    const Health::Count& count = health.of(defect);
    if (count.count == 0) continue;
    facts.emplace_back(defect, count.count, count.bytes_lost, count.time_lost, "");
    for (const DefectReport& report : health.reports()) {
      if (report.defect != defect) continue;
      facts.emplace_back(defect, report.offset, report.generation, report.time_lost,
                         std::to_string(report.bytes_lost) + " " + report.detail);
    }
  }
  return facts;
}

/// The health of the trace; fails where a way of reading finds another. `ordered_again`: how many
/// generations a pass on two threads may order twice.
inline Health health_of(const std::string& bytes, std::uint64_t ordered_again = 0) {
  auto reader = Reader::of_bytes(std::as_bytes(std::span(bytes)));
  EXPECT_TRUE(reader);
  if (!reader) return {};
  Event event;
  while (reader->next(event) == Reader::Status::Event) continue;
  const Facts expected = facts_of(reader->health());

  const base::TemporaryDirectory directory;
  const std::string path = directory.write("x.trace", bytes);
  for (const unsigned threads : {1u, 2u, 5u}) {
    SCOPED_TRACE(testing::Message() << threads << " threads");
    PassOptions options;
    options.threads = threads;
    const auto counted = count_events(path, options);
    EXPECT_TRUE(counted);
    if (counted) {
      EXPECT_EQ(facts_of(counted->health), expected);
      EXPECT_LE(counted->ordered_again, ordered_again);
    }
    const auto folded = run_pass(path, options, NoFoldMaker{});
    EXPECT_TRUE(folded);
    if (folded) {
      EXPECT_EQ(facts_of(folded->health), expected);
      EXPECT_LE(folded->ordered_again, ordered_again);
    }
    options.strict = true;
    const auto strict = count_events(path, options);
    EXPECT_TRUE(strict);
    if (strict) {
      EXPECT_EQ(strict->health.total(), 0u);
    }
  }
  return reader->health();
}

/// The report of the only defect.
inline DefectReport only_report(const Health& health, Defect defect) {
  EXPECT_EQ(health.total(), 1u);
  EXPECT_EQ(health.of(defect).count, 1u);
  if (health.reports().size() != 1) return {};
  const DefectReport& report = health.reports()[0];
  EXPECT_EQ(health.of(defect).time_lost, report.time_lost);
  EXPECT_EQ(health.of(defect).bytes_lost, report.bytes_lost);
  return report;
}

/// A trace whose thread 1 logs heap sizes from 1000 ticks on, ten ticks apart, so many that they
/// take three batches.
inline TestWriter logging_trace() {
  TestWriter trace;
  trace.generation(1, 1000).proc_running();
  while (trace.bytes.size() < std::size_t{2} * wire::kMaxBatchSize) {
    trace.event(Type::HeapAlloc, {1'000'000});
  }
  for (int i = 0; i < 1000; i++) trace.event(Type::HeapAlloc, {1'000'000});
  trace.end();
  return trace;
}

/// Where the content of a trace's n-th batch of events begins, and the base time.
struct BatchPlace {
  std::size_t content = 0;
  std::size_t size = 0;
  std::uint64_t time = 0;
};
inline BatchPlace batch_of(const std::string& bytes, std::size_t n) {
  wire::GenerationScanner scanner(wire::Version::Go126, nullptr);
  wire::GenerationLayout layout;
  EXPECT_EQ(scanner.next({std::as_bytes(std::span(bytes)), 0, true}, layout),
            wire::GenerationScanner::Status::Generation);
  for (const wire::BatchRef& batch : layout.batches) {
    if (batch.kind == wire::BatchKind::Events && n-- == 0) {
      return {batch.offset, batch.size, batch.time};
    }
  }
  ADD_FAILURE() << "no such batch";
  return {};
}

constexpr Duration kTick = 64;
/// Bytes of a HeapAlloc of logging_trace(), ten ticks long.
constexpr std::size_t kLogSize = 5;

}  // namespace marey::index
