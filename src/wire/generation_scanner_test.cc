// SPDX-License-Identifier: Apache-2.0
#include "src/wire/generation_scanner.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "src/wire/header.h"
#include "src/wire/varint.h"

namespace marey::wire {
namespace {

using Bytes = std::vector<std::byte>;

void add_batch(Bytes& trace, std::uint64_t generation, std::uint64_t thread, std::size_t size) {
  trace.push_back(static_cast<std::byte>(EventType::EventBatch));
  append_varint(trace, generation);
  append_varint(trace, thread);
  append_varint(trace, 1000);  // time
  append_varint(trace, size);
  trace.insert(trace.end(), size, static_cast<std::byte>(EventType::ProcStop));
}

/// What a tolerant scanner says of `trace`, given `piece` bytes more each time it asks, without
/// those that it does not need any more: a line for each generation, and one for each defect.
std::string scan(const Bytes& trace, std::size_t piece, Version version = Version::Go123) {
  Health health;
  GenerationScanner scanner(version, &health);
  GenerationLayout layout;
  std::string text;
  std::size_t visible = std::clamp(piece, kHeaderSize, trace.size());
  for (;;) {
    const bool all = visible == trace.size();
    const auto keep = static_cast<std::size_t>(scanner.keep_from());
    const auto window = std::span(trace).first(visible).subspan(keep);
    switch (scanner.next({window, keep, all}, layout)) {
      case GenerationScanner::Status::NeedMore:
        visible = std::min(trace.size(), visible + piece);
        break;
      case GenerationScanner::Status::Generation:
        text += "generation " + std::to_string(layout.number) + ": " +
                std::to_string(layout.batches.size()) + " batches\n";
        break;
      case GenerationScanner::Status::End:
        for (const DefectReport& report : health.reports()) {
          text += std::to_string(report.offset) + ": " + report.detail + '\n';
        }
        return text;
      case GenerationScanner::Status::Error: return text + scanner.error().message;
    }
  }
}

void expect_same_in_pieces(const Bytes& trace, const std::string& expected,
                           Version version = Version::Go123) {
  for (const std::size_t piece : {trace.size(), std::size_t{1}, std::size_t{7}, std::size_t{40},
                                  std::size_t{1000}, std::size_t{200000}}) {
    EXPECT_EQ(scan(trace, piece, version), expected) << "in pieces of " << piece;
  }
}

TEST(GenerationScanner, AStrayBatchIsOneHoweverTheTraceIsFed) {
  // Whether a batch of generation 5 is stray, the batch behind it tells, and all of that may be yet
  // to come.
  Bytes trace(kHeaderSize);
  add_batch(trace, 1, 10, 30);
  const std::size_t stray = trace.size();
  add_batch(trace, 5, 10, 30);
  add_batch(trace, 1, 11, 30);
  add_batch(trace, 2, 10, 30);
  expect_same_in_pieces(trace, "generation 1: 2 batches\ngeneration 2: 1 batches\n" +
                                   std::to_string(stray) +
                                   ": a batch of generation 5 among those of 1\n");
}

TEST(GenerationScanner, LostGenerationsAreLostHoweverTheTraceIsFed) {
  Bytes trace(kHeaderSize);
  add_batch(trace, 1, 10, 30);
  const std::size_t lost = trace.size();
  add_batch(trace, 5, 10, 30);
  add_batch(trace, 5, 11, 30);
  expect_same_in_pieces(trace, "generation 1: 1 batches\ngeneration 5: 2 batches\n" +
                                   std::to_string(lost) + ": generations 2 to 4 are missing\n");
}

TEST(GenerationScanner, ForeignBytesEndAtTheSamePlaceHoweverTheTraceIsFed) {
  Bytes trace(kHeaderSize);
  add_batch(trace, 1, 10, 30);
  const std::size_t foreign = trace.size();
  trace.push_back(std::byte{0xff});
  add_batch(trace, 1, 10, 30);  // looks like a batch, but what follows does not
  trace.resize(trace.size() + 300000, std::byte{0xee});
  add_batch(trace, 1, 11, kMaxBatchSize);
  add_batch(trace, 2, 10, kMaxBatchSize);
  expect_same_in_pieces(trace, "generation 1: 2 batches\ngeneration 2: 1 batches\n" +
                                   std::to_string(foreign) +
                                   ": expected batch event, got event 255\n");
}

TEST(GenerationScanner, EndMarksOfNothingAreForeignBytes) {
  constexpr auto kEndMark = static_cast<std::byte>(EventType::EndOfGeneration);
  Bytes trace(kHeaderSize);
  trace.push_back(kEndMark);
  add_batch(trace, 1, 10, 30);
  add_batch(trace, 1, 11, kMaxBatchSize);
  trace.push_back(kEndMark);
  const std::size_t between = trace.size();
  trace.resize(between + 2, kEndMark);
  add_batch(trace, 2, 10, 30);
  add_batch(trace, 2, 11, kMaxBatchSize);
  trace.push_back(kEndMark);
  const std::size_t last = trace.size();
  trace.push_back(kEndMark);
  const auto defect = [](std::size_t offset) {
    return std::to_string(offset) + ": an end mark of nothing\n";
  };
  expect_same_in_pieces(trace,
                        "generation 1: 2 batches\ngeneration 2: 2 batches\n" + defect(kHeaderSize) +
                            defect(between) + defect(between + 1) + defect(last),
                        Version::Go126);
}

/// A batch as the runtime writes it: the length takes as many bytes as a number can.
void add_padded_batch(Bytes& trace, std::uint64_t generation, std::uint64_t thread,
                      const Bytes& content) {
  trace.push_back(static_cast<std::byte>(EventType::EventBatch));
  append_varint(trace, generation);
  append_varint(trace, thread);
  append_varint(trace, 1'000'000'000);  // time
  for (unsigned i = 0; i + 1 < kMaxVarintSize; i++) {
    trace.push_back(static_cast<std::byte>(((content.size() >> (7 * i)) & 0x7f) | 0x80));
  }
  trace.push_back(std::byte{0});
  trace.insert(trace.end(), content.begin(), content.end());
}

/// Events that look like a chain of batches of generation 21, one byte of content each.
Bytes deceptive_content() {
  Bytes content;
  for (unsigned i = 0; i < 200; i++) {
    for (const unsigned byte : {11, 1, 21, 1, 1, 1})
      content.push_back(static_cast<std::byte>(byte));
  }
  return content;
}

TEST(GenerationScanner, EventsThatLookLikeBatchesDoNotHideTheRealOnes) {
  Bytes trace(kHeaderSize);
  for (const std::uint64_t generation : {1, 2, 3}) {
    for (const std::uint64_t thread : {10, 11, 12}) {
      add_padded_batch(trace, generation, thread, deceptive_content());
    }
  }
  const std::size_t lost = (trace.size() - kHeaderSize) / 9;
  std::fill_n(trace.begin() + kHeaderSize, 3, std::byte{0});
  expect_same_in_pieces(trace,
                        "generation 1: 2 batches\ngeneration 2: 3 batches\n"
                        "generation 3: 3 batches\n16: expected batch event, got event 0\n");
  // In the middle, too, and where many bytes are gone.
  const auto second = trace.begin() + static_cast<std::ptrdiff_t>(kHeaderSize + 4 * lost);
  trace.erase(second + 5, second + 45);
  const std::string text = scan(trace, trace.size());
  EXPECT_TRUE(text.starts_with("generation 1: 2 batches\ngeneration 2: ")) << text;
  EXPECT_NE(text.find("generation 3: 3 batches\n"), text.npos) << text;
}

TEST(GenerationScanner, ABatchThatRunsOverTheNextOnesIsCut) {
  Bytes trace(kHeaderSize);
  const Bytes content(100, static_cast<std::byte>(EventType::ProcStop));
  add_padded_batch(trace, 1, 10, content);
  const std::size_t damaged = trace.size();
  add_padded_batch(trace, 1, 11, content);
  const std::size_t next = trace.size();
  for (const std::uint64_t thread : {10, 11, 12}) add_padded_batch(trace, 2, thread, content);
  trace[next - content.size() - kMaxVarintSize + 1] = std::byte{0x81};  // 128 bytes more
  const std::string text = scan(trace, trace.size());
  EXPECT_TRUE(text.starts_with("generation 1: 2 batches\ngeneration 2: 3 batches\n" +
                               std::to_string(damaged) + ": its length leads into another batch"))
      << text;
  expect_same_in_pieces(trace, text);
}

TEST(GenerationScanner, ATraceBehindAKilledOneIsRead) {
  const std::string header("go 1.23 trace\0\0\0", kHeaderSize);
  Bytes second;
  for (const char c : header) second.push_back(static_cast<std::byte>(c));
  const Bytes content(1000, static_cast<std::byte>(EventType::ProcStop));
  for (const std::uint64_t thread : {10, 11}) add_padded_batch(second, 1, thread, content);
  Bytes first(kHeaderSize);
  add_padded_batch(first, 7, 10, content);
  const std::size_t last = first.size();
  add_padded_batch(first, 7, 11, Bytes(500, static_cast<std::byte>(EventType::ProcStop)));
  // Wherever the first one ends: in a head, in the content, between two batches. (Not where the
  // second header completes the cut batch to the byte: that is a whole batch to anybody.)
  for (std::size_t size = last; size <= first.size(); size++) {
    if (size + kHeaderSize == first.size()) continue;
    Bytes trace(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(size));
    trace.insert(trace.end(), second.begin(), second.end());
    const std::string text = scan(trace, trace.size());
    EXPECT_TRUE(text.starts_with("generation 7: ")) << "cut at " << size << ": " << text;
    EXPECT_NE(text.find("generation 1: 2 batches\n"), text.npos) << "cut at " << size << text;
    EXPECT_NE(text.find(std::to_string(size) + ": a trace header in the middle of the file\n"),
              text.npos)
        << "cut at " << size << text;
    EXPECT_EQ(scan(trace, 7), text) << "cut at " << size;
  }
}

TEST(GenerationScanner, AV1TraceIsLeftOutAsAWhole) {
  const auto append = [](Bytes& trace, const std::string& text) {
    for (const char c : text) trace.push_back(static_cast<std::byte>(c));
  };
  const Bytes content(100, static_cast<std::byte>(EventType::ProcStop));
  Bytes trace(kHeaderSize);
  for (int i = 0; i < 3; i++) add_padded_batch(trace, 7, 10, content);
  const std::size_t v1 = trace.size();
  append(trace, std::string("go 1.21 trace\0\0\0", kHeaderSize));
  for (int i = 0; i < 3; i++) add_padded_batch(trace, 8, 10, content);  // looks like batches
  const std::size_t rest = trace.size();
  const std::string advice = std::to_string(v1) + ": a trace of format go 1.21; 'tail -c +" +
                             std::to_string(v1 + 1) +
                             " FILE > second.trace' makes it a file of its own\n";
  expect_same_in_pieces(trace, "generation 7: 3 batches\n" + advice);

  append(trace, std::string("go 1.23 trace\0\0\0", kHeaderSize));
  add_padded_batch(trace, 1, 10, content);
  expect_same_in_pieces(trace, "generation 7: 3 batches\ngeneration 1: 1 batches\n" + advice +
                                   std::to_string(rest) +
                                   ": a trace header in the middle of the file\n");
}

TEST(GenerationScanner, ALoneBatchBeforeAnotherTraceIsNotSearchedForAgain) {
  const Bytes content(100, static_cast<std::byte>(EventType::ProcStop));
  Bytes trace(kHeaderSize);
  add_padded_batch(trace, 1, 10, content);
  trace.resize(trace.size() + 10);
  add_padded_batch(trace, 5, 10, content);
  for (const char c : std::string("go 1.23 trace\0\0\0", kHeaderSize)) {
    trace.push_back(static_cast<std::byte>(c));
  }
  add_padded_batch(trace, 1, 10, content);
  const std::string text = scan(trace, trace.size());
  EXPECT_TRUE(
      text.starts_with("generation 1: 1 batches\ngeneration 5: 1 batches\n"
                       "generation 1: 1 batches\n"))
      << text;
  expect_same_in_pieces(trace, text);
}

TEST(GenerationScanner, AWrongNumberCostsNoOtherGeneration) {
  const Bytes content(100, static_cast<std::byte>(EventType::ProcStop));
  for (const std::uint64_t number : std::vector<std::uint64_t>{26, 1000000, ~std::uint64_t{0}}) {
    Bytes trace(kHeaderSize);
    std::string expected;
    for (const std::uint64_t generation : std::vector<std::uint64_t>{1, 2, number, 4, 5}) {
      for (const std::uint64_t thread : {10, 11, 12}) {
        add_padded_batch(trace, generation, thread, content);
      }
      expected += "generation " + std::to_string(generation) + ": 3 batches\n";
    }
    const std::string text = scan(trace, trace.size());
    EXPECT_TRUE(text.starts_with(expected)) << text;
    expect_same_in_pieces(trace, text);
  }
}

TEST(GenerationScanner, AWrongNumberInOneHeadCostsOneBatch) {
  const Bytes content(100, static_cast<std::byte>(EventType::ProcStop));
  for (std::size_t wrong = 1; wrong < 6; wrong++) {
    Bytes trace(kHeaderSize);
    for (std::size_t i = 0; i < 9; i++) {
      add_padded_batch(trace, i == wrong ? 1000 : 1 + i / 3, 10 + i % 3, content);
    }
    const std::string text = scan(trace, trace.size());
    EXPECT_TRUE(text.starts_with(wrong < 3 ? "generation 1: 2 batches\ngeneration 2: 3 batches\n"
                                           : "generation 1: 3 batches\ngeneration 2: 2 batches\n"))
        << wrong << ": " << text;
    EXPECT_NE(text.find("generation 3: 3 batches\n"), text.npos) << wrong << ": " << text;
    expect_same_in_pieces(trace, text);
  }
}

TEST(GenerationScanner, AMissingGenerationIsADefect) {
  Bytes trace(kHeaderSize);
  std::vector<std::size_t> offsets;
  for (const std::uint64_t generation : {1, 3, 7, 6}) {
    offsets.push_back(trace.size());
    add_batch(trace, generation, 10, 30);
    add_batch(trace, generation, 11, 30);
  }
  expect_same_in_pieces(
      trace,
      "generation 1: 2 batches\ngeneration 3: 2 batches\ngeneration 7: 2 batches\n"
      "generation 6: 2 batches\n" +
          std::to_string(offsets[1]) + ": generation 2 is missing\n" + std::to_string(offsets[2]) +
          ": generations 4 to 6 are missing\n" + std::to_string(offsets[3]) +
          ": generation 6 comes after generation 7\n");
}

TEST(GenerationScanner, EmptyBatchesCountOnlyForExperiments) {
  Bytes trace(kHeaderSize);
  add_batch(trace, 1, 10, 0);
  trace.push_back(static_cast<std::byte>(EventType::ExperimentalBatch));
  append_varint(trace, 1);     // experiment
  append_varint(trace, 1);     // generation
  append_varint(trace, 12);    // thread
  append_varint(trace, 1000);  // time
  append_varint(trace, 0);     // size
  add_batch(trace, 1, 11, 0);
  add_batch(trace, 1, 10, 30);
  expect_same_in_pieces(trace, "generation 1: 2 batches\n");
}

TEST(GenerationScanner, StrictlyNothingIsOneGeneration) {
  GenerationScanner scanner(Version::Go123, nullptr);
  GenerationLayout layout;
  const Bytes trace(kHeaderSize);
  const auto rest = std::span(trace).subspan(kHeaderSize);
  EXPECT_EQ(scanner.next({rest, kHeaderSize, false}, layout), GenerationScanner::Status::NeedMore);
  ASSERT_EQ(scanner.next({rest, kHeaderSize, true}, layout), GenerationScanner::Status::Generation);
  EXPECT_TRUE(layout.batches.empty());
  EXPECT_EQ(scanner.next({rest, kHeaderSize, true}, layout), GenerationScanner::Status::End);
}

}  // namespace
}  // namespace marey::wire
