// SPDX-License-Identifier: Apache-2.0
#include "src/wire/generation_scanner.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "src/wire/batch_chain.h"

namespace marey::wire {
namespace {

/// More batches than these in a row are a generation, even where another one goes on behind them.
constexpr unsigned kStrays = 4;

}  // namespace

GenerationScanner::Status GenerationScanner::next(const Window& window, GenerationLayout& layout) {
  if (error_) return Status::Error;
  if (ended_) return Status::End;
  for (;;) {
    Step step = Step::Again;
    if (resync_from_ != 0) {
      step = resync(window, resync_why_);
    } else {
      step = take(read_batch_head(window, position_, version_), window);
    }
    switch (step) {
      case Step::Again: continue;
      case Step::More: return Status::NeedMore;
      case Step::End: ended_ = true; return Status::End;
      case Step::Error: return Status::Error;
      case Step::Generation:
        last_number_ = layout_.number;
        layout = std::exchange(layout_, {});
        has_event_batches_ = false;
        return Status::Generation;
    }
  }
}

GenerationScanner::Step GenerationScanner::take(const BatchHead& head, const Window& window) {
  using Outcome = BatchHead::Outcome;
  const bool strict = health_ == nullptr;
  const bool has_end_marks = version_ >= Version::Go126;
  const bool begun = layout_.number != 0;
  switch (head.outcome) {
    case Outcome::EndOfInput:
      if (!window.is_last) return Step::More;
      position_ = window.end();
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
        return resync(window, "an end mark that this version does not have");
      }
      if (!strict && layout_.batches.empty()) {
        report(Defect::ForeignBytes, position_, 1, "an end mark of nothing");
        position_ = head.batch.offset;
        return Step::Again;
      }
      position_ = head.batch.offset;
      return finish(true);

    case Outcome::Truncated:
      if (!window.is_last) return Step::More;
      if (!strict) {
        // The length may be wrong, or another trace begin where this one was cut off.
        std::uint64_t search = ends_at_last_batch() ? last_start_ + 1 : position_ + 1;
        while (search < window.end() && !is_resumable(window, search)) search++;
        if (search < window.end()) return resync(window, head.message);
        return end_inside(head, window);
      }
      [[fallthrough]];

    case Outcome::Invalid:
      if (!strict) return resync(window, head.message);
      if (!has_end_marks && begun) {
        // Go takes what it has for a whole generation, and fails after it.
        error_ = Error{ErrorKind::Input, head.message};
        return finish(true);
      }
      return fail(head.message);

    case Outcome::Batch: break;
  }
  // Go takes any batch for the mark that begins with its byte.
  if (strict && has_end_marks && head.batch.size > 0 && head.batch.experiment == 0 &&
      window.from(head.batch.offset)[0] == static_cast<std::byte>(EventType::EndOfGeneration)) {
    position_ = head.end();
    return finish(true);
  }
  // A batch. Does it belong to the generation that is being collected?
  if (head.generation == 0) {
    if (strict) return fail("invalid generation number 0");
    return resync(window, "invalid generation number 0");
  }
  if (begun && head.generation != layout_.number) {
    if (!has_end_marks && head.generation == layout_.number + 1) return finish(true);
    if (strict) {
      return fail(
          has_end_marks
              ? "broken trace: missing end-of-generation event, or generations are interleaved"
              : "generations out of order");
    }
  }
  if (!strict && (begun ? head.generation != layout_.number
                        : last_number_ != 0 && head.generation != last_number_ + 1)) {
    switch (place_of(head, window)) {
      case Place::Unknown: return Step::More;
      case Place::Nowhere:
        if (position_ != resumed_at_) {
          return resync(window,
                        fmt::format("a batch of generation {} leads to no other", head.generation));
        }
        [[fallthrough]];  // a search ended here, and would do so again
      case Place::Generation:
        if (!begun) break;
        if (has_end_marks) {
          report(Defect::MissingEnd, head.start, 0,
                 "the next generation begins without an end mark");
        }
        return finish(true);
      case Place::Stray:
        report(Defect::InterleavedGeneration, head.start, head.end() - head.start,
               begun ? fmt::format("a batch of generation {} among those of {}", head.generation,
                                   layout_.number)
                     : fmt::format("a batch of generation {} behind those of {}", head.generation,
                                   last_number_));
        position_ = head.end();
        return Step::Again;
    }
  }
  if (!strict && !begun && last_number_ != 0 && head.generation != last_number_ + 1) {
    report_gap(head);
  }
  add(head);
  return Step::Again;
}

GenerationScanner::Step GenerationScanner::end_inside(const BatchHead& head, const Window& window) {
  const bool begun = layout_.number != 0;
  if (begun && version_ < Version::Go126 && head.generation == layout_.number + 1) {
    return finish(true);  // and what is there of the next one is the next one's
  }
  const std::uint64_t expected = begun               ? layout_.number
                                 : last_number_ != 0 ? last_number_ + 1
                                                     : head.generation;
  std::uint64_t lost_from = head.start;
  if (head.generation == expected && head.batch.size > 0 && head.batch.experiment == 0) {
    BatchHead part = head;
    part.batch.size = static_cast<std::uint32_t>(decodable_size(window.from(head.batch.offset)));
    if (part.batch.size > 0) {
      add(part);
      lost_from = part.end();
    }
  }
  report(Defect::TruncatedFile, lost_from, window.end() - lost_from, head.message);
  position_ = window.end();
  return layout_.batches.empty() ? Step::End : finish(false);
}

void GenerationScanner::report_gap(const BatchHead& head) {
  if (head.generation <= last_number_) {
    health_->add(
        {Defect::InterleavedGeneration, head.start, head.generation, 0, 0,
         fmt::format("generation {} comes after generation {}", head.generation, last_number_)});
    return;
  }
  const std::uint64_t first = last_number_ + 1;
  const std::uint64_t last = head.generation - 1;
  health_->add({Defect::LostGeneration, head.start, first, 0, 0,
                first == last ? fmt::format("generation {} is missing", first)
                              : fmt::format("generations {} to {} are missing", first, last)});
}

GenerationScanner::Place GenerationScanner::place_of(const BatchHead& head,
                                                     const Window& window) const {
  using Outcome = BatchHead::Outcome;
  const std::uint64_t collected = layout_.number;
  // Whoever says that the generation is another one needs a witness: a wrong number in one head
  // must not put an end to the generation, nor make those behind it look out of date.
  BatchHead following = read_batch_head(window, head.end(), version_);
  for (unsigned heads = 1;; heads++) {
    switch (following.outcome) {
      case Outcome::EndOfInput:
      case Outcome::Truncated:
        // What is said of a trace must not depend on how it is fed.
        if (!window.is_last) return Place::Unknown;
        if (heads > 1) return Place::Generation;
        return head.generation > std::max(collected, last_number_) ? Place::Generation
                                                                   : Place::Stray;
      case Outcome::EndMark: return heads == 1 && collected != 0 ? Place::Stray : Place::Generation;
      case Outcome::Invalid:
        if (heads > 1 || (collected != 0 && head.generation == collected + 1)) {
          return Place::Generation;
        }
        return Place::Nowhere;
      case Outcome::Batch: break;
    }
    if (following.generation == collected) return Place::Stray;
    if (following.generation != head.generation) {
      const bool is_next =
          head.generation > collected && following.generation == head.generation + 1;
      return heads > 1 || is_next ? Place::Generation : Place::Stray;
    }
    if (heads == kStrays) return Place::Generation;
    following = read_batch_head(window, following.end(), version_);
  }
}

void GenerationScanner::add(const BatchHead& head) {
  if (layout_.number == 0) {
    layout_.number = head.generation;
    layout_.version = version_;
    layout_.begin = head.start;
  }
  // A head whose end was overwritten with zeros is that of an empty batch at an early time.
  const bool has_time = health_ == nullptr || head.batch.size > 0;
  if (has_time && (layout_.min_time == 0 || head.batch.time < layout_.min_time)) {
    layout_.min_time = head.batch.time;
  }
  has_event_batches_ = has_event_batches_ || head.batch.kind == BatchKind::Events;
  // An experiment may have something to say by a batch without content.
  if (head.batch.size > 0 || head.batch.kind == BatchKind::Experimental) {
    layout_.batches.push_back(head.batch);
  }
  has_padding_ = has_padding_ || head.padded;
  last_start_ = head.start;
  position_ = head.end();
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

GenerationScanner::Step GenerationScanner::resync(const Window& window, const std::string& why) {
  if (resync_from_ == 0) {
    resync_from_ = position_;
    resync_why_ = why;
    // The last batch leads to nothing: its length may be wrong, or its end be lost, so that it
    // runs over what comes behind it.
    if (ends_at_last_batch()) position_ = last_start_ + 1;
  }
  const std::uint64_t end = window.end();
  // Judging a place takes some batches behind it.
  const std::uint64_t slack = window.is_last ? 0 : kChainBytes;
  for (; position_ + slack < end; position_++) {
    if (is_resumable(window, position_)) break;
  }
  const bool found = position_ + slack < end;
  if (!found && !window.is_last) return Step::More;
  if (!found) position_ = end;
  resumed_at_ = position_;
  const std::uint64_t from = std::exchange(resync_from_, 0);
  const std::string reason = std::exchange(resync_why_, {});
  if (unread_version_) {
    health_->add({Defect::UnreadTrace, from, 0, position_ - from, 0,
                  advice_for_unread(*std::exchange(unread_version_, {}), from)});
  } else if (position_ < from) {
    cut_last_batch(reason);
  } else if (position_ > from) {
    report(Defect::ForeignBytes, from, position_ - from, reason);
  }
  const auto rest = window.from(position_);
  if (found && begins_trace(rest)) {
    if (!layout_.batches.empty()) return finish(position_ >= from && version_ < Version::Go126);
    unread_version_ = version_of_v1_trace(rest);
    if (unread_version_) {
      resync_from_ = position_++;
      return Step::Again;
    }
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

bool GenerationScanner::is_resumable(const Window& window, std::uint64_t position) const {
  const auto rest = window.from(position);
  // What looks like batches in a v1 trace is none.
  if (unread_version_) return rest[0] == std::byte{'g'} && begins_v2_trace(rest);
  const auto type = static_cast<EventType>(rest[0]);
  if (type == EventType::EventBatch || type == EventType::ExperimentalBatch) {
    const std::uint64_t known = layout_.number != 0 ? layout_.number : last_number_;
    return begins_chain(window, position, {version_, known, has_padding_});
  }
  return rest[0] == std::byte{'g'} && begins_trace(rest);
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
