// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/proc_cursor.h"

#include <algorithm>
#include <cstring>

#include "src/wire/varint.h"

namespace marey::order::v1 {
namespace {

using wire::v1::Layout;

/// The varint at `p`, and the position behind it; the end of the bytes if there is none.
const std::byte* careful_varint(const std::byte* p, const std::byte* end, std::uint64_t& value) {
  value = 0;
  const std::byte* const next = wire::read_varint(p, end, value);
  return next == nullptr ? end : next;
}

const std::byte* advance(const std::byte* p, const std::byte* end, std::uint64_t size) {
  return size < static_cast<std::uint64_t>(end - p) ? p + size : end;
}

}  // namespace

ProcCursor::ProcCursor(std::span<const std::byte> bytes, const BatchIndex& index, std::size_t proc,
                       Judgement judgement)
    : bytes_(bytes.first(index.end)),
      index_(&index),
      proc_(&index.procs[proc]),
      gap_(index.gaps.size()),
      strict_(judgement == Judgement::Strict) {}

void ProcCursor::set_limit(const std::byte* limit) {
  // The fast decoder reads somewhat behind a record.
  constexpr std::size_t kSlack = wire::v1::kDecodeSlack - kPadding;
  limit_ = limit;
  fast_limit_ = bytes_.size() < kSlack ? bytes_.data() : std::min(limit, end() - kSlack);
}

std::uint64_t ProcCursor::read_header(BatchRef batch, const std::byte*& behind) const {
  std::uint64_t id;
  std::uint64_t ticks;
  behind = bytes_.data() + std::min<std::uint64_t>(batch.offset() + 1, bytes_.size());
  behind = careful_varint(behind, end(), id);
  behind = careful_varint(behind, end(), ticks);
  return ticks;
}

bool ProcCursor::next_batch() {
  if (next_ == proc_->batches.size()) return false;
  const BatchRef ref = proc_->batches[next_++];
  const std::uint64_t ticks = read_header(ref, at_);
  set_limit(end());
  gap_ = index_->gaps.size();
  if (strict_) {
    last_ticks_ = ticks;
    return true;
  }
  if (ref.damaged()) {
    const auto gap = std::lower_bound(
        index_->gaps.begin(), index_->gaps.end(), ref.offset(),
        [](const BatchIndex::Gap& a, std::uint64_t offset) { return a.begin < offset; });
    gap_ = static_cast<std::size_t>(gap - index_->gaps.begin());
    if (gap != index_->gaps.end()) set_limit(bytes_.data() + gap->begin);
  }
  set_times(ticks);
  return true;
}

/// Tolerant: the batch says that it begins at `claimed`; keeps it within the trace, and within its
/// neighbours.
void ProcCursor::set_times(std::uint64_t claimed) {
  // Clocks may differ a little, and then it is not for us to say which is right.
  constexpr std::uint64_t kFar = std::uint64_t{1} << 32;
  const auto is_before = [](std::uint64_t a, std::uint64_t b) { return a < b && b - a > kFar; };
  const auto within_trace = [&](std::uint64_t ticks) {
    return std::clamp(ticks, index_->first_ticks, index_->last_ticks);
  };
  const std::vector<BatchRef>& batches = proc_->batches;
  const bool has_last = has_last_;
  const std::uint64_t last = last_ticks_;
  const std::uint64_t ticks = within_trace(claimed);
  const bool is_outside = ticks != claimed;
  if (batches[next_ - 1].has_samples()) {
    // Nothing in it goes by its time.
    if (!has_last) last_ticks_ = ticks;
    return;
  }
  has_last_ = true;
  last_ticks_ = ticks;
  const auto following = [&](std::size_t batch) {
    while (batch < batches.size() && batches[batch].has_samples()) batch++;
    return batch;
  };
  const std::size_t next_batch = following(next_);
  if (next_batch == batches.size()) {
    if (has_last && (is_outside || is_before(ticks, last))) last_ticks_ = last;
    constexpr std::uint64_t kMost = INT64_MAX;
    const std::uint64_t end = std::min(index_->last_ticks, kMost);
    max_ticks_ = end + std::min(index_->longest_pause, kMost - end);
  } else {
    const std::byte* behind;
    const auto start_of = [&](std::size_t batch) {
      return within_trace(read_header(batches[batch], behind));
    };
    const std::uint64_t next = start_of(next_batch);
    // Of the first two batches either may be wrong; the third one knows.
    const auto is_next_wrong = [&] {
      const std::size_t third = following(next_batch + 1);
      return third < batches.size() && !is_before(start_of(third), ticks);
    };
    if (has_last && last <= next &&
        (is_outside || is_before(ticks, last) || is_before(next, ticks))) {
      last_ticks_ = last;
    } else if (!has_last && (is_outside || (is_before(next, ticks) && !is_next_wrong()))) {
      last_ticks_ = next;
    }
    // A batch that claims to begin before this one says nothing about this one.
    max_ticks_ = next >= last_ticks_ ? next : INT64_MAX;
  }
  if (last_ticks_ != claimed) counts_.clamped++;
}

/// The event, `delta` ticks behind the one before, comes too late.
void ProcCursor::clamp_time(std::uint64_t delta, Event& event) {
  if (strict_) return;
  // A leap beyond all reason says nothing; the events behind it may be right about the rest.
  last_ticks_ = delta > index_->longest_pause ? last_ticks_ - delta : max_ticks_;
  event.ticks = static_cast<std::int64_t>(last_ticks_);
  counts_.clamped++;
}

bool ProcCursor::cross_gap() {
  while (at_ >= limit_) {
    if (gap_ == index_->gaps.size()) return false;
    const std::byte* const behind = bytes_.data() + index_->gaps[gap_].end;
    at_ = std::max(at_, behind);
    gap_++;
    set_limit(gap_ == index_->gaps.size() ? end() : bytes_.data() + index_->gaps[gap_].begin);
  }
  return true;
}

bool ProcCursor::decode_at_end(EventType type, Event& event) {
  // As usual, but in a copy that has bytes enough behind it.
  const std::byte* const start = at_;
  const auto left = static_cast<std::size_t>(end() - start);
  std::array<std::byte, 2 * wire::v1::kDecodeSlack> copy{};
  std::memcpy(copy.data(), start, std::min(left, copy.size()));
  const bool is_event = decode(type, copy.data(), event);
  at_ = advance(start, end(), static_cast<std::uint64_t>(at_ - copy.data()));
  if (type == EventType::UserLog) {
    event.args[3] = position();
    skip_text();
  }
  return is_event;
}

void ProcCursor::skip_text() {
  std::uint64_t size;
  at_ = careful_varint(at_, end(), size);
  at_ = advance(at_, end(), size);
}

void ProcCursor::skip_record() {
  const auto first = std::to_integer<unsigned>(*at_);
  std::uint64_t value;
  const std::byte* p = at_ + 1;
  if (wire::v1::spec_of(static_cast<EventType>(first & 63)).layout == Layout::String) {
    p = careful_varint(p, end(), value);
    p = careful_varint(p, end(), value);
    at_ = advance(p, end(), value);
  } else if (const unsigned count = (first >> 6) + 1; count <= 3) {
    for (unsigned i = 0; i < count; i++) p = careful_varint(p, end(), value);
    at_ = p;
  } else {
    p = careful_varint(p, end(), value);
    at_ = advance(p, end(), value);
  }
}

}  // namespace marey::order::v1
