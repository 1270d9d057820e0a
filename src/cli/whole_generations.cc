// SPDX-License-Identifier: Apache-2.0
#include "src/cli/whole_generations.h"

#include <utility>

namespace marey::cli {

void WholeGenerations::events(std::span<const Event::Record> events) {
  if (!seen_events_ && !events.empty()) {
    seen_events_ = true;
    starts_generation_ = events.front().type == order::kSyncType;
    generations_ = starts_generation_ ? 1 : 0;
  }
  last_->events(events);
}

void WholeGenerations::seal_last() {
  if (before_ == nullptr) {
    before_ = std::move(last_);
  } else {
    before_->merge(*last_);
  }
}

void WholeGenerations::merge(index::Fold& next) {
  auto& other = static_cast<WholeGenerations&>(next);
  if (!other.starts_generation_) {
    last_->merge(*other.last_);  // the rest of the same generation
    return;
  }
  seal_last();
  if (other.before_ != nullptr) before_->merge(*other.before_);
  last_ = std::move(other.last_);
  generations_ += other.generations_;
}

std::unique_ptr<index::Fold> WholeGenerations::take(const index::PassResult& result) {
  // A Sync event begins each generation, and one more is the end of the last.
  const bool last_is_whole = result.events_by_type[order::kSyncType] > generations_;
  if (last_is_whole) seal_last();
  return std::move(before_);
}

}  // namespace marey::cli
