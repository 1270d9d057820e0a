// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>
#include <cstdint>
#include <string>

#include "marey/trace.h"

#include "src/base/test_files.h"
#include "src/export/event_text.h"

namespace marey::exporting {
namespace {

/// -d=parsed of a real trace, reading included.
void BM_ParsedText(benchmark::State& state) {
  const std::string path = base::test_file("examples/http.trace").string();
  std::int64_t bytes = 0;
  std::string out;
  for (auto _ : state) {
    auto reader = Reader::open(path);
    if (!reader) return state.SkipWithError(reader.error().message.c_str());
    EventText text;
    out.clear();
    reader->for_each([&](const Event& event) { text.append(out, event); });
    benchmark::DoNotOptimize(out);
    bytes += static_cast<std::int64_t>(out.size());
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_ParsedText);

}  // namespace
}  // namespace marey::exporting
