// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "src/base/thread.h"
#include "src/index/fold.h"
#include "src/trace/record_block.h"

namespace marey::index {

/// Folds behind the ordering, on a thread of its own: while one block is folded, the next is
/// filled.
///
/// For a generation that nobody else can help with: a single one, one that is ordered again at the
/// end, a v1 trace. (To decode ahead of the merge would gain nothing: reading a decoded event back
/// takes as long as decoding it.) The blocks are a ring between two threads, small enough to stay
/// in the cache.
class FoldThread {
 public:
  /// `fold` must outlive this; nobody else may touch it until finish().
  explicit FoldThread(Fold& fold)
      : blocks_(kBlocks), fold_(fold), thread_(base::start_thread([this] { work(); })) {}
  ~FoldThread() { finish(); }
  FoldThread(const FoldThread&) = delete;
  FoldThread& operator=(const FoldThread&) = delete;

  /// False: there is no thread to be had, and this is of no use.
  bool runs() const { return thread_.has_value(); }

  /// The block to fill next; empty.
  trace::RecordBlock& block() { return blocks_[filled_.load(std::memory_order_relaxed) % kBlocks]; }

  /// Hands block() over; waits until another one is free.
  void push() {
    const std::uint64_t filled = filled_.load(std::memory_order_relaxed) + 1;
    filled_.store(filled, std::memory_order_release);
    filled_.notify_one();
    for (;;) {
      const std::uint64_t folded = folded_.load(std::memory_order_acquire);
      if (filled - folded < kBlocks) break;
      folded_.wait(folded, std::memory_order_acquire);
    }
    block().clear();
  }

  /// Waits until all that was handed over is folded, and ends the thread.
  void finish() {
    if (!thread_) return;
    block().clear();
    ending_.store(true, std::memory_order_relaxed);
    filled_.fetch_add(1, std::memory_order_release);  // an empty block: the end
    filled_.notify_one();
    thread_.reset();
  }

 private:
  static constexpr std::uint64_t kBlocks = 32;

  void work() {
    for (std::uint64_t next = 0;; next++) {
      std::uint64_t filled = filled_.load(std::memory_order_acquire);
      while (filled == next) {
        filled_.wait(filled, std::memory_order_acquire);
        filled = filled_.load(std::memory_order_acquire);
      }
      const auto records = blocks_[next % kBlocks].records();
      if (records.empty() && ending_.load(std::memory_order_relaxed)) return;
      if (!records.empty()) fold_.events(records);
      folded_.store(next + 1, std::memory_order_release);
      folded_.notify_one();
    }
  }

  std::vector<trace::RecordBlock> blocks_;
  Fold& fold_;
  std::atomic<std::uint64_t> filled_ = 0;
  std::atomic<std::uint64_t> folded_ = 0;
  std::atomic<bool> ending_ = false;
  std::optional<std::jthread> thread_;
};

}  // namespace marey::index
