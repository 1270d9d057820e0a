// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <cstdint>
#include <span>
#include <string>

#include "marey/trace.h"

#include "src/base/test_files.h"

// The whole way from bytes to ordered, checked events, on one thread.

namespace marey {
namespace {

void read(benchmark::State& state, const char* file) {
  const std::string path = base::test_file(file).string();
  std::int64_t bytes = 0;
  std::int64_t events = 0;
  for (auto _ : state) {
    auto reader = Reader::open(path);
    if (!reader) return state.SkipWithError(reader.error().message.c_str());
    std::span<const Event> block;
    while (reader->next_block(block) == Reader::Status::Event) {
      events += static_cast<std::int64_t>(block.size());
    }
    bytes += static_cast<std::int64_t>(reader->info().bytes);
  }
  state.SetBytesProcessed(bytes);
  state.SetItemsProcessed(events);
}

void BM_Read(benchmark::State& state) { read(state, "examples/http.trace"); }
void BM_ReadV1(benchmark::State& state) { read(state, "testdata/traces/http-1.21.trace"); }
BENCHMARK(BM_Read);
BENCHMARK(BM_ReadV1);

}  // namespace
}  // namespace marey
