// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "marey/event.h"

#include "src/analysis/goroutine_intervals.h"
#include "src/analysis/interval.h"
#include "src/analysis/spans.h"
#include "src/analysis/timeline.h"
#include "src/analysis/vocabulary.h"

namespace marey::analysis {

/// Turns the begins and ends of ranges (garbage collection, stop-the-world) into whole ones.
class RangeIntervals {
 public:
  RangeIntervals(Translation& translation, GoroutineIntervals& goroutines)
      : translation_(&translation), goroutines_(&goroutines) {}

  static bool handles(std::uint8_t type);
  void event(const Event::Record& record);

  /// Between align() and stitch() of the goroutines: their timelines are not merged yet, and those
  /// of `next` have the slots `slots` here.
  void merge(RangeIntervals& next, const SlotMap& slots);
  void finish(const Ending& ending);

  /// What is finished; the caller takes it.
  std::vector<RangeInterval>& finished() { return finished_; }

 private:
  struct Key {
    RangeKind kind = RangeKind::Mark;
    std::int64_t scope = 0;   // goroutine or proc
    Text name = Text::Empty;  // of a stop-the-world
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const;
  };
  struct Begin {
    GoID goroutine = kNoGoroutine;
    StackNumber stack = StackNumber::None;
  };
  struct End {
    GoID goroutine = kNoGoroutine;
    Slot slot = kNoSlot;
    std::uint64_t swept = 0;
    std::uint64_t reclaimed = 0;
  };

  auto emitter() {
    return [this](const Key& key, Time start, const Begin& begin, Edge start_edge, Time end,
                  const End& info,
                  Edge end_edge) { emit(key, start, begin, start_edge, end, info, end_edge); };
  }
  void emit(const Key& key, Time start, const Begin& begin, Edge start_edge, Time end,
            const End& info, Edge end_edge);
  void begin(const Key& key, const Event::Record& record);
  void carry(const Key& key, GoID goroutine, Time time);
  void end(const Key& key, const Event::Record& record);

  Translation* translation_;
  GoroutineIntervals* goroutines_;
  Spans<Key, Begin, End, KeyHash> spans_;
  std::vector<RangeInterval> finished_;
};

}  // namespace marey::analysis
