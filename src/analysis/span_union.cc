// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/span_union.h"

#include <iterator>

namespace marey::analysis {
namespace {

void add_varint(std::vector<std::uint8_t>& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<std::uint8_t>(value | 0x80));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

/// Times of damaged traces may be further apart than a Time can say.
std::uint64_t difference(Time from, Time to) {
  return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}

}  // namespace

void SpanUnion::insert(TimeSpan span) {
  const auto first = std::ranges::lower_bound(open_, span.start, {}, &TimeSpan::end);
  auto last = first;
  for (; last != open_.end() && last->start <= span.end; ++last) {
    span.start = std::min(span.start, last->start);
    span.end = std::max(span.end, last->end);
  }
  if (first == last) {
    open_.insert(first, span);
  } else {
    *first = span;
    open_.erase(std::next(first), last);
  }
}

void SpanUnion::close(std::size_t count) {
  for (std::size_t i = 0; i < count; i++) {
    const TimeSpan& span = open_[i];
    if (chunks_.empty() || chunks_.back().bytes.size() >= kChunkBytes) {
      chunks_.push_back({span.start, span.start, {}});
    }
    Chunk& chunk = chunks_.back();
    add_varint(chunk.bytes, difference(chunk.last, span.start));
    add_varint(chunk.bytes, difference(span.start, span.end));
    chunk.last = closed_until_ = span.end;
  }
  open_.erase(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(count));
}

void SpanUnion::add_late(TimeSpan span) {
  late_.push_back(span);
  if (late_.size() < most_late_) return;
  late_ = united(std::move(late_));
  most_late_ = std::max(most_late_, 2 * late_.size());
}

void SpanUnion::merge(SpanUnion& next) {
  for (const TimeSpan& span : std::exchange(next.late_, {})) add_late(span);
  if (!next.chunks_.empty()) {
    const Time border = next.chunks_.front().first;
    // Pieces follow each other: what of this one reaches into the next is little.
    if (closed_until_ < border) {
      std::size_t before = 0;
      while (before < open_.size() && open_[before].end < border) before++;
      close(before);
      for (const TimeSpan& span : std::exchange(open_, {})) add_late(span);
      std::ranges::move(next.chunks_, std::back_inserter(chunks_));
      closed_until_ = next.closed_until_;
    } else {
      for (const Chunk& chunk : next.chunks_) {
        for_each_of(chunk, [&](TimeSpan span) { add_late(span); });
      }
    }
    next.chunks_.clear();
  }
  for (const TimeSpan& span : std::exchange(next.open_, {})) add(span.start, span.end);
}

std::vector<TimeSpan> SpanUnion::united(std::vector<TimeSpan> spans) {
  std::ranges::sort(spans, {}, &TimeSpan::start);
  std::size_t count = 0;
  for (const TimeSpan& span : spans) {
    if (count > 0 && span.start <= spans[count - 1].end) {
      spans[count - 1].end = std::max(spans[count - 1].end, span.end);
    } else {
      spans[count++] = span;
    }
  }
  spans.resize(count);
  return spans;
}

std::vector<TimeSpan> SpanUnion::spans() const {
  std::vector<TimeSpan> all;
  for_each([&](TimeSpan span) { all.push_back(span); });
  return all;
}

}  // namespace marey::analysis
