// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "src/index/fold.h"
#include "src/order/ordering.h"
#include "src/order/record.h"
#include "src/trace/generation_feed.h"
#include "src/trace/record_block.h"

namespace marey::index {

/// Events of one generation, counted.
struct Totals {
  std::uint64_t events = 0;
  std::array<std::uint64_t, 256> by_type{};

  void add(std::uint8_t type) {
    events++;
    by_type[type]++;
  }
  void remove(std::uint8_t type) {
    events--;
    by_type[type]--;
  }
  void merge(const Totals& other);
};

/// The sink that only counts.
struct CountingSink {
  Totals& totals;
  std::uint8_t last = 0;

  void emit(wire::EventType type, Time, const order::Context&,
            const std::array<std::uint64_t, 4>&) {
    last = static_cast<std::uint8_t>(type);
    totals.add(last);
  }
  void emit_sample(Time, const wire::CPUSampleRecord&) {
    totals.add(order::type_number(wire::EventType::CPUSample));
  }
  bool full() const { return false; }
  // Taking back counts is only asked for when the trace breaks, and then a carried run decides.
  void undo(unsigned count) { totals.events -= count; }
};

/// The sink that counts, and keeps the events that a fold wants.
class FoldSink {
 public:
  /// Strict, everything must be wanted, since events may have to be taken back.
  FoldSink(trace::RecordBlock& block, Totals& totals, const EventTypes& wanted)
      : block_(block), totals_(totals), wanted_(wanted) {}

  [[gnu::always_inline]] void emit(wire::EventType type, Time time, const order::Context& context,
                                   const std::array<std::uint64_t, 4>& args) {
    const auto number = order::type_number(type);
    totals_.add(number);
    if (wanted_[number]) block_.emit(type, time, context, args);
  }
  void emit_sample(Time time, const wire::CPUSampleRecord& sample) {
    const auto number = order::type_number(wire::EventType::CPUSample);
    totals_.add(number);
    if (wanted_[number]) block_.emit_sample(time, sample);
  }
  bool full() const { return block_.full(); }
  void undo(unsigned count) {
    for (const Event::Record& record : block_.records().last(count)) totals_.remove(record.type);
    block_.undo(count);
  }

 private:
  trace::RecordBlock& block_;
  Totals& totals_;
  const EventTypes wanted_;
};

/// A generation on its way through a pass.
struct Work {
  trace::RawGeneration raw;
  std::optional<trace::RawGeneration> previous_tail;  ///< tail_of() the generation before
};

/// Bytes of memory that ordering a generation takes, roughly and not too low: its tables grow to a
/// few times their size on the wire, and each batch is listed.
std::uint64_t memory_for(const wire::GenerationLayout& layout);

/// What ordering one generation on its own has come to.
struct Speculation {
  std::unique_ptr<order::Generation> generation;
  std::unique_ptr<order::State> state;
  order::Assumptions assumptions;
  Health health;
  Totals totals;
  bool usable = false;  ///< false: only a carried run can tell
  /// The first events: their times depend on when the generation before ended.
  std::vector<Event::Record> prefix;
  Time first_after_prefix = 0;
  std::unique_ptr<Fold> fold;  ///< of the events behind the prefix
};

/// Orders one generation from nothing but its own statuses. With `maker`, folds it.
Speculation speculate(Work& work, const std::shared_ptr<order::NameTable>& names, bool strict,
                      const FoldMaker* maker);

/// The raw time of the last event of a generation's threads: decodes their last batches, with the
/// tick length of the generation that follows.
Time end_of(const trace::RawGeneration& raw, double nanoseconds_per_tick);

/// The last batch of each thread and the batches of samples: all that end_of() looks at.
trace::RawGeneration tail_of(const trace::RawGeneration& raw);

}  // namespace marey::index
