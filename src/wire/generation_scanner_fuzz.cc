// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "src/wire/event_decoder.h"
#include "src/wire/header.h"
#include "src/wire/table_reader.h"

// Finds the generations in any bytes, strict and tolerant, whole and in pieces, and reads their
// tables. Pieces must give what the whole gives: generations, defects and errors.

using namespace marey;
using Status = wire::GenerationScanner::Status;

namespace {

void expect(bool condition) {
  if (!condition) std::abort();
}

void append(std::string& text, std::uint64_t number) { text += std::to_string(number) + ' '; }

void append(std::string& text, const wire::GenerationLayout& layout) {
  for (const std::uint64_t number :
       {layout.number, layout.begin, layout.end, layout.min_time,
        static_cast<std::uint64_t>(layout.version), static_cast<std::uint64_t>(layout.whole),
        static_cast<std::uint64_t>(layout.starts_trace)}) {
    append(text, number);
  }
  for (const wire::BatchRef& batch : layout.batches) {
    for (const std::uint64_t number :
         {batch.offset, batch.time, static_cast<std::uint64_t>(raw(batch.thread)),
          std::uint64_t{batch.size}, std::uint64_t{batch.experiment},
          static_cast<std::uint64_t>(batch.kind)}) {
      append(text, number);
    }
  }
  text += '\n';
}

void append(std::string& text, const Health& health) {
  append(text, health.total());
  append(text, health.bytes_lost());
  for (const DefectReport& report : health.reports()) {
    for (const std::uint64_t number : {static_cast<std::uint64_t>(report.defect), report.offset,
                                       report.generation, report.bytes_lost}) {
      append(text, number);
    }
    text += report.detail + '\n';
  }
}

/// What the scanner says of `trace`, given `piece` bytes more each time it asks, without those that
/// it does not need any more.
std::string scan(std::span<const std::byte> trace, wire::Version version, bool strict,
                 std::size_t piece) {
  Health health;
  wire::GenerationScanner scanner(version, strict ? nullptr : &health);
  wire::GenerationLayout layout;
  std::string text;
  std::size_t visible = std::clamp(piece, wire::kHeaderSize, trace.size());
  for (;;) {
    const bool all = visible == trace.size();
    const std::uint64_t keep = scanner.keep_from();
    switch (scanner.next({trace.first(visible).subspan(keep), keep, all}, layout)) {
      case Status::NeedMore:
        expect(!all);
        visible = std::min(trace.size(), visible + piece);
        continue;
      case Status::Generation: {
        append(text, layout);
        expect(layout.end <= trace.size() && layout.begin <= layout.end);
        std::uint64_t bytes = 0;
        for (const wire::BatchRef& batch : layout.batches) {
          expect(batch.offset + batch.size <= trace.size());
          expect(batch.size != 0 || batch.kind == wire::BatchKind::Experimental);
          bytes += batch.size;
        }
        expect(bytes <= trace.size());
        Health damage;
        const auto tables = wire::read_tables(layout, trace, 0, 0, strict ? nullptr : &damage);
        expect(tables || strict);
        continue;
      }
      case Status::End:
        expect(!strict || health.total() == 0);
        append(text, health);
        return text + "end";
      case Status::Error:
        expect(strict && !scanner.error().message.empty());
        return text + scanner.error().message;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 17) return 0;
  constexpr wire::Version kVersions[]{wire::Version::Go122, wire::Version::Go123,
                                      wire::Version::Go125, wire::Version::Go126};
  const wire::Version version = kVersions[data[0] % 4];
  const auto bytes = std::as_bytes(std::span(data, size));
  std::vector<std::byte> padded(bytes.begin(), bytes.end());
  padded.resize(size + wire::kDecodeSlack);
  const auto trace = std::span<const std::byte>(padded).first(size);
  for (const bool strict : {false, true}) {
    const std::string whole = scan(trace, version, strict, size);
    expect(scan(trace, version, strict, 1U + data[1]) == whole);
  }
  return 0;
}
