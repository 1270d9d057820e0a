// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/table_builder.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <utility>

#include "src/wire/varint.h"

namespace marey::order::v1 {
namespace {

using wire::v1::EventType;
using wire::v1::Fault;
using wire::v1::FaultKind;
using Outcome = wire::v1::RecordReader::Outcome;

// In the order of BuiltinString. The reasons of blocking are Go's words for them in v2 traces.
constexpr std::array<std::string_view, kBuiltinStringCount> kBuiltinStrings{
    "forever",
    "preempted",
    "runtime.Gosched",
    "sleep",
    "chan send",
    "chan receive",
    "network",
    "sync",
    "sync.(*Cond).Wait",
    "select",
    "",
    "GC mark assist wait for work",
    "",
    "GC mark termination",
    "GC sweep termination",
    "write heap dump",
    "goroutine profile",
    "goroutine profile cleanup",
    "all goroutine stack trace",
    "read mem stats",
    "AllThreadsSyscall",
    "GOMAXPROCS",
    "start trace",
    "stop trace",
    "CountPagesInUse (test)",
    "ReadMetricsSlow (test)",
    "ReadMemStatsSlow (test)",
    "PageCachePagesLeaked (test)",
    "ResetDebugLog (test)",
};

}  // namespace

TableBuilder::TableBuilder(std::span<const std::byte> bytes, const BatchIndex& index,
                           wire::Version version, Judgement judgement, Health& health)
    : bytes_(bytes.first(index.end)),
      index_(&index),
      health_(&health),
      strict_(judgement == Judgement::Strict),
      skimmer_(version),
      reader_(bytes_, version),
      tables_(std::make_unique<wire::Tables>()),
      first_text_id_(index.max_string_id + 1),
      texts_(0, TextHash{{tables_.get(), first_text_id_}},
             TextEqual{{tables_.get(), first_text_id_}}) {}

std::optional<Fault> TableBuilder::add_batch(BatchRef batch) {
  if (!batch.has_tables() && !batch.damaged()) return std::nullopt;
  if (!again_) batches_.push_back(batch);
  auto gap = std::lower_bound(
      index_->gaps.begin(), index_->gaps.end(), batch.offset(),
      [](const BatchIndex::Gap& a, std::uint64_t offset) { return a.begin < offset; });
  std::size_t limit = gap == index_->gaps.end() ? bytes_.size() : gap->begin;
  reader_.seek(batch.offset());
  reader_.skim(record_);
  while (true) {
    const std::byte* const start = bytes_.data() + reader_.position();
    const std::byte* const behind = skimmer_.skip_events(start, bytes_.data() + limit);
    reader_.seek(static_cast<std::size_t>(behind - bytes_.data()));
    if (reader_.position() >= limit) {
      if (gap == index_->gaps.end()) return std::nullopt;
      reader_.seek(gap->end);
      gap++;
      limit = gap == index_->gaps.end() ? bytes_.size() : gap->begin;
      continue;
    }
    switch (reader_.read(record_)) {
      case Outcome::End: return std::nullopt;
      case Outcome::Fault: return reader_.fault();
      case Outcome::Record: break;
    }
    if (record_.type == EventType::Batch) return std::nullopt;
    if (auto fault = check(record_); fault && (strict_ || fault->kind != FaultKind::BadFrequency)) {
      return fault;
    }
    if (auto fault = add_record()) return fault;
  }
}

std::optional<Fault> TableBuilder::add_record() {
  switch (record_.type) {
    case EventType::String: {
      const std::uint64_t id = record_.args[0];
      if (tables_->add_string(StringID{id}, record_.text)) break;
      if (strict_) return Fault{FaultKind::DuplicateString, id};
      count(Defect::DuplicateId, record_.offset, id);
      break;
    }
    case EventType::Stack: add_stack(); break;
    case EventType::Frequency: frequency_ = static_cast<std::int64_t>(record_.args[0]); break;
    default: break;
  }
  return std::nullopt;
}

void TableBuilder::add_stack() {
  const auto id = static_cast<std::uint32_t>(record_.args[0]);
  if (id == 0 || record_.args[1] == 0) return;
  frames_.clear();
  for (std::size_t i = 2; i < record_.args.size(); i += 4) {
    frames_.push_back(tables_->add_frame({.pc = record_.args[i],
                                          .function = StringID{trace_string(record_.args[i + 1])},
                                          .file = StringID{trace_string(record_.args[i + 2])},
                                          .line = record_.args[i + 3]}));
  }
  frame_offsets_.resize(tables_->frames().size(), record_.offset);
  if (const auto last = last_duplicate_.find(id);
      again_ && last != last_duplicate_.end() && last->second != record_.offset) {
    return;
  }
  if (tables_->add_stack(StackID{id}, frames_) || again_) return;
  if (strict_) {
    last_duplicate_[id] = record_.offset;
  } else {
    count(Defect::DuplicateId, record_.offset, id);
  }
}

void TableBuilder::read_tables_again() {
  // Of a stack given twice Go's reader takes the last one, and our tables the first one: so the
  // other ones must not get there. It never happens in a trace that the runtime wrote.
  again_ = true;
  *tables_ = wire::Tables{};
  frame_offsets_.clear();
  for (const BatchRef batch : batches_) add_batch(batch);
}

void TableBuilder::add_log_text(std::uint64_t offset) {
  const std::string_view text = text_at(offset);
  if (text.empty() || texts_.contains(text)) return;
  const auto number = static_cast<std::uint32_t>(texts_.size());
  tables_->add_string(StringID{first_text_id_ + number}, text);
  texts_.insert(number);
}

std::uint64_t TableBuilder::log_text(std::uint64_t offset) const {
  const auto it = texts_.find(text_at(offset));
  return it == texts_.end() ? 0 : first_text_id_ + *it;
}

std::string_view TableBuilder::text_at(std::uint64_t offset) const {
  const std::byte* const end = bytes_.data() + bytes_.size();
  std::uint64_t size;
  const std::byte* const p =
      wire::read_varint(bytes_.data() + std::min<std::uint64_t>(offset, bytes_.size()), end, size);
  if (p == nullptr || size > static_cast<std::uint64_t>(end - p)) return {};
  return {reinterpret_cast<const char*>(p), size};
}

void TableBuilder::finish() {
  if (!last_duplicate_.empty()) {
    std::vector<std::string_view> texts;
    texts.reserve(texts_.size());
    for (std::uint32_t i = 0; i < texts_.size(); i++) {
      texts.push_back(tables_->string(StringID{first_text_id_ + i}));
    }
    read_tables_again();
    for (std::uint32_t i = 0; i < texts.size(); i++) {
      tables_->add_string(StringID{first_text_id_ + i}, texts[i]);
    }
  }
  if (!strict_) check_frames();
  const auto misses_id = [](const auto& table, std::uint64_t limit) {
    std::uint64_t count = 0;
    std::uint64_t last = 0;
    table.for_each([&](std::uint64_t id, const auto&) {
      if (id >= limit) return;
      count++;
      last = std::max(last, id);
    });
    return count != last;
  };
  has_gaps_ = misses_id(tables_->strings(), first_text_id_) ||
              misses_id(tables_->stacks(), std::numeric_limits<std::uint64_t>::max());
  std::uint64_t id = first_text_id_ + texts_.size();
  for (std::size_t i = 0; i < kBuiltinStringCount; i++) {
    builtin_[i] = id;
    tables_->add_string(StringID{id++}, kBuiltinStrings[i]);
  }
  batches_ = {};
}

void TableBuilder::check_frames() {
  boost::unordered_flat_set<std::uint64_t> unknown;
  const std::span<const wire::FrameRecord> frames = tables_->frames();
  for (std::size_t i = 0; i < frames.size(); i++) {
    for (const StringID string : {frames[i].function, frames[i].file}) {
      if (tables_->has_string(string) || !unknown.insert(raw(string)).second) continue;
      count(Defect::UnknownString, frame_offsets_[i], raw(string));
    }
  }
  frame_offsets_ = {};
}

void TableBuilder::count(Defect defect, std::uint64_t offset, std::uint64_t id) {
  DefectReport report{.defect = defect, .offset = offset, .detail = {}};
  if (health_->of(defect).count < Health::kKept) report.detail = fmt::format("id {}", id);
  health_->add(std::move(report));
}

}  // namespace marey::order::v1
