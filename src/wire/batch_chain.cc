// SPDX-License-Identifier: Apache-2.0
#include "src/wire/batch_chain.h"

#include <algorithm>

#include "src/wire/header.h"

namespace marey::wire {
namespace {

/// Batches that lie side by side begin at most these many ticks apart, that is, an hour if a tick
/// is a nanosecond. A longer pause (the machine slept) costs no more than the batches beside it.
constexpr std::uint64_t kMaxGap = std::uint64_t{1} << 42;
/// Bytes of a batch's content that are looked at, so that a search costs the same everywhere.
constexpr std::size_t kLooked = 256;
/// The runtime counts threads from 0 on.
constexpr std::int64_t kMaxThread = std::int64_t{1} << 32;

/// Whether the content of a batch of events or of a table may begin with this byte.
bool may_begin(std::byte first) {
  switch (const auto type = static_cast<EventType>(first)) {
    case EventType::Strings:
    case EventType::Stacks:
    case EventType::CPUSamples:
    case EventType::Frequency:
    case EventType::Sync: return true;
    default: return spec_of(type).timed();
  }
}

/// Whether a head may be that of a batch that the runtime has written.
bool is_sound(const BatchHead& head, const Window& window, bool has_padding) {
  if (head.generation == 0 || head.batch.size == 0) return false;
  // The runtime reserves room for the length and fills it in later: a signature of ten bytes.
  // Events that repeat themselves look like batches surprisingly often.
  if (has_padding && !head.padded) return false;
  const std::int64_t thread = raw(head.batch.thread);
  if (head.batch.thread != kNoThread && (thread < 0 || thread > kMaxThread)) return false;
  if (head.batch.experiment != 0) {
    return head.padded && head.batch.experiment == static_cast<std::uint8_t>(Experiment::AllocFree);
  }
  const auto content = window.from(head.batch.offset).first(head.batch.size);
  if (!may_begin(content[0])) return false;
  return head.padded || decodable_size(content, kLooked) >= std::min(content.size(), kLooked);
}

}  // namespace

bool begins_chain(const Window& window, std::uint64_t position, const ChainContext& context) {
  using Outcome = BatchHead::Outcome;
  unsigned heads = 0;
  bool behind_mark = false;
  bool near = false;  // the first head's number is one that may come here
  BatchHead last;
  for (;;) {
    const BatchHead head = read_batch_head(window, position, context.version);
    switch (head.outcome) {
      case Outcome::EndOfInput: return heads >= 2 || (heads == 1 && near);
      case Outcome::Truncated:
        return heads >= 2 || (heads == 1 && near && head.generation - last.generation <= 1);
      case Outcome::EndMark:
        // A single byte is no evidence, but there may be one between two generations.
        if (context.version >= Version::Go126 && heads > 0 && !behind_mark) {
          behind_mark = true;
          position++;
          continue;
        }
        return heads >= 2 && near;
      case Outcome::Invalid:
        return (heads >= 1 && begins_trace(window.from(position))) || (heads >= 2 && near);
      case Outcome::Batch: break;
    }
    if (!is_sound(head, window, context.has_padding)) return heads >= 2 && near;
    if (heads == 0) {
      near = context.generation != 0 && head.generation - context.generation <= 2;
    } else {
      const bool follows = head.generation - last.generation <= 1 ||
                           (behind_mark && head.generation > last.generation);
      const std::uint64_t gap = head.batch.time > last.batch.time
                                    ? head.batch.time - last.batch.time
                                    : last.batch.time - head.batch.time;
      if (!follows || gap > kMaxGap) return heads >= 2 && near;
    }
    if (++heads == kChainLength) return true;
    behind_mark = false;
    last = head;
    position = head.end();
  }
}

}  // namespace marey::wire
