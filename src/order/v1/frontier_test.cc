// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/frontier.h"

#include <algorithm>
#include <cstdint>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <tuple>
#include <vector>

namespace marey::order::v1 {
namespace {

/// The heap of Go's reader, as plainly as possible: what decides among ties.
class GoHeap {
 public:
  void push(ReadyProcs::Entry entry) {
    heap_.push_back(entry);
    std::size_t j = heap_.size() - 1;
    while (j != 0) {
      const std::size_t parent = (j - 1) / 2;
      if (!(heap_[j].ticks < heap_[parent].ticks)) break;
      std::swap(heap_[j], heap_[parent]);
      j = parent;
    }
  }
  ReadyProcs::Entry pop() {
    const std::size_t last = heap_.size() - 1;
    std::swap(heap_[0], heap_[last]);
    std::size_t i = 0;
    while (2 * i + 1 < last) {
      std::size_t child = 2 * i + 1;
      if (child + 1 < last && heap_[child + 1].ticks < heap_[child].ticks) child++;
      if (!(heap_[child].ticks < heap_[i].ticks)) break;
      std::swap(heap_[i], heap_[child]);
      i = child;
    }
    const ReadyProcs::Entry top = heap_.back();
    heap_.pop_back();
    return top;
  }

 private:
  std::vector<ReadyProcs::Entry> heap_;
};

TEST(V1ReadyProcs, TiesAreDecidedAsInGo) {
  std::mt19937 random(1);
  for (int round = 0; round < 2000; round++) {
    const auto procs = static_cast<ProcNumber>(1 + random() % (round % 10 == 0 ? 60 : 8));
    const auto spread = static_cast<std::int64_t>(1 + random() % 12);
    ReadyProcs ready;
    GoHeap go;
    for (ProcNumber proc = 0; proc < procs; proc++) {
      const ReadyProcs::Entry entry{static_cast<std::int64_t>(random()) % spread, proc};
      ready.push(entry);
      go.push(entry);
    }
    std::vector<ReadyProcs::Entry> parked;
    for (int i = 0; i < 300 && !ready.empty(); i++) {
      const ReadyProcs::Entry top = go.pop();
      ASSERT_EQ(ready.top().proc, top.proc);
      ASSERT_EQ(ready.top().ticks, top.ticks);
      // The proc's next event is later, often by nothing.
      const std::int64_t ticks =
          top.ticks + (random() % 2 == 0 ? 0 : static_cast<std::int64_t>(random()) % spread);
      switch (random() % 8) {
        case 0:  // it has to wait
          ready.pop();
          parked.push_back({ticks, top.proc});
          break;
        case 1:  // another one need not wait any more
          ready.pop();
          if (!parked.empty()) {
            parked.back().ticks = std::max(parked.back().ticks, top.ticks);
            ready.push(parked.back());
            go.push(parked.back());
            parked.pop_back();
          }
          ready.push({ticks, top.proc});
          go.push({ticks, top.proc});
          break;
        case 2:
          if (ready.replace_at_rest(ticks)) {
            go.push({ticks, top.proc});
            break;
          }
          [[fallthrough]];
        default:
          ready.replace_top({ticks, top.proc});
          go.push({ticks, top.proc});
          break;
      }
    }
  }
}

TEST(V1ParkedProcs, WakesWhoWaitsForThis) {
  using Key = std::tuple<GoroutineSlot, std::uint64_t, GoroutineState>;
  std::mt19937 random(2);
  constexpr ProcNumber kProcs = 50;
  ParkedProcs parked(kProcs, true);
  std::map<ProcNumber, std::pair<Key, std::int64_t>> expected;
  for (int i = 0; i < 100000; i++) {
    const Key key{static_cast<GoroutineSlot>(random() % 5),
                  random() % 3 == 0 ? ~std::uint64_t{0} : random() % 4,
                  static_cast<GoroutineState>(random() % 4)};
    const auto& [slot, sequence, state] = key;
    const auto proc = static_cast<ProcNumber>(random() % kProcs);
    if (random() % 2 == 0 && !expected.contains(proc)) {
      const auto ticks = static_cast<std::int64_t>(random() % 1000);
      parked.park(proc, ticks, slot, sequence, state);
      expected[proc] = {key, ticks};
    } else {
      std::vector<ProcNumber> woken;
      parked.wake(slot, sequence, state, [&](ProcNumber number) { woken.push_back(number); });
      std::vector<ProcNumber> should;
      for (const auto& [number, waiting] : expected) {
        if (waiting.first == key) should.push_back(number);
      }
      std::sort(woken.begin(), woken.end());
      ASSERT_EQ(woken, should);
      for (const ProcNumber number : woken) expected.erase(number);
    }
    std::int64_t earliest = INT64_MAX;
    for (const auto& [number, waiting] : expected) earliest = std::min(earliest, waiting.second);
    ASSERT_EQ(parked.earliest_ticks(), earliest);
    ASSERT_EQ(parked.empty(), expected.empty());
    if (random() % 5 == 0 && !expected.empty()) {
      const ProcNumber taken = parked.take_earliest();
      ASSERT_EQ(expected.at(taken).second, earliest);
      expected.erase(taken);
    }
  }
}

}  // namespace
}  // namespace marey::order::v1
