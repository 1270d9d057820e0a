// SPDX-License-Identifier: Apache-2.0
#include "src/wire/lost_header.h"

#include "src/wire/batch_chain.h"
#include "src/wire/v1/records.h"

namespace marey::wire {
namespace {

/// What knows the records of all v1 traces.
constexpr Version kNewestV1 = Version::Go121;

/// The version that batches from this offset on tell: by what the first generation begins with, and
/// by what it ends with.
Version version_of_batches(const Window& window, std::uint64_t position) {
  bool has_sync = false;
  std::uint64_t generation = 0;
  for (;;) {
    const BatchHead head = read_batch_head(window, position, kNewestVersion);
    if (head.outcome == BatchHead::Outcome::EndMark) return kNewestVersion;
    if (head.outcome != BatchHead::Outcome::Batch) break;
    if (generation != 0 && head.generation != generation) {
      return has_sync ? Version::Go125 : Version::Go123;
    }
    generation = head.generation;
    has_sync = has_sync || head.batch.kind == BatchKind::Sync;
    if (head.batch.size > 0 &&
        window.from(head.batch.offset)[0] == static_cast<std::byte>(EventType::Frequency)) {
      return Version::Go123;
    }
    position = head.end();
  }
  return kNewestVersion;
}

/// Whether batches of v1 begin here: records, the first one a batch, that can all be read.
bool begins_v1_batches(const Window& window, std::uint64_t position) {
  constexpr unsigned kRecords = 64;
  if (position >= window.end()) return false;
  v1::RecordReader reader(window.from(position), kNewestV1);
  v1::Record record;
  for (unsigned i = 0; i < kRecords; i++) {
    switch (reader.skim(record)) {
      case v1::RecordReader::Outcome::Record: break;
      case v1::RecordReader::Outcome::Fault: return false;
      case v1::RecordReader::Outcome::End: return window.is_last && i > kRecords / 8;
    }
    if (i == 0 && record.type != v1::EventType::Batch) return false;
  }
  return true;
}

}  // namespace

std::optional<TraceBegin> find_trace(const Window& front) {
  // Records of v1 have no mark that one could search for: only where they ought to be.
  for (const std::uint64_t position : {kHeaderSize, std::size_t{0}}) {
    if (begins_v1_batches(front, position)) {
      const Header header{static_cast<std::uint32_t>(kNewestV1), kNewestV1, true};
      return TraceBegin{position, header, true};
    }
  }
  for (std::uint64_t position = front.offset; position < front.end(); position++) {
    const auto rest = front.from(position);
    const auto type = static_cast<EventType>(rest[0]);
    if (rest[0] == std::byte{'g'} && rest.size() >= kHeaderSize) {
      if (const auto header = read_header(rest)) return TraceBegin{position, *header, false};
    } else if ((type == EventType::EventBatch || type == EventType::ExperimentalBatch) &&
               begins_chain(front, position, {})) {
      const Version version = version_of_batches(front, position);
      const Header header{static_cast<std::uint32_t>(version), version, true};
      return TraceBegin{position, header, true};
    }
  }
  return std::nullopt;
}

}  // namespace marey::wire
