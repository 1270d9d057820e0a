// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "marey/trace.h"

// The whole reader on any bytes: strict and tolerant, whole and in pieces.

using marey::Event;
using marey::EventKind;
using marey::Reader;

namespace {

/// Asks the event for all that it can be asked for.
void look_at(const Event& event) {
  switch (event.kind()) {
    case EventKind::Metric: (void)event.metric(); break;
    case EventKind::Label: (void)event.label(); break;
    case EventKind::RangeEnd: (void)event.range_attributes(); [[fallthrough]];
    case EventKind::RangeBegin:
    case EventKind::RangeActive: (void)event.range(); break;
    case EventKind::TaskBegin:
    case EventKind::TaskEnd: (void)event.task(); break;
    case EventKind::RegionBegin:
    case EventKind::RegionEnd: (void)event.region(); break;
    case EventKind::Log: (void)event.log(); break;
    case EventKind::StateTransition: (void)event.state_transition(); break;
    case EventKind::Sync: (void)event.sync(); break;
    case EventKind::Experimental: (void)event.experimental(); break;
    case EventKind::Bad: std::abort();
    case EventKind::StackSample: break;
  }
  const marey::Stack stack = event.stack();
  for (std::size_t i = 0; i < stack.size(); i++) (void)stack[i];
}

std::uint64_t drain(Reader& reader) {
  std::uint64_t count = 0;
  marey::Time last = INT64_MIN;
  std::span<const Event> events;
  while (reader.next_block(events) == Reader::Status::Event) {
    for (const Event& event : events) {
      if (event.time() <= last) std::abort();
      last = event.time();
      look_at(event);
      count++;
    }
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const bool strict : {false, true}) {
    auto whole = Reader::of_bytes(bytes, {strict});
    if (!whole) continue;
    const std::uint64_t count = drain(*whole);
    if (strict && whole->health().total() != 0) std::abort();
    if (!strict && whole->error()) std::abort();

    Reader fed = Reader::fed({strict});
    std::uint64_t fed_count = 0;
    const std::size_t piece = 1 + data[0] + (size > 1 ? data[1] * 16u : 0);
    for (std::size_t at = 0; at < size; at += piece) {
      fed.feed(bytes.subspan(at, std::min(piece, size - at)));
      fed_count += drain(fed);
    }
    fed.end_feed();
    fed_count += drain(fed);
    if (fed_count != count) std::abort();
  }
  return 0;
}
