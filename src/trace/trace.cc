// SPDX-License-Identifier: Apache-2.0
#include "marey/trace.h"

#include <algorithm>
#include <utility>

#include "src/trace/reader_state.h"

namespace marey {

using trace::GenerationFeed;
using trace::TraceState;

Trace::Trace(std::unique_ptr<TraceState> state) : state_(std::move(state)) {}
Trace::Trace(Trace&&) noexcept = default;
Trace& Trace::operator=(Trace&&) noexcept = default;
Trace::~Trace() = default;

Result<Trace> Trace::open(const std::string& path) {
  auto state = std::make_unique<TraceState>();
  auto feed = GenerationFeed::open(path, false);
  if (!feed) return std::unexpected(std::move(feed.error()));
  state->feed = std::move(*feed);
  if (state->feed->info().v1) {
    std::span<const std::byte> bytes;
    if (state->feed->whole_trace(bytes) == GenerationFeed::Status::Error) {
      return std::unexpected(state->feed->error());
    }
    trace::RawGeneration raw;
    raw.bytes = bytes;
    state->raw.push_back(std::move(raw));
    state->generations.push_back({0, wire::kHeaderSize, bytes.size(), true});
    return Trace(std::move(state));
  }
  for (;;) {
    trace::RawGeneration raw;
    const auto status = state->feed->next(raw);
    if (status == GenerationFeed::Status::Error) return std::unexpected(state->feed->error());
    if (status != GenerationFeed::Status::Ready) break;
    const wire::GenerationLayout& layout = raw.layout;
    state->generations.push_back({layout.number, layout.begin, layout.end, layout.whole});
    state->health.merge(raw.health);
    state->raw.push_back(std::move(raw));
  }
  state->health.merge(state->feed->rest_of_health());
  return Trace(std::move(state));
}

const TraceInfo& Trace::info() const { return state_->feed->info(); }
std::span<const GenerationInfo> Trace::generations() const { return state_->generations; }
const Health& Trace::health() const { return state_->health; }

Reader Trace::replay(std::size_t first, std::size_t count, const ReadOptions& options) const {
  auto reader = std::make_unique<trace::ReaderState>(options);
  const std::size_t size = state_->raw.size();
  first = std::min(first, size);
  reader->replay_ =
      trace::Replay{state_.get(), first, first + std::min(count, size - first), first > 0};
  reader->info_ = state_->feed->info();
  return Reader(std::move(reader));
}

}  // namespace marey
