// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "marey/trace.h"

#include "src/trace/clock.h"
#include "src/trace/reader_state.h"

namespace marey {

using trace::GenerationFeed;
using trace::ReaderState;

Reader::Reader(std::unique_ptr<ReaderState> state) : state_(std::move(state)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Result<Reader> Reader::open(const std::string& path, const ReadOptions& options) {
  auto state = std::make_unique<ReaderState>(options);
  auto feed = GenerationFeed::open(path, options.strict);
  if (!feed) return std::unexpected(std::move(feed.error()));
  state->feed_ = std::move(*feed);
  state->info_ = state->feed_->info();
  return Reader(std::move(state));
}

Result<Reader> Reader::of_bytes(std::span<const std::byte> bytes, const ReadOptions& options) {
  Reader reader = fed(options);
  reader.feed(bytes);
  reader.end_feed();
  if (reader.state_->feed_->read_header() == GenerationFeed::Status::Error) {
    return std::unexpected(reader.state_->feed_->error());
  }
  reader.state_->info_ = reader.state_->feed_->info();
  return reader;
}

Reader Reader::fed(const ReadOptions& options) {
  auto state = std::make_unique<ReaderState>(options);
  state->feed_ = GenerationFeed::fed(options.strict);
  return Reader(std::move(state));
}

void Reader::feed(std::span<const std::byte> bytes) {
  if (state_->feed_) state_->feed_->feed(bytes);
}
void Reader::end_feed() {
  if (state_->feed_) state_->feed_->end_feed();
}

Reader::Status Reader::next(Event& event) {
  if (state_->given_ == state_->block_.records().size()) {
    if (const Status status = state_->fill(); status != Status::Event) return status;
  }
  event = Event(state_->block_.records()[state_->given_++]);
  return Status::Event;
}

Reader::Status Reader::next_block(std::span<const Event>& events) {
  if (state_->given_ == state_->block_.records().size()) {
    if (const Status status = state_->fill(); status != Status::Event) return status;
  }
  const auto records = state_->block_.records().subspan(state_->given_);
  state_->events_.clear();
  for (const Event::Record& record : records) state_->events_.emplace_back(record);
  state_->given_ += records.size();
  events = state_->events_;
  return Status::Event;
}

const std::optional<Error>& Reader::error() const { return state_->error_; }
const TraceInfo& Reader::info() const { return state_->info_; }
const Health& Reader::health() const { return state_->health_; }
std::uint64_t Reader::generation() const { return state_->generation_number_; }

std::optional<WallTime> Reader::wall_time(Time time) const {
  if (state_->tables_ == nullptr) return std::nullopt;
  return trace::wall_time(state_->tables_->sync, time);
}

std::optional<std::int64_t> Reader::monotonic_time(Time time) const {
  if (state_->tables_ == nullptr) return std::nullopt;
  return trace::monotonic_time(state_->tables_->sync, time);
}

}  // namespace marey
