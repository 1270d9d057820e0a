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

}  // namespace

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
  if (!read_field(p, end, scan.generation, "gen", truncated, scan.message) ||
      !read_field(p, end, thread, "M ID", truncated, scan.message) ||
      !read_field(p, end, scan.batch.time, "timestamp", truncated, scan.message) ||
      !read_field(p, end, size, "size", truncated, scan.message)) {
    scan.outcome = truncated ? Scan::Outcome::Truncated : Scan::Outcome::Invalid;
    return scan;
  }
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
        report(Defect::TruncatedFile, scan.start, window_offset + window.size() - scan.start,
               scan.message);
        position_ = window_offset + window.size();
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
    // Either the next generations (those between are lost), or a stray batch. What follows it
    // tells, when all of it is there: what is said of a trace must not depend on how it is fed.
    if (scan.generation > layout_.number) {
      const Scan following = scan_batch(window, scan.end(), window_offset);
      const bool is_cut =
          following.outcome == Outcome::EndOfInput || following.outcome == Outcome::Truncated;
      if (is_cut && !is_last) return Step::More;
      const bool stray =
          following.outcome == Outcome::EndMark ||
          (following.outcome == Outcome::Batch && following.generation == layout_.number);
      if (!stray) {
        if (has_end_marks) {
          report(Defect::MissingEnd, scan.start, 0,
                 "the next generation begins without an end mark");
        }
        return finish(true);
      }
    }
    report(
        Defect::InterleavedGeneration, scan.start, scan.end() - scan.start,
        fmt::format("a batch of generation {} among those of {}", scan.generation, layout_.number));
    position_ = scan.end();
    return Step::Again;
  }
  add(scan);
  return Step::Again;
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
                                  std::uint64_t window_offset, bool is_last) const {
  const Scan scan = scan_batch(window, position, window_offset);
  if (scan.outcome == Scan::Outcome::EndMark) return false;  // a single byte: no evidence
  if (scan.outcome != Scan::Outcome::Batch || scan.generation == 0 || scan.batch.size == 0) {
    return false;
  }
  const std::uint64_t expected = layout_.number != 0 ? layout_.number : last_number_ + 1;
  if (last_number_ != 0 || layout_.number != 0) {
    if (scan.generation < expected || scan.generation > expected + 1000) return false;
  }
  const Scan after = scan_batch(window, scan.end(), window_offset);
  switch (after.outcome) {
    case Scan::Outcome::Batch:
      return after.generation - scan.generation <= 1;
    case Scan::Outcome::EndMark:
      return version_ >= Version::Go126;
    case Scan::Outcome::EndOfInput:
      return true;
    case Scan::Outcome::Truncated:
      return is_last;
    case Scan::Outcome::Invalid:
      return false;
  }
  return false;
}

GenerationScanner::Step GenerationScanner::resync(std::span<const std::byte> window,
                                                  std::uint64_t window_offset, bool is_last,
                                                  const std::string& why) {
  if (resync_from_ == 0) {
    resync_from_ = position_;
    resync_why_ = why;
  }
  const std::uint64_t end = window_offset + window.size();
  // Judging a place takes up to two batches behind it.
  const std::uint64_t slack = is_last ? 0 : 2 * (kMaxBatchSize + 64);
  bool found = false;
  for (; position_ + slack < end; position_++) {
    const auto rest = window.subspan(position_ - window_offset);
    const auto type = static_cast<EventType>(rest[0]);
    if (rest[0] == std::byte{'g'} && starts_v2_trace(rest)) {
      const std::uint64_t skipped = position_ - std::exchange(resync_from_, 0);
      if (skipped > 0) report(Defect::ForeignBytes, position_ - skipped, skipped, resync_why_);
      if (!layout_.batches.empty()) return finish(version_ < Version::Go126);
      // What comes behind the header has numbers and states of its own.
      report(Defect::SecondTrace, position_, 0, "a trace header in the middle of the file");
      version_ = read_header(rest)->version;
      position_ += kHeaderSize;
      last_number_ = 0;
      layout_.starts_trace = true;
      return Step::Again;
    }
    if ((type == EventType::EventBatch || type == EventType::ExperimentalBatch) &&
        plausible(window, position_, window_offset, is_last)) {
      found = true;
      break;
    }
  }
  if (!found && !is_last) return Step::More;
  const std::uint64_t from = std::exchange(resync_from_, 0);
  if (!found) position_ = end;
  report(Defect::ForeignBytes, from, position_ - from, std::exchange(resync_why_, {}));
  return Step::Again;
}

void GenerationScanner::report(Defect defect, std::uint64_t offset, std::uint64_t bytes,
                               std::string detail) {
  health_->add({defect, offset, layout_.number, bytes, 0, std::move(detail)});
}

}  // namespace marey::wire
