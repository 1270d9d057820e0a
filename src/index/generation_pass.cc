// SPDX-License-Identifier: Apache-2.0
#include "src/index/generation_pass.h"

#include <limits>
#include <ranges>
#include <unordered_set>
#include <utility>

#include "src/base/wrapping.h"
#include "src/trace/chain.h"
#include "src/wire/event_decoder.h"

namespace marey::index {
namespace {

/// A prefix longer than this is not worth keeping: the generation is ordered again instead.
constexpr std::size_t kLongestPrefix = 200'000;

/// Splits the events: those that the end of the generation before may push later, and the others.
class Splitter {
 public:
  Splitter(Speculation& out, std::optional<Time> end_of_previous)
      : out_(out), end_(end_of_previous.value_or(std::numeric_limits<Time>::min())) {}

  bool split() const { return split_; }
  /// The events of `records` that are behind the prefix.
  std::span<const Event::Record> behind(std::span<const Event::Record> records) {
    if (split_) return records;
    for (std::size_t i = 0; i < records.size(); i++) {
      // Each event of the prefix may be pushed a nanosecond further than the one before.
      const auto margin = static_cast<Time>(2 * out_.prefix.size()) + 1000;
      if (records[i].time > end_ && records[i].time - end_ > margin) {
        split_ = true;
        out_.first_after_prefix = records[i].time;
        return records.subspan(i);
      }
      out_.prefix.push_back(records[i]);
    }
    return {};
  }
  bool too_long() const { return !split_ && out_.prefix.size() > kLongestPrefix; }

 private:
  Speculation& out_;
  Time end_;
  bool split_ = false;
};

}  // namespace

void Totals::merge(const Totals& other) {
  events += other.events;
  for (std::size_t i = 0; i < by_type.size(); i++) by_type[i] += other.by_type[i];
}

std::uint64_t memory_for(const wire::GenerationLayout& layout) {
  constexpr std::uint64_t kTableGrowth = 8;
  constexpr std::uint64_t kBase = 4 << 20;
  std::uint64_t bytes = kBase + layout.batches.size() * (sizeof(wire::BatchRef) + 8);
  for (const wire::BatchRef& batch : layout.batches) {
    if (batch.kind != wire::BatchKind::Events) bytes += kTableGrowth * batch.size;
  }
  return bytes;
}

trace::RawGeneration tail_of(const trace::RawGeneration& raw) {
  trace::RawGeneration tail{{}, raw.bytes, raw.offset, raw.owner, {}};
  tail.layout.version = raw.layout.version;
  // From the end on, the first batch of each thread.
  std::unordered_set<std::int64_t> seen;
  for (const wire::BatchRef& batch : raw.layout.batches | std::views::reverse) {
    const bool is_last = batch.kind == wire::BatchKind::Events &&
                         seen.size() < order::kMaxThreads &&
                         seen.insert(marey::raw(batch.thread)).second;
    if (is_last || batch.kind == wire::BatchKind::CPUSamples) tail.layout.batches.push_back(batch);
  }
  return tail;
}

Time end_of(const trace::RawGeneration& raw, double nanoseconds_per_tick) {
  Time end = std::numeric_limits<Time>::min();
  for (const wire::BatchRef& batch : raw.layout.batches) {
    const auto bytes = raw.bytes.subspan(batch.offset - raw.offset, batch.size);
    const std::byte* p = bytes.data();
    const std::byte* const stop = p + bytes.size();
    if (batch.kind == wire::BatchKind::CPUSamples) {
      p++;
      while (p != nullptr && p != stop &&
             static_cast<wire::EventType>(*p) == wire::EventType::CPUSample) {
        std::uint64_t fields[5];
        p++;
        for (std::uint64_t& field : fields) {
          if (p != nullptr) p = wire::read_varint(p, stop, field);
        }
        if (p != nullptr) end = std::max(end, wire::ticks_to_time(fields[0], nanoseconds_per_tick));
      }
      continue;
    }
    Time time = wire::ticks_to_time(batch.time, nanoseconds_per_tick);
    wire::TimedEvent event;
    while (p != nullptr && p != stop) {
      wire::DecodeFault fault{};
      p = wire::decode_event_plain(p, stop, event, fault);
      if (p == nullptr) break;
      time = base::wrapping_add(time, wire::ticks_to_time(event.delta, nanoseconds_per_tick));
    }
    end = std::max(end, time);
  }
  return end;
}

Speculation speculate(Work& work, const std::shared_ptr<order::NameTable>& names, bool strict,
                      const FoldMaker* maker) {
  Speculation out;
  Health* const health = strict ? nullptr : &out.health;
  auto prepared =
      order::prepare(work.raw.layout, work.raw.bytes, work.raw.offset, 0, names, health);
  if (!prepared) return out;
  out.generation = std::make_unique<order::Generation>(std::move(*prepared));
  out.state = std::make_unique<order::State>();
  out.assumptions.speculative = true;
  order::Ordering ordering(*out.generation, *out.state, *names, order::Scheduler::Start::Derived,
                           health, &out.assumptions);
  if (!ordering.begin()) return out;
  if (maker == nullptr) {
    CountingSink sink{out.totals};
    out.usable = ordering.run(sink) == order::Ordering::Outcome::Done;
  } else {
    out.fold = maker->make();
    out.fold->begin(out.generation->tables, out.generation->layout.number);
    std::optional<Time> end_of_previous;
    if (work.previous_tail) {
      end_of_previous =
          end_of(*work.previous_tail, out.generation->tables.sync.nanoseconds_per_tick);
    }
    Splitter splitter(out, end_of_previous);
    trace::RecordBlock block;
    block.set_tables(&out.generation->tables);
    const EventTypes all = EventTypes().set();
    const EventTypes wanted = strict ? all : out.fold->types();
    for (;;) {
      // The times of the prefix are those of all its events.
      FoldSink sink(block, out.totals, splitter.split() ? wanted : all);
      const auto outcome = ordering.run(sink);
      const bool is_of_use = outcome != order::Ordering::Outcome::Broken &&
                             !ordering.undecidable() && !splitter.too_long();
      if (!is_of_use) return out;
      const auto records = splitter.behind(block.records());
      if (!records.empty()) out.fold->events(records);
      block.clear();
      if (outcome == order::Ordering::Outcome::Done) break;
    }
    out.fold->end(out.state->last_time);
    out.usable = true;
  }
  // What is damaged is better judged from the state that the generation before ended in.
  if (ordering.undecidable() || out.health.damaged()) out.usable = false;
  return out;
}

}  // namespace marey::index
