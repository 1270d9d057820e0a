// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <benchmark/benchmark.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/base/test_files.h"
#include "src/wire/event_decoder.h"
#include "src/wire/generation_scanner.h"
#include "src/wire/table_reader.h"
#include "src/wire/varint.h"

// On a real trace that stays in the cache: what the processor can do, without the memory bus.

namespace marey::wire {
namespace {

/// examples/http.trace, padded for decoding, and its generations.
struct Sample {
  std::vector<std::byte> padded;
  std::span<const std::byte> trace;
  std::vector<GenerationLayout> generations;

  Sample() {
    const std::string text = base::read_test_file("examples/http.trace");
    padded.resize(text.size() + kDecodeSlack);
    std::ranges::copy(std::as_bytes(std::span(text)), padded.begin());
    trace = std::span<const std::byte>(padded).first(text.size());
    Health health;
    GenerationScanner scanner(Version::Go126, &health);
    GenerationLayout layout;
    while (scanner.next({trace, 0, true}, layout) == GenerationScanner::Status::Generation) {
      generations.push_back(layout);
    }
  }

  /// Calls `take` with the content of each batch of events; returns their bytes.
  template <class Take>
  std::int64_t for_each_batch(Take take) const {
    std::int64_t bytes = 0;
    for (const GenerationLayout& generation : generations) {
      for (const BatchRef& batch : generation.batches) {
        if (batch.kind != BatchKind::Events) continue;
        take(trace.subspan(batch.offset, batch.size));
        bytes += batch.size;
      }
    }
    return bytes;
  }
};

const Sample& sample() {
  static const Sample sample;
  return sample;
}

/// The bytes as nothing but varints: what no decoder of events can be faster than.
void BM_Varints(benchmark::State& state) {
  std::int64_t bytes = 0;
  for (auto _ : state) {
    bytes += sample().for_each_batch([](std::span<const std::byte> batch) {
      const std::byte* p = batch.data();
      const std::byte* const end = p + batch.size();
      std::uint64_t sum = 0;
      while (p < end) {
        std::uint64_t value = 0;
        p = read_varint(p, end, value);
        if (p == nullptr) break;
        sum += value;
      }
      benchmark::DoNotOptimize(sum);
    });
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_Varints);

template <bool fast>
void decode(benchmark::State& state) {
  std::int64_t bytes = 0;
  std::int64_t events = 0;
  for (auto _ : state) {
    bytes += sample().for_each_batch([&events](std::span<const std::byte> batch) {
      const std::byte* p = batch.data();
      const std::byte* const end = p + batch.size();
      TimedEvent event;
      while (p != end) {
        const std::byte* next = fast ? decode_event_fast(p, end, event) : nullptr;
        if (next == nullptr) {
          DecodeFault fault{};
          next = decode_event_plain(p, end, event, fault);
          if (next == nullptr) break;
        }
        p = next;
        benchmark::DoNotOptimize(event);
        events++;
      }
    });
  }
  state.SetBytesProcessed(bytes);
  state.SetItemsProcessed(events);
}
void BM_DecodePlain(benchmark::State& state) { decode<false>(state); }
void BM_DecodeFast(benchmark::State& state) { decode<true>(state); }
BENCHMARK(BM_DecodePlain);
BENCHMARK(BM_DecodeFast);

void BM_FindGenerations(benchmark::State& state) {
  for (auto _ : state) {
    Health health;
    GenerationScanner scanner(Version::Go126, &health);
    GenerationLayout layout;
    while (scanner.next({sample().trace, 0, true}, layout) ==
           GenerationScanner::Status::Generation) {
      benchmark::DoNotOptimize(layout);
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(sample().trace.size()));
}
BENCHMARK(BM_FindGenerations);

void BM_ReadTables(benchmark::State& state) {
  std::int64_t bytes = 0;
  for (auto _ : state) {
    for (const GenerationLayout& generation : sample().generations) {
      Health health;
      auto tables = read_tables(generation, sample().trace, 0, 1, &health);
      benchmark::DoNotOptimize(tables);
      for (const BatchRef& batch : generation.batches) {
        if (batch.kind != BatchKind::Events) bytes += batch.size;
      }
    }
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_ReadTables);

}  // namespace
}  // namespace marey::wire
