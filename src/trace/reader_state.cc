// SPDX-License-Identifier: Apache-2.0
#include "src/trace/reader_state.h"

#include <utility>

namespace marey::trace {

using Status = Reader::Status;
using order::Scheduler;

Status ReaderState::fail(Error error) {
  error_ = std::move(error);
  return Status::Error;
}

Status ReaderState::fill() {
  block_.clear();
  given_ = 0;
  for (;;) {
    if (error_) return Status::Error;
    if (pending_error_) {
      Error error = std::move(*pending_error_);
      pending_error_.reset();
      return fail(std::move(error));
    }
    if (done_) return Status::End;
    if (v1_) return fill_v1();
    if (ordering_ == nullptr) {
      const Status status = next_generation();
      if (status == Status::Event && !block_.records().empty() && ordering_ == nullptr) {
        return Status::Event;  // the last Sync event
      }
      if (status != Status::Event) return status;
      continue;
    }
    const auto outcome = ordering_->run(block_);
    if (outcome == order::Ordering::Outcome::Broken) {
      pending_error_ = Error{ErrorKind::Input, ordering_->message()};
    }
    if (outcome != order::Ordering::Outcome::Full) ordering_.reset();
    if (outcome == order::Ordering::Outcome::Done) end_generation();
    if (!block_.records().empty()) return Status::Event;
  }
}

Status ReaderState::next_generation() {
  if (replay_) {
    if (replay_->next == replay_->end) {
      if (syncs_ > 0) return last_sync();
      done_ = true;  // nothing was asked for
      return Status::End;
    }
    if (replay_->joins && !strict_) chain_.join();
    raw_ = replay_->trace->raw[replay_->next++];
    if (info_.v1) return open_v1(raw_.bytes, *replay_->trace->feed);
  } else {
    switch (feed_->read_header()) {
      case GenerationFeed::Status::NeedMore: return Status::NeedMore;
      case GenerationFeed::Status::Error: return fail(feed_->error());
      default: break;
    }
    info_ = feed_->info();
    if (info_.v1) {
      std::span<const std::byte> bytes;
      switch (feed_->whole_trace(bytes)) {
        case GenerationFeed::Status::NeedMore: return Status::NeedMore;
        case GenerationFeed::Status::Error: return fail(feed_->error());
        default: break;
      }
      return open_v1(bytes, *feed_);
    }
    switch (feed_->next(raw_)) {
      case GenerationFeed::Status::NeedMore: return Status::NeedMore;
      case GenerationFeed::Status::End: return last_sync();
      case GenerationFeed::Status::Error: pending_error_ = feed_->error(); return last_sync();
      case GenerationFeed::Status::Ready: break;
    }
    info_ = feed_->info();
  }
  const bool damaged = raw_.health.damaged() || std::exchange(previous_damaged_, false);
  Health* const health = strict_ ? nullptr : &generation_health_;
  auto prepared = order::prepare(std::move(raw_.layout), raw_.bytes, raw_.offset,
                                 nanoseconds_per_tick_, chain_.names(), health);
  if (!prepared) {
    pending_error_ = std::move(prepared.error());
    return last_sync();
  }
  generation_ = std::make_unique<order::Generation>(std::move(*prepared));
  nanoseconds_per_tick_ = generation_->tables.sync.nanoseconds_per_tick;
  tables_ = &generation_->tables;
  generation_number_ = generation_->layout.number;
  const auto start = chain_.start(generation_->layout, damaged);
  const Duration shift = chain_.shift_of(*generation_, health);
  generation_->tables.sync.time_shift = shift;
  assumptions_ = {};
  ordering_ = std::make_unique<order::Ordering>(
      *generation_, chain_.state(), *chain_.names(), start, health,
      start == Scheduler::Start::Derived ? &assumptions_ : nullptr, shift);
  const Time last = chain_.state().last_time;
  if (auto begun = ordering_->begin(); !begun) {
    ordering_.reset();
    return fail(std::move(begun.error()));
  }
  block_.set_tables(tables_);
  const Time begin = ordering_->rise(generation_->begin_time());
  if (syncs_ > 0) note_lost_time(raw_.health, last, begin);
  health_.merge(raw_.health);
  block_.emit_sync(begin, ++syncs_);
  return Status::Event;
}

Status ReaderState::open_v1(std::span<const std::byte> bytes, const GenerationFeed& feed) {
  auto opened = order::V1Trace::open(
      bytes, feed.first_batch(), feed.header().version,
      strict_ ? order::Judgement::Strict : order::Judgement::Tolerant, health_);
  if (!opened) return fail(std::move(opened.error()));
  v1_.emplace(std::move(*opened));
  tables_ = &v1_->tables();
  return Status::Event;
}

void ReaderState::end_generation() {
  previous_damaged_ = generation_health_.damaged();
  health_.merge(std::exchange(generation_health_, {}));
}

Status ReaderState::last_sync() {
  if (!pending_error_) done_ = true;
  if (done_ && !strict_ && syncs_ == 0) {
    health_.add({Defect::EmptyTrace, info_.bytes, 0, 0, 0, "there is no event in the trace"});
  }
  if (feed_ && !strict_ && done_) health_.merge(feed_->rest_of_health());
  block_.set_tables(nullptr);
  Time& last = chain_.state().last_time;
  block_.emit_sync(++last, ++syncs_);
  return Status::Event;
}

Status ReaderState::fill_v1() {
  Event::Record record;
  while (!block_.full() && v1_->next(record)) {
    block_.add(record);
    if (record.guessed) [[unlikely]]
      health_.add_guessed(1, record.time);
  }
  if (!block_.records().empty()) return Status::Event;
  if (v1_->error()) return fail(*v1_->error());
  done_ = true;
  if (feed_ && !strict_) health_.merge(feed_->rest_of_health());
  return Status::End;
}

}  // namespace marey::trace
