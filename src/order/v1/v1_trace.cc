// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/v1_trace.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "src/order/record.h"
#include "src/order/v1/batch_index.h"
#include "src/order/v1/clock.h"
#include "src/order/v1/converter.h"
#include "src/order/v1/merge.h"
#include "src/order/v1/recheck.h"
#include "src/order/v1/replay.h"
#include "src/order/v1/table_builder.h"
#include "src/wire/header.h"

namespace marey::order {
namespace {

using Record = marey::Event::Record;
using v1::BatchIndex;
using v1::Clock;
using v1::Converter;
using v1::kUsualFrequency;
using v1::MergeResult;
using v1::Replay;
using v1::TableBuilder;

/// Traces in one file that are read as such; any further header is damage.
constexpr std::size_t kMaxTraces = 64;

/// One of the traces in the file, read once.
struct Section {
  wire::Version version{};
  BatchIndex index;
  std::unique_ptr<TableBuilder> tables;
  MergeResult merged;
  Clock clock;
};

class SectionReader {
 public:
  SectionReader(std::span<const std::byte> bytes, Judgement judgement, Health& health)
      : bytes_(bytes), judgement_(judgement), health_(health) {}

  Result<std::unique_ptr<Section>> read(std::size_t offset, wire::Version version,
                                        bool may_continue) {
    auto section = std::make_unique<Section>();
    section->version = version;
    const std::uint64_t damage_before = health_.total();
    auto index = BatchIndex::build(bytes_, offset, version, judgement_, may_continue, health_);
    if (!index) return std::unexpected(std::move(index.error()));
    section->index = std::move(*index);
    auto merged = v1::merge(bytes_, section->index, version, judgement_, section->tables, health_);
    if (!merged) return std::unexpected(std::move(merged.error()));
    section->merged = std::move(*merged);

    std::int64_t frequency = section->tables->frequency();
    const bool strict = judgement_ == Judgement::Strict;
    if (strict && frequency == 0) return input_error("no EvFrequency event");
    if (!strict && !v1::is_plausible_frequency(frequency)) {
      if (section->merged.events > 0) report_frequency(frequency, section->index);
      frequency = kUsualFrequency;
    }
    section->clock = {section->merged.first_ticks, 1e9 / static_cast<double>(frequency)};
    section->tables->finish();
    const bool misses_ids = !strict && section->tables->has_gaps();
    if (section->merged.needs_check || misses_ids || health_.total() != damage_before) {
      auto error = v1::recheck(bytes_, section->index, section->merged, *section->tables,
                               section->clock, judgement_, health_);
      if (error) return std::unexpected(std::move(*error));
    }
    return section;
  }

 private:
  void report_frequency(std::int64_t frequency, const BatchIndex& index) {
    const std::string what = index.has_frequency
                                 ? fmt::format("EvFrequency says {} ticks a second", frequency)
                                 : "no EvFrequency event";
    health_.add({.defect = Defect::NoFrequency,
                 .offset = index.end,
                 .detail = what + "; a tick was taken for 25.6 ns, so all times may be off by a "
                                  "common factor"});
  }

  std::span<const std::byte> bytes_;
  Judgement judgement_;
  Health& health_;
};

/// The version of the next v1 trace in the file, where one trace ended at `offset`, which moves to
/// its header. A v2 trace cannot be read as the continuation of a v1 trace: it is left out.
std::optional<wire::Version> find_next_trace(std::span<const std::byte> bytes, std::size_t& offset,
                                             Health& health) {
  auto version = v1::find_header(bytes, offset);
  while (version && !wire::is_v1(*version)) {
    const std::size_t header = offset;
    offset = std::min(v1::search_header(bytes, header + 1, bytes.size()), bytes.size());
    health.add({.defect = Defect::UnreadTrace,
                .offset = header,
                .bytes_lost = offset - header,
                .detail = wire::advice_for_unread(*version, header)});
    version = v1::find_header(bytes, offset);
  }
  return version;
}

}  // namespace

struct V1Trace::Impl {
  std::span<const std::byte> bytes;
  Judgement judgement{};
  std::vector<std::unique_ptr<Section>> sections;
  Totals totals;

  // Where next() is.
  std::optional<Replay> replay;
  std::optional<Converter> converter;
  std::size_t next_section = 0;
  std::uint64_t number = 0;                // of the replay's next event
  std::span<const std::uint64_t> guesses;  // numbers of events, from there on
  Time base = 0;                           // of the section's times
  Time last_time = -1;                     // of the event delivered last
  std::uint64_t syncs = 0;
  bool is_done = false;
  std::optional<Error> error;

  bool next(Record& out) {
    while (!is_done) {
      if (!replay) {
        if (begin_section(out)) return true;
        continue;
      }
      if (converter->has_more()) [[unlikely]] {
        converter->more(out);
        return deliver(out);
      }
      auto outcome = Converter::Outcome::Nothing;
      out.guessed = !guesses.empty() && guesses.front() == number;
      if (out.guessed) [[unlikely]]
        guesses = guesses.subspan(1);
      number++;
      const bool is_event =
          replay->visit_next([&](v1::EventType type, const v1::Event& event, v1::ProcNumber proc)
                                 __attribute__((always_inline)) {
                                   outcome = converter->convert(type, event, proc, out);
                                 });
      if (outcome == Converter::Outcome::Event) [[likely]]
        return deliver(out);
      if (!is_event) {
        replay.reset();
      } else if (outcome == Converter::Outcome::UnknownType && judgement == Judgement::Strict) {
        constexpr auto kFutile = static_cast<int>(v1::EventType::FutileWakeup);
        error = Error{ErrorKind::Input, fmt::format("unexpected event type {}", kFutile)};
        is_done = true;
      }
    }
    return false;
  }

  /// Goes on to the next section with events; true if it gave the Sync before it, or the last one.
  bool begin_section(Record& out) {
    if (next_section == sections.size()) {
      is_done = true;
      sync(out, last_time + 1, nullptr);
      return true;
    }
    Section& section = *sections[next_section++];
    if (section.merged.events == 0) return false;
    replay.emplace(bytes, section.index, section.merged, judgement);
    converter.emplace(section.index, section.merged, section.version, section.clock,
                      *section.tables);
    number = 0;
    guesses = section.merged.guesses;
    base = syncs == 0 ? 0 : last_time + 2;
    last_time = base - 1;
    sync(out, last_time, &section.tables->tables());
    return true;
  }

  bool deliver(Record& out) {
    // Also what happened at the same time comes at different ones. Where a second trace in the file
    // would end in the far future, its base does not fit.
    Time time = 0;
    if (__builtin_add_overflow(base, out.time, &time)) time = last_time;
    out.time = last_time = risen(time, last_time);
    return true;
  }

  void sync(Record& out, Time time, const wire::Tables* tables) {
    out = {};
    out.type = kSyncType;
    out.time = time;
    out.args[0] = ++syncs;
    out.tables = tables;
  }
};

Result<V1Trace> V1Trace::open(std::span<const std::byte> bytes, std::size_t first_batch,
                              wire::Version version, Judgement judgement, Health& health) {
  auto impl = std::make_unique<Impl>();
  impl->bytes = bytes;
  impl->judgement = judgement;
  const bool strict = judgement == Judgement::Strict;
  SectionReader reader(bytes, judgement, health);
  std::size_t offset = std::min(first_batch, bytes.size());
  while (true) {
    const bool may_continue = !strict && impl->sections.size() + 1 < kMaxTraces;
    auto section = reader.read(offset, version, may_continue);
    if (!section) return std::unexpected(std::move(section.error()));
    const BatchIndex& index = (*section)->index;
    Totals& totals = impl->totals;
    totals.traces++;
    totals.batches += index.batch_count;
    totals.procs = std::max<std::uint64_t>(totals.procs, index.procs.size());
    totals.v1_events += (*section)->merged.events;
    totals.cpu_samples += index.samples.size();
    offset = index.end;
    impl->sections.push_back(std::move(*section));
    if (!may_continue) break;
    const auto next_version = find_next_trace(bytes, offset, health);
    if (!next_version) break;
    health.add({.defect = Defect::SecondTrace, .offset = offset, .detail = {}});
    version = *next_version;
    offset += wire::kHeaderSize;
  }
  if (!strict && impl->totals.batches == 0) {
    health.add({.defect = Defect::EmptyTrace, .offset = offset, .detail = "no EvFrequency event"});
  }
  return V1Trace(std::move(impl));
}

V1Trace::V1Trace(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
V1Trace::V1Trace(V1Trace&&) noexcept = default;
V1Trace& V1Trace::operator=(V1Trace&&) noexcept = default;
V1Trace::~V1Trace() = default;

bool V1Trace::next(Event::Record& out) { return impl_->next(out); }

const std::optional<Error>& V1Trace::error() const { return impl_->error; }

void V1Trace::rewind() {
  Impl& impl = *impl_;
  impl.replay.reset();
  impl.converter.reset();
  impl.next_section = 0;
  impl.guesses = {};
  impl.base = 0;
  impl.last_time = -1;
  impl.syncs = 0;
  impl.is_done = false;
  impl.error.reset();
}

const wire::Tables& V1Trace::tables() const { return impl_->sections.front()->tables->tables(); }

const V1Trace::Totals& V1Trace::totals() const { return impl_->totals; }

}  // namespace marey::order
