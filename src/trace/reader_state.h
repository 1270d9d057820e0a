// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "marey/trace.h"

#include "src/order/ordering.h"
#include "src/order/v1/v1_trace.h"
#include "src/trace/chain.h"
#include "src/trace/generation_feed.h"
#include "src/trace/record_block.h"

namespace marey::trace {

/// The generations that a reader replays of a Trace that is open already.
struct Replay {
  const TraceState* trace = nullptr;
  std::size_t next = 0;
  std::size_t end = 0;
  bool joins = false;  ///< it does not begin with the first one
};

/// What is behind a Reader: one generation after the other is taken from the feed (or a Trace's
/// list), made ready, and ordered into the block.
class ReaderState {
 public:
  explicit ReaderState(const ReadOptions& options)
      : strict_(options.strict), chain_(options.strict) {}

  Reader::Status fill();

  bool strict_;
  Health health_;  // of what was delivered whole
  std::unique_ptr<GenerationFeed> feed_;
  std::optional<Replay> replay_;
  TraceInfo info_;
  std::optional<Error> error_;
  RecordBlock block_;
  std::vector<Event> events_;  // the block as events, for next_block()
  std::size_t given_ = 0;      // how many of the block's events next() has handed out
  std::uint64_t generation_number_ = 0;
  const wire::Tables* tables_ = nullptr;  // of the generation at hand

 private:
  Reader::Status fail(Error error);
  Reader::Status next_generation();
  Reader::Status last_sync();
  Reader::Status open_v1(std::span<const std::byte> bytes, const GenerationFeed& feed);
  Reader::Status fill_v1();
  void end_generation();

  Chain chain_;
  RawGeneration raw_;
  std::unique_ptr<order::Generation> generation_;
  std::unique_ptr<order::Ordering> ordering_;
  order::Assumptions assumptions_;
  std::optional<order::V1Trace> v1_;
  double nanoseconds_per_tick_ = 0;  // of the last generation; 0: none yet
  std::uint64_t syncs_ = 0;
  Health generation_health_;  // of the generation at hand
  bool previous_damaged_ = false;
  bool done_ = false;
  std::optional<Error> pending_error_;  // strict: to be given after the events before it
};

/// What is behind a Trace.
class TraceState {
 public:
  std::unique_ptr<GenerationFeed> feed;
  Health health;
  std::vector<RawGeneration> raw;
  std::vector<GenerationInfo> generations;
};

}  // namespace marey::trace
