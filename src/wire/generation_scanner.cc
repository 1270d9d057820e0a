// SPDX-License-Identifier: Apache-2.0
#include "src/wire/generation_scanner.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "src/wire/header.h"
#include "src/wire/varint.h"

namespace marey::wire {

/// What one look at the bytes found.
struct GenerationScanner::Scan {
  enum class Outcome : std::uint8_t {
    Batch,
    EndMark,
    EndOfInput,  // no byte left, or nothing but an experiment's type: Go takes both for the end
    Truncated,   // the header or the content ends early: more bytes, or an error
    Invalid,
  };
  Outcome outcome = Outcome::Invalid;
  std::string message;  // Go's, where truncated or invalid
  std::uint64_t start = 0;
  std::uint64_t generation = 0;
  BatchRef batch;
  bool padded = false;  // the length takes as many bytes as a length can
  std::uint64_t end() const { return batch.offset + batch.size; }
};

namespace {

/// Reads one varint of a header; false with Go's message (of binary.ReadUvarint) otherwise.
bool read_field(const std::byte*& p, const std::byte* end, std::uint64_t& value,
                std::string_view what, bool& truncated, std::string& message) {
  const std::byte* const next = read_varint(p, end, value);
  if (next != nullptr) {
    p = next;
    return true;
  }
  truncated = static_cast<std::size_t>(end - p) < kMaxVarintSize &&
              std::all_of(p, end, [](std::byte b) { return (b & std::byte{0x80}) != std::byte{}; });
  message = fmt::format("error reading batch {}: {}", what,
                        !truncated ? "binary: varint overflows a 64-bit integer"
                        : p == end ? "EOF"
                                   : "unexpected EOF");
  return false;
}

bool starts_v2_trace(std::span<const std::byte> bytes) {
  const auto header = read_header(bytes);
  return bytes.size() >= kHeaderSize && header && !is_v1(header->version);
}

/// How many batches, each of which ends where the next one begins, are beyond doubt.
constexpr unsigned kChain = 3;
/// Batches that lie side by side begin at most these many ticks apart, that is, an hour if a tick
/// is a nanosecond. A longer pause (the machine slept) costs no more than the batches beside it.
constexpr std::uint64_t kMaxGap = std::uint64_t{1} << 42;
/// More batches than these in a row are a generation, even where another one goes on behind them.
constexpr unsigned kStrays = 4;
/// The runtime counts threads from 0 on.
constexpr std::int64_t kMaxThread = std::int64_t{1} << 32;

BatchKind kind_of(const BatchRef& batch, std::byte first, Version version) {
  if (batch.experiment != 0) return BatchKind::Experimental;
  switch (static_cast<EventType>(first)) {
    case EventType::Strings:
      return BatchKind::Strings;
    case EventType::Stacks:
      return BatchKind::Stacks;
    case EventType::CPUSamples:
      return BatchKind::CPUSamples;
    case EventType::Frequency:
      return version < Version::Go125 ? BatchKind::Sync : BatchKind::Events;
    case EventType::Sync:
      return version < Version::Go125 ? BatchKind::Events : BatchKind::Sync;
    default:
      return BatchKind::Events;
  }
}

/// Whether the content of a batch of events or of a table may begin with this byte.
bool may_begin(std::byte first) {
  switch (const auto type = static_cast<EventType>(first)) {
    case EventType::Strings:
    case EventType::Stacks:
    case EventType::CPUSamples:
    case EventType::Frequency:
    case EventType::Sync:
      return true;
    default:
      return spec_of(type).timed();
  }
}

/// Whether events fill these bytes exactly.
bool is_decodable(std::span<const std::byte> content) {
  const std::byte* p = content.data();
  const std::byte* const end = p + content.size();
  std::uint64_t value = 0;
  const auto skip = [&](std::uint64_t count) {
    for (; count > 0 && p != nullptr; count--) p = read_varint(p, end, value);
    return p != nullptr;
  };
  while (p != end) {
    const auto type = static_cast<EventType>(*p++);
    const EventSpec& spec = spec_of(type);
    if (spec.event_class == EventClass::None || type == EventType::EventBatch ||
        type == EventType::ExperimentalBatch || type == EventType::EndOfGeneration ||
        !skip(spec.arg_count)) {
      return false;
    }
    if (spec.event_class == EventClass::StackEntry) {
      if (value > kMaxFramesPerStack || !skip(4 * value)) return false;
    } else if (spec.event_class == EventClass::Data) {
      if (!skip(1) || value > static_cast<std::uint64_t>(end - p)) return false;
      p += value;
    }
  }
  return true;
}

}  // namespace

bool GenerationScanner::is_sound(const Scan& scan, std::span<const std::byte> window,
                                 std::uint64_t window_offset) const {
  if (scan.generation == 0 || scan.batch.size == 0) return false;
  // The runtime reserves room for the length and fills it in later: a signature of ten bytes.
  // Events that repeat themselves look like batches surprisingly often.
  if (has_padding_ && !scan.padded) return false;
  const std::int64_t thread = raw(scan.batch.thread);
  if (scan.batch.thread != kNoThread && (thread < 0 || thread > kMaxThread)) return false;
  if (scan.batch.experiment != 0) {
    return scan.padded && scan.batch.experiment == static_cast<std::uint8_t>(Experiment::AllocFree);
  }
  const auto content = window.subspan(scan.batch.offset - window_offset, scan.batch.size);
  return may_begin(content[0]) && (scan.padded || is_decodable(content));
}

GenerationScanner::Scan GenerationScanner::scan_batch(std::span<const std::byte> window,
                                                      std::uint64_t position,
                                                      std::uint64_t window_offset) const {
  Scan scan;
  scan.start = position;
  const std::byte* const begin = window.data();
  const std::byte* const end = begin + window.size();
  const std::byte* p = begin + (position - window_offset);
  if (p == end) {
    scan.outcome = Scan::Outcome::EndOfInput;
    return scan;
  }
  const auto type = static_cast<EventType>(*p++);
  if (type == EventType::EndOfGeneration) {
    scan.outcome = Scan::Outcome::EndMark;
    scan.batch.offset = position + 1;
    return scan;
  }
  if (type != EventType::EventBatch && type != EventType::ExperimentalBatch) {
    scan.message = fmt::format("expected batch event, got event {}", static_cast<unsigned>(type));
    return scan;
  }
  if (type == EventType::ExperimentalBatch) {
    if (p == end) {
      scan.outcome = Scan::Outcome::EndOfInput;
      return scan;
    }
    scan.batch.experiment = static_cast<std::uint8_t>(*p++);
  }
  std::uint64_t thread = 0;
  std::uint64_t size = 0;
  bool truncated = false;
  const std::byte* size_field = nullptr;
  if (!read_field(p, end, scan.generation, "gen", truncated, scan.message) ||
      !read_field(p, end, thread, "M ID", truncated, scan.message) ||
      !read_field(p, end, scan.batch.time, "timestamp", truncated, scan.message) ||
      (size_field = p, !read_field(p, end, size, "size", truncated, scan.message))) {
    scan.outcome = truncated ? Scan::Outcome::Truncated : Scan::Outcome::Invalid;
    return scan;
  }
  scan.padded = p - size_field == kMaxVarintSize;
  if (size > kMaxBatchSize) {
    scan.message = fmt::format("invalid batch size {}, maximum is {}", size, kMaxBatchSize);
    return scan;
  }
  scan.batch.thread = ThreadID{static_cast<std::int64_t>(thread)};
  scan.batch.offset = window_offset + static_cast<std::uint64_t>(p - begin);
  const auto available = static_cast<std::uint64_t>(end - p);
  scan.batch.size = static_cast<std::uint32_t>(size);
  if (available < size) {
    scan.outcome = Scan::Outcome::Truncated;
    scan.message = fmt::format("failed to read full batch: read {} but wanted {}", available, size);
    return scan;
  }
  if (size > 0) scan.batch.kind = kind_of(scan.batch, *p, version_);
  scan.outcome = Scan::Outcome::Batch;
  return scan;
}

GenerationScanner::Status GenerationScanner::next(std::span<const std::byte> window,
                                                  std::uint64_t window_offset, bool is_last,
                                                  GenerationLayout& layout) {
  if (error_) return Status::Error;
  if (ended_) return Status::End;
  for (;;) {
    Step step = Step::Again;
    if (resync_from_ != 0) {
      step = resync(window, window_offset, is_last, resync_why_);
    } else {
      step = take(scan_batch(window, position_, window_offset), window, window_offset, is_last);
    }
    switch (step) {
      case Step::Again:
        continue;
      case Step::More:
        return Status::NeedMore;
      case Step::End:
        ended_ = true;
        return Status::End;
      case Step::Error:
        return Status::Error;
      case Step::Generation:
        last_number_ = layout_.number;
        layout = std::exchange(layout_, {});
        has_event_batches_ = false;
        return Status::Generation;
    }
  }
}

GenerationScanner::Step GenerationScanner::take(const Scan& scan, std::span<const std::byte> window,
                                                std::uint64_t window_offset, bool is_last) {
  using Outcome = Scan::Outcome;
  const bool strict = health_ == nullptr;
  const bool has_end_marks = version_ >= Version::Go126;
  const bool begun = layout_.number != 0;
  switch (scan.outcome) {
    case Outcome::EndOfInput:
      if (!is_last) return Step::More;
      position_ = window_offset + window.size();
      if (strict) {
        if (has_end_marks) {
          return has_event_batches_ ? fail("incomplete generation found; trace likely truncated")
                                    : Step::End;
        }
        if (!begun && last_number_ != 0) return Step::End;
        // Go takes even nothing at all for a generation, but only once.
        ended_ = true;
        return finish(true);
      }
      if (layout_.batches.empty()) return Step::End;
      if (has_end_marks) {
        report(Defect::MissingEnd, position_, 0,
               "incomplete generation found; trace likely truncated");
      }
      return finish(!has_end_marks);

    case Outcome::EndMark:
      if (!has_end_marks) {
        if (strict) return fail("invalid generation number 0");
        return resync(window, window_offset, is_last,
                      "an end mark that this version does not have");
      }
      if (!strict && layout_.batches.empty()) {
        position_ = scan.batch.offset;
        return Step::Again;
      }
      position_ = scan.batch.offset;
      return finish(true);

    case Outcome::Truncated:
      if (!is_last) return Step::More;
      if (!strict) {
        // The length may be wrong, or another trace begin where this one was cut off.
        const std::uint64_t end = window_offset + window.size();
        std::uint64_t search = ends_at_last_batch() ? last_start_ + 1 : position_ + 1;
        while (search < end && !is_resumable(window, search, window_offset)) search++;
        if (search < end) return resync(window, window_offset, is_last, scan.message);
        report(Defect::TruncatedFile, scan.start, end - scan.start, scan.message);
        position_ = end;
        return layout_.batches.empty() ? Step::End : finish(false);
      }
      [[fallthrough]];

    case Outcome::Invalid:
      if (!strict) return resync(window, window_offset, is_last, scan.message);
      if (!has_end_marks && begun) {
        // Go takes what it has for a whole generation, and fails after it.
        error_ = Error{ErrorKind::Input, scan.message};
        return finish(true);
      }
      return fail(scan.message);

    case Outcome::Batch:
      break;
  }
  // A batch. Does it belong to the generation that is being collected?
  if (scan.generation == 0) {
    if (strict) return fail("invalid generation number 0");
    return resync(window, window_offset, is_last, "invalid generation number 0");
  }
  if (begun && scan.generation != layout_.number) {
    if (!has_end_marks && scan.generation == layout_.number + 1) return finish(true);
    if (strict) {
      return fail(
          has_end_marks
              ? "broken trace: missing end-of-generation event, or generations are interleaved"
              : "generations out of order");
    }
  }
  if (!strict && (begun ? scan.generation != layout_.number
                        : last_number_ != 0 && scan.generation != last_number_ + 1)) {
    switch (place_of(scan, window, window_offset, is_last)) {
      case Place::Unknown:
        return Step::More;
      case Place::Nowhere:
        if (position_ != resumed_at_) {
          return resync(window, window_offset, is_last,
                        fmt::format("a batch of generation {} leads to no other", scan.generation));
        }
        [[fallthrough]];  // a search ended here, and would do so again
      case Place::Generation:
        if (!begun) break;
        if (has_end_marks) {
          report(Defect::MissingEnd, scan.start, 0,
                 "the next generation begins without an end mark");
        }
        return finish(true);
      case Place::Stray:
        report(Defect::InterleavedGeneration, scan.start, scan.end() - scan.start,
               begun ? fmt::format("a batch of generation {} among those of {}", scan.generation,
                                   layout_.number)
                     : fmt::format("a batch of generation {} behind those of {}", scan.generation,
                                   last_number_));
        position_ = scan.end();
        return Step::Again;
    }
  }
  if (!strict && !begun && last_number_ != 0 && scan.generation != last_number_ + 1) {
    report_gap(scan);
  }
  add(scan);
  return Step::Again;
}

void GenerationScanner::report_gap(const Scan& scan) {
  if (scan.generation <= last_number_) {
    health_->add(
        {Defect::InterleavedGeneration, scan.start, scan.generation, 0, 0,
         fmt::format("generation {} comes after generation {}", scan.generation, last_number_)});
    return;
  }
  const std::uint64_t first = last_number_ + 1;
  const std::uint64_t last = scan.generation - 1;
  health_->add({Defect::LostGeneration, scan.start, first, 0, 0,
                first == last ? fmt::format("generation {} is missing", first)
                              : fmt::format("generations {} to {} are missing", first, last)});
}

GenerationScanner::Place GenerationScanner::place_of(const Scan& scan,
                                                     std::span<const std::byte> window,
                                                     std::uint64_t window_offset,
                                                     bool is_last) const {
  using Outcome = Scan::Outcome;
  const std::uint64_t collected = layout_.number;
  // Whoever says that the generation is another one needs a witness: a wrong number in one head
  // must not put an end to the generation, nor make those behind it look out of date.
  Scan following = scan_batch(window, scan.end(), window_offset);
  for (unsigned heads = 1;; heads++) {
    switch (following.outcome) {
      case Outcome::EndOfInput:
      case Outcome::Truncated:
        // What is said of a trace must not depend on how it is fed.
        if (!is_last) return Place::Unknown;
        if (heads > 1) return Place::Generation;
        return scan.generation > std::max(collected, last_number_) ? Place::Generation
                                                                   : Place::Stray;
      case Outcome::EndMark:
        return heads == 1 && collected != 0 ? Place::Stray : Place::Generation;
      case Outcome::Invalid:
        if (heads > 1 || (collected != 0 && scan.generation == collected + 1)) {
          return Place::Generation;
        }
        return Place::Nowhere;
      case Outcome::Batch:
        break;
    }
    if (following.generation == collected) return Place::Stray;
    if (following.generation != scan.generation) {
      const bool is_next =
          scan.generation > collected && following.generation == scan.generation + 1;
      return heads > 1 || is_next ? Place::Generation : Place::Stray;
    }
    if (heads == kStrays) return Place::Generation;
    following = scan_batch(window, following.end(), window_offset);
  }
}

void GenerationScanner::add(const Scan& scan) {
  if (layout_.number == 0) {
    layout_.number = scan.generation;
    layout_.version = version_;
    layout_.begin = scan.start;
    layout_.min_time = scan.batch.time;
  } else if (layout_.min_time == 0 || scan.batch.time < layout_.min_time) {
    layout_.min_time = scan.batch.time;
  }
  if (scan.batch.kind == BatchKind::Events && scan.batch.experiment == 0) {
    has_event_batches_ = true;
  }
  if (scan.batch.size > 0) layout_.batches.push_back(scan.batch);
  has_padding_ = has_padding_ || scan.padded;
  last_start_ = scan.start;
  position_ = scan.end();
}

GenerationScanner::Step GenerationScanner::finish(bool whole) {
  layout_.end = position_;
  layout_.whole = whole;
  return Step::Generation;
}

GenerationScanner::Step GenerationScanner::fail(std::string message) {
  error_ = Error{ErrorKind::Input, std::move(message)};
  return Step::Error;
}

bool GenerationScanner::plausible(std::span<const std::byte> window, std::uint64_t position,
                                  std::uint64_t window_offset) const {
  const std::uint64_t known = layout_.number != 0 ? layout_.number : last_number_;
  unsigned heads = 0;
  bool behind_mark = false;
  bool near = false;  // the first head's number is one that may come here
  Scan last;
  for (;;) {
    const Scan scan = scan_batch(window, position, window_offset);
    switch (scan.outcome) {
      case Scan::Outcome::EndOfInput:
        return heads >= 2 || (heads == 1 && near);
      case Scan::Outcome::Truncated:
        return heads >= 2 || (heads == 1 && near && scan.generation - last.generation <= 1);
      case Scan::Outcome::EndMark:
        // A single byte is no evidence, but there may be one between two generations.
        if (version_ >= Version::Go126 && heads > 0 && !behind_mark) {
          behind_mark = true;
          position++;
          continue;
        }
        return heads >= 2 && near;
      case Scan::Outcome::Invalid:
        return (heads >= 1 && starts_v2_trace(window.subspan(position - window_offset))) ||
               (heads >= 2 && near);
      case Scan::Outcome::Batch:
        break;
    }
    if (!is_sound(scan, window, window_offset)) return heads >= 2 && near;
    if (heads == 0) {
      near = known != 0 && scan.generation - known <= 2;
    } else {
      const bool follows = scan.generation - last.generation <= 1 ||
                           (behind_mark && scan.generation > last.generation);
      const std::uint64_t gap = scan.batch.time > last.batch.time
                                    ? scan.batch.time - last.batch.time
                                    : last.batch.time - scan.batch.time;
      if (!follows || gap > kMaxGap) return heads >= 2 && near;
    }
    if (++heads == kChain) return true;
    behind_mark = false;
    last = scan;
    position = scan.end();
  }
}

GenerationScanner::Step GenerationScanner::resync(std::span<const std::byte> window,
                                                  std::uint64_t window_offset, bool is_last,
                                                  const std::string& why) {
  if (resync_from_ == 0) {
    resync_from_ = position_;
    resync_why_ = why;
    // The last batch leads to nothing: its length may be wrong, or its end be lost, so that it
    // runs over what comes behind it.
    if (ends_at_last_batch()) position_ = last_start_ + 1;
  }
  const std::uint64_t end = window_offset + window.size();
  // Judging a place takes some batches behind it.
  const std::uint64_t slack = is_last ? 0 : kChain * (kMaxBatchSize + 64);
  for (; position_ + slack < end; position_++) {
    if (is_resumable(window, position_, window_offset)) break;
  }
  const bool found = position_ + slack < end;
  if (!found && !is_last) return Step::More;
  if (!found) position_ = end;
  resumed_at_ = position_;
  const std::uint64_t from = std::exchange(resync_from_, 0);
  const std::string reason = std::exchange(resync_why_, {});
  if (position_ < from) {
    cut_last_batch(reason);
  } else if (position_ > from) {
    report(Defect::ForeignBytes, from, position_ - from, reason);
  }
  const auto rest = window.subspan(position_ - window_offset);
  if (found && starts_v2_trace(rest)) {
    if (!layout_.batches.empty()) return finish(position_ >= from && version_ < Version::Go126);
    // What comes behind the header has numbers and states of its own.
    report(Defect::SecondTrace, position_, 0, "a trace header in the middle of the file");
    version_ = read_header(rest)->version;
    position_ += kHeaderSize;
    last_number_ = 0;
    has_padding_ = false;
    layout_ = {};
    layout_.starts_trace = true;
  }
  return Step::Again;
}

bool GenerationScanner::is_resumable(std::span<const std::byte> window, std::uint64_t position,
                                     std::uint64_t window_offset) const {
  const auto rest = window.subspan(position - window_offset);
  const auto type = static_cast<EventType>(rest[0]);
  if (type == EventType::EventBatch || type == EventType::ExperimentalBatch) {
    return plausible(window, position, window_offset);
  }
  return rest[0] == std::byte{'g'} && starts_v2_trace(rest);
}

bool GenerationScanner::ends_at_last_batch() const {
  return !layout_.batches.empty() &&
         layout_.batches.back().offset + layout_.batches.back().size == position_;
}

void GenerationScanner::cut_last_batch(const std::string& why) {
  BatchRef& batch = layout_.batches.back();
  if (position_ > batch.offset) {
    batch.size = static_cast<std::uint32_t>(position_ - batch.offset);
    report(Defect::BadBatch, last_start_, 0, "its length leads into another batch: " + why);
    return;
  }
  report(Defect::ForeignBytes, last_start_, position_ - last_start_, why);
  layout_.batches.pop_back();
  if (layout_.batches.empty()) {
    layout_.number = 0;
    layout_.min_time = 0;
  }
}

void GenerationScanner::report(Defect defect, std::uint64_t offset, std::uint64_t bytes,
                               std::string detail) {
  health_->add({defect, offset, layout_.number, bytes, 0, std::move(detail)});
}

}  // namespace marey::wire
