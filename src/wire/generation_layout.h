// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "marey/ids.h"

#include "src/wire/event_types.h"

namespace marey::wire {

/// What a batch holds, read off its first byte.
enum class BatchKind : std::uint8_t { Events, Strings, Stacks, CPUSamples, Sync, Experimental };

/// A batch, by where its content lies.
struct BatchRef {
  std::uint64_t offset = 0;  ///< byte offset of the content in the trace
  std::uint64_t time = 0;    ///< base time stamp, in ticks
  ThreadID thread = kNoThread;
  std::uint32_t size = 0;  ///< bytes of content; only of an experiment 0
  std::uint8_t experiment = 0;
  BatchKind kind = BatchKind::Events;
};
static_assert(sizeof(BatchRef) == 32);

/// The batches of one generation, in file order.
struct GenerationLayout {
  std::uint64_t number = 0;    ///< the runtime's number of the generation
  std::uint64_t begin = 0;     ///< byte offset of its first batch's header
  std::uint64_t end = 0;       ///< byte offset behind its last byte
  std::uint64_t min_time = 0;  ///< earliest base time stamp of its batches, in ticks
  std::vector<BatchRef> batches;
  Version version = kNewestVersion;
  bool whole = true;          ///< false: the file ends before the generation does
  bool starts_trace = false;  ///< a second trace's header lies before it: states start anew
};

}  // namespace marey::wire
