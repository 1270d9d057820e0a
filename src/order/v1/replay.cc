// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/replay.h"

#include "src/order/v1/order_rules.h"

namespace marey::order::v1 {

Replay::Replay(std::span<const std::byte> bytes, const BatchIndex& index, const MergeResult& merged,
               Judgement judgement)
    : samples_(bytes, index),
      timers_(index.timer_goroutines.begin(), index.timer_goroutines.end()),
      merged_(&merged),
      runs_(merged.runs),
      exits_(merged.exits) {
  if (!exits_.at_end()) exit_ticks_ = exits_.peek().ticks;
  procs_.reserve(index.procs.size());
  for (std::size_t i = 0; i < index.procs.size(); i++) {
    procs_.emplace_back(bytes, index, i, judgement).next_batch();
  }
}

const Event* Replay::next() {
  if (!has_event_) has_event_ = decode();
  if (!exits_.at_end() && (!has_event_ || exits_.peek() < place_)) {
    const MovedExit& exit = exits_.peek();
    exit_ = {.ticks = exit.ticks,
             .goroutine = exit.goroutine,
             .args = {exit.goroutine, 0, static_cast<std::uint64_t>(exit.ticks), 0},
             .proc = kSyscallProc,
             .type = EventType::GoSysExit};
    exits_.pop();
    exit_ticks_ = exits_.at_end() ? INT64_MAX : exits_.peek().ticks;
    given_number_ = kNoProc;
    return &exit_;
  }
  if (!has_event_) return nullptr;
  has_event_ = false;
  given_number_ = static_cast<ProcNumber>(run_.proc);
  return &event_;
}

bool Replay::decode() {
  while (true) {
    if (run_.length == 0) {
      if (!runs_.next(run_)) return false;
      // The logs are ours; only a file that changes can make them lie.
      if (run_.proc > procs_.size()) return false;
    }
    run_.length--;
    if (run_.proc == procs_.size()) {
      if (!samples_.next(event_)) return false;
      place_.ticks = event_.ticks;
      place_.position++;
      return true;
    }
    ProcCursor& cursor = procs_[run_.proc];
    while (!cursor.next(event_)) {
      if (!cursor.next_batch()) return false;
    }
    event_.proc = cursor.proc();
    event_.type = ordered_type(event_.type);
    place_.ticks = event_.ticks;
    place_.position++;
    if (event_.type == EventType::GoSysExit) {
      if (merged_->is_moved[exit_count_++]) continue;
      event_.proc = kSyscallProc;
    } else if (event_.type == EventType::GoUnblock && is_timer(event_.goroutine)) {
      event_.proc = kTimerProc;
    }
    return true;
  }
}

std::uint64_t Replay::offset() const {
  return given_number_ < procs_.size() ? procs_[given_number_].position() : 0;
}

}  // namespace marey::order::v1
