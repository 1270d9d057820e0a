// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

#include "src/order/v1/goroutines.h"

namespace marey::order::v1 {

/// Number of a proc in BatchIndex::procs; the one behind the last stands for the CPU samples.
using ProcNumber = std::uint32_t;

/// The procs whose next event may come next, the earliest event first.
///
/// Where times tie, the order follows from how the heap is kept, and that is how Go's reader keeps
/// its own (a binary heap in which equals do not change places): what Go's reader decides among
/// ties is decided the same way here.
///
/// Most often the proc that was first is first again with its next event. Then Go's reader still
/// takes it out and puts it back, which moves the others; but mostly they come to rest after the
/// first time. As long as they do, nothing need be moved.
class ReadyProcs {
 public:
  struct Entry {
    std::int64_t ticks = 0;
    ProcNumber proc = 0;
  };

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  const Entry& top() const { return heap_.front(); }

  void push(Entry entry) {
    at_rest_ = false;
    std::size_t i = heap_.size();
    heap_.push_back(entry);
    while (i > 0) {
      const std::size_t parent = (i - 1) / 2;
      if (heap_[parent].ticks <= entry.ticks) break;
      heap_[i] = heap_[parent];
      i = parent;
    }
    heap_[i] = entry;
  }

  void pop() {
    at_rest_ = false;
    const Entry last = heap_.back();
    heap_.pop_back();
    const std::size_t size = heap_.size();
    if (size == 0) return;
    std::size_t i = 0;
    while (true) {
      std::size_t child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && heap_[child + 1].ticks < heap_[child].ticks) child++;
      if (heap_[child].ticks >= last.ticks) break;
      heap_[i] = heap_[child];
      i = child;
    }
    heap_[i] = last;
  }

  /// The same as pop() and push(entry).
  void replace_top(Entry entry) {
    if (replace_at_rest(entry.ticks)) {
      heap_[0].proc = entry.proc;
      return;
    }
    if (heap_.size() > kMaxAtRest) {
      pop();
      push(entry);
      return;
    }
    before_ = heap_;
    pop();
    push(entry);
    note_rest(entry);
  }

  /// If the proc at the top stays there with its next event, and the others where they are, gives
  /// the top that event's time. Otherwise changes nothing.
  bool replace_at_rest(std::int64_t ticks) {
    if (!at_rest_ || ticks >= second_ticks_) return false;
    heap_[0].ticks = ticks;
    return true;
  }

 private:
  static constexpr std::size_t kMaxAtRest = 32;

  /// Whether what is behind the top has stayed where it was, and will stay if it happens again.
  void note_rest(Entry top) {
    second_ticks_ = INT64_MAX;
    for (std::size_t i = 1; i < std::min<std::size_t>(3, heap_.size()); i++) {
      second_ticks_ = std::min(second_ticks_, heap_[i].ticks);
    }
    if (top.ticks >= second_ticks_) return;
    at_rest_ = std::equal(heap_.begin() + 1, heap_.end(), before_.begin() + 1,
                          [](const Entry& a, const Entry& b) { return a.proc == b.proc; });
  }

  std::vector<Entry> heap_;
  std::vector<Entry> before_;
  std::int64_t second_ticks_ = 0;
  bool at_rest_ = false;
};

/// The procs whose next event waits until a goroutine gets into a certain state: a hash table by
/// that state, chained through the procs, so that neither many waiting procs nor many waiting for
/// the same goroutine make it slow.
///
/// On request it also knows the earliest of the events.
class ParkedProcs {
 public:
  ParkedProcs(std::size_t procs, bool keep_earliest)
      : nodes_(procs), chains_(std::bit_ceil(2 * procs + 2), kEnd), keep_earliest_(keep_earliest) {}

  bool empty() const { return size_ == 0; }

  void park(ProcNumber proc, std::int64_t ticks, GoroutineSlot slot, std::uint64_t sequence,
            GoroutineState state) {
    Node& node = nodes_[proc];
    ProcNumber& chain = chains_[chain_of(slot, sequence, state)];
    node = {sequence, slot, chain, node.stamp + 1, state, true};
    chain = proc;
    size_++;
    if (keep_earliest_) earliest_.push({ticks, proc, node.stamp});
  }

  /// Takes out every proc that waits for exactly this, and calls f(proc).
  template <class F>
  void wake(GoroutineSlot slot, std::uint64_t sequence, GoroutineState state, F&& f) {
    ProcNumber* link = &chains_[chain_of(slot, sequence, state)];
    while (*link != kEnd) {
      const ProcNumber proc = *link;
      Node& node = nodes_[proc];
      if (node.slot == slot && node.sequence == sequence && node.state == state) {
        *link = node.next;
        node.is_parked = false;
        size_--;
        f(proc);
      } else {
        link = &node.next;
      }
    }
  }

  /// With keep_earliest: time of the earliest event, INT64_MAX if there is none.
  std::int64_t earliest_ticks() {
    while (!earliest_.empty()) {
      const Earliest& top = earliest_.top();
      if (nodes_[top.proc].is_parked && nodes_[top.proc].stamp == top.stamp) return top.ticks;
      earliest_.pop();
    }
    return INT64_MAX;
  }
  /// Takes out the proc that earliest_ticks() spoke of.
  ProcNumber take_earliest() {
    const ProcNumber proc = earliest_.top().proc;
    earliest_.pop();
    Node& node = nodes_[proc];
    ProcNumber* link = &chains_[chain_of(node.slot, node.sequence, node.state)];
    while (*link != proc) link = &nodes_[*link].next;
    *link = node.next;
    node.is_parked = false;
    size_--;
    return proc;
  }

 private:
  static constexpr ProcNumber kEnd = ~ProcNumber{0};
  struct Node {
    std::uint64_t sequence = 0;
    GoroutineSlot slot = 0;
    ProcNumber next = kEnd;
    std::uint32_t stamp = 0;  // how often the proc has been parked
    GoroutineState state{};
    bool is_parked = false;
  };
  struct Earliest {
    std::int64_t ticks = 0;
    ProcNumber proc = 0;
    std::uint32_t stamp = 0;
    // For priority_queue, which puts the greatest first.
    bool operator<(const Earliest& other) const {
      return ticks != other.ticks ? ticks > other.ticks : proc > other.proc;
    }
  };

  std::size_t chain_of(GoroutineSlot slot, std::uint64_t sequence, GoroutineState state) const {
    std::uint64_t key = sequence * 0x9e3779b97f4a7c15 + slot * 4ULL + static_cast<unsigned>(state);
    key ^= key >> 32;
    key *= 0xd6e8feb86659fd93;
    key ^= key >> 32;
    return key & (chains_.size() - 1);
  }

  std::vector<Node> nodes_;
  std::vector<ProcNumber> chains_;
  std::priority_queue<Earliest> earliest_;
  std::size_t size_ = 0;
  bool keep_earliest_;
};

}  // namespace marey::order::v1
