// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/batch_index.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "src/order/v1/clock.h"
#include "src/wire/header.h"
#include "src/wire/v1/event_decoder.h"
#include "src/wire/v1/records.h"
#include "src/wire/varint.h"

namespace marey::order::v1 {
namespace {

using wire::v1::EventType;
using wire::v1::Fault;
using wire::v1::FaultKind;
using wire::v1::Layout;
using wire::v1::Record;
using wire::v1::RecordReader;
using Outcome = RecordReader::Outcome;

constexpr std::size_t kNowhere = SIZE_MAX;
/// Records that must be well formed behind something that claims to be a batch, and behind a
/// record that is left out. More than the fewest of them need not be looked at behind so many
/// bytes; a text, which may be as long as it likes, proves nothing.
constexpr unsigned kProofOfBatch = 16;
constexpr unsigned kProofOfRecord = 8;
constexpr unsigned kProofInBatch = 24;
constexpr std::size_t kProofBytes = 512;
/// Damaged bytes behind which the same batch may go on. Of more bytes one cannot tell whether there
/// was the beginning of another batch among them, and how much time is missing.
constexpr std::size_t kMaxHole = 256;
/// Batches of one trace are not further apart than this, in ticks: days at any usual clock.
constexpr std::uint64_t kMaxTickDistance = std::uint64_t{1} << 45;
/// A batch among damaged bytes is not this much earlier than all others, in ticks: two minutes of
/// amd64's clocks. Bytes of an event look like a batch at a small number of ticks now and then.
constexpr std::uint64_t kMostTicksBefore = std::uint64_t{1} << 32;
/// More procs than any machine has: each costs a few hundred bytes later on, and a hostile trace
/// has one in five bytes. Go has no limit; strict reading has one only to bound memory.
constexpr std::size_t kMaxProcs = 1 << 16;
constexpr std::size_t kMaxProcsStrict = 1 << 20;
/// Procs that a batch among damaged bytes may belong to, if it is not a proc seen before.
constexpr std::uint64_t kMaxPlausibleProc = 4096;

class Indexer {
 public:
  Indexer(std::span<const std::byte> bytes, std::size_t offset, wire::Version version,
          Judgement judgement, bool may_continue, Health& health)
      : bytes_(bytes),
        begin_(offset),
        version_(version),
        strict_(judgement == Judgement::Strict),
        max_procs_(strict_ ? kMaxProcsStrict : kMaxProcs),
        may_continue_(may_continue),
        health_(health),
        skimmer_(version),
        reader_(bytes, version, offset),
        probe_(bytes, version) {}

  Result<BatchIndex> run() {
    while (!done_) {
      skim_events();
      if (auto fault = step()) {
        if (strict_) return input_error(to_message(*fault));
        repair(*fault);
      }
    }
    finish();
    return std::move(index_);
  }

 private:
  /// The hot loop: over events of a batch that are as they should be.
  void skim_events() {
    if (!in_batch_) return;
    const std::byte* const start = bytes_.data() + reader_.position();
    const std::byte* const behind = skimmer_.skip_events(start, bytes_.data() + bytes_.size());
    if (behind != start) has_records_ = true;
    reader_.seek(static_cast<std::size_t>(behind - bytes_.data()));
  }

  /// One record, whatever it is. On a fault that ends Go's first reading (or, tolerant, on any)
  /// the reader stands at the record.
  std::optional<Fault> step() {
    const std::size_t start = reader_.position();
    switch (reader_.skim(record_)) {
      case Outcome::Fault: return reader_.fault();
      case Outcome::End:
        if (start < bytes_.size()) {
          // A log whose text is cut off ends Go's first reading silently; the second one fails.
          if (!strict_) return Fault{FaultKind::UnexpectedEnd};
          mark_damaged();
        }
        done_ = true;
        index_.end = bytes_.size();
        return std::nullopt;
      case Outcome::Record: break;
    }
    if (record_.type == EventType::Batch) {
      if (begin_batch(start)) return std::nullopt;
      reader_.seek(start);
      return Fault{FaultKind::TooManyProcs, max_procs_};
    }
    if (!in_batch_ && record_.type != EventType::String) {
      reader_.seek(start);
      return Fault{FaultKind::NoBatch, static_cast<std::uint64_t>(record_.type)};
    }
    return in_batch_ ? check_record(start) : std::nullopt;
  }

  std::optional<Fault> check_record(std::size_t start) {
    const std::size_t behind = reader_.position();
    reader_.seek(start);
    std::optional<Fault> fault;
    if (record_.type == EventType::CPUSample) {
      // Skimming has read its arguments, unless there are too few of them to need a length.
      reader_.seek(behind);
      fault = wire::v1::check(record_);
      if (fault && strict_) return fault;
    } else if (reader_.read(record_) == Outcome::Fault) {
      fault = reader_.fault();
    } else {
      fault = strict_ ? wire::v1::check(record_) : wire::v1::check_written(record_);
      // A trace without a frequency can be read.
      if (fault && fault->kind == FaultKind::BadFrequency && !strict_) fault.reset();
    }
    if (fault) {
      if (strict_) {
        mark_damaged();
        reader_.seek(behind);
        has_records_ = true;
        return std::nullopt;
      }
      reader_.seek(start);
      return fault;
    }
    if (record_.type == EventType::CPUSample && !has_records_) batch().set_samples();
    has_records_ = true;
    note(record_);
    return std::nullopt;
  }

  void note(const Record& record) {
    switch (wire::v1::spec_of(record.type).layout) {
      case Layout::String:
        if (record.args[0] <= kMaxStringId) {
          index_.max_string_id = std::max(index_.max_string_id, record.args[0]);
        }
        mark_tables();
        break;
      case Layout::Sample:
        index_.samples.push_back({static_cast<std::int64_t>(record.args[1]), record.offset});
        break;
      case Layout::Untimed:
        if (record.type == EventType::TimerGoroutine) {
          index_.timer_goroutines.push_back(record.args[0]);
        } else {
          index_.has_frequency = true;
          frequency_ = static_cast<std::int64_t>(record.args[0]);
        }
        mark_tables();
        break;
      case Layout::Stack: mark_tables(); break;
      default: break;
    }
  }

  /// False if there are too many procs already.
  bool begin_batch(std::size_t offset) {
    const auto id = static_cast<std::int32_t>(record_.args[0]);
    if (index_.procs.size() == max_procs_ && !proc_numbers_.contains(id)) return false;
    drop_empty_batch();
    const auto [it, is_new] = proc_numbers_.try_emplace(id, index_.procs.size());
    if (is_new) index_.procs.push_back({id, {}});
    proc_ = it->second;
    index_.procs[proc_].batches.emplace_back(offset);
    last_ticks_ = record_.args[1];
    index_.batch_count++;
    min_ticks_ = std::min(min_ticks_, last_ticks_);
    max_ticks_ = std::max(max_ticks_, last_ticks_);
    in_batch_ = true;
    has_records_ = false;
    return true;
  }

  void drop_empty_batch() {
    if (in_batch_ && !has_records_ && !batch().damaged()) index_.procs[proc_].batches.pop_back();
  }

  BatchRef& batch() { return index_.procs[proc_].batches.back(); }
  void mark_tables() { batch().set_tables(); }
  void mark_damaged() {
    if (in_batch_) batch().set_damaged();
  }

  // Repair: only in tolerant reading.

  void repair(const Fault& fault) {
    const std::size_t start = reader_.position();
    const std::size_t header = next_header();
    if (header <= start) {
      end_before(header);
      return;
    }
    // If the record says how long it is and what follows is well formed, only the record is lost.
    if (const std::size_t behind = in_batch_ ? behind_record(start) : kNowhere;
        behind <= header && behind != kNowhere && is_proof(behind, kProofOfRecord)) {
      lose(start, behind, fault, is_table(start) ? Defect::BadTable : Defect::BadBatch);
      return;
    }
    if (const std::size_t behind = in_batch_ ? behind_hole(start) : kNowhere;
        behind <= header && behind != kNowhere) {
      lose(start, behind, fault, Defect::BadBatch);
      return;
    }
    const std::size_t next = find_batch(start + 1);
    if (header < next) {
      lose(start, header, fault, defect_of_rest());
      end_here(header);
      return;
    }
    if (next != kNowhere) {
      lose(start, next, fault, defect_of_rest());
      return;
    }
    const bool cut = is_cut_off(start, fault);
    lose(start, bytes_.size(), fault, cut ? Defect::TruncatedFile : Defect::ForeignBytes);
    is_truncated_ |= cut;
    done_ = true;
    index_.end = bytes_.size();
  }

  Defect defect_of_rest() const {
    // The frequency is the last record that the runtime writes.
    return in_batch_ && !index_.has_frequency ? Defect::BadBatch : Defect::ForeignBytes;
  }

  void end_here(std::size_t offset) {
    done_ = true;
    index_.end = offset;
  }

  /// Where the next trace in the file begins; kNowhere if that is not asked for.
  std::size_t next_header() {
    if (!may_continue_) return kNowhere;
    if (!next_header_) next_header_ = search_header(bytes_, begin_, bytes_.size());
    return *next_header_;
  }

  /// Ends the trace at the header of another one, which reading may have gone over already: then
  /// the last record of this one was cut off, and took what lies behind it for its end.
  void end_before(std::size_t header) {
    if (header < reader_.position()) forget_from(header);
    end_here(header);
  }

  void forget_from(std::size_t header) {
    std::size_t last = kNowhere;  // proc of the last batch before the header
    for (std::size_t i = 0; i < index_.procs.size(); i++) {
      std::vector<BatchRef>& batches = index_.procs[i].batches;
      while (!batches.empty() && batches.back().offset() >= header) {
        batches.pop_back();
        index_.batch_count--;
      }
      if (!batches.empty() && (last == kNowhere || batches.back().offset() >
                                                       index_.procs[last].batches.back().offset()))
        last = i;
    }
    std::erase_if(index_.samples, [&](const auto& sample) { return sample.offset >= header; });
    in_batch_ = last != kNowhere;
    if (!in_batch_) return;
    proc_ = last;
    has_records_ = true;
    std::size_t record = batch().offset();
    for (probe_.seek(record); probe_.skim(probed_) == Outcome::Record;) {
      if (probe_.position() > header) break;
      record = probe_.position();
    }
    if (record == header) return;
    lose(record, header, {FaultKind::UnexpectedEnd}, Defect::TruncatedFile);
    is_truncated_ = true;
  }

  void lose(std::size_t begin, std::size_t end, const Fault& fault, Defect defect) {
    mark_damaged();
    if (in_batch_) {
      if (!index_.gaps.empty() && index_.gaps.back().end == begin) {
        index_.gaps.back().end = end;
      } else {
        index_.gaps.push_back({begin, end});
      }
    }
    DefectReport report{.defect = defect, .offset = begin, .bytes_lost = end - begin, .detail = {}};
    if (health_.of(defect).count < Health::kKept) report.detail = to_message(fault);
    health_.add(std::move(report));
    reader_.seek(end);
  }

  /// Whether the fault is that the record goes on behind the end of the file.
  bool is_cut_off(std::size_t start, const Fault& fault) const {
    switch (fault.kind) {
      case FaultKind::End:
      case FaultKind::UnexpectedEnd: return true;
      case FaultKind::MalformedVarint:
      case FaultKind::MalformedArgument: return bytes_.size() - start <= 64;
      default: return false;
    }
  }

  bool is_table(std::size_t offset) const {
    const auto type = static_cast<EventType>(std::to_integer<unsigned>(bytes_[offset]) & 63);
    return type == EventType::String || type == EventType::Stack;
  }

  /// Position behind the record at `offset`, going by its framing alone.
  std::size_t behind_record(std::size_t offset) {
    const auto first = std::to_integer<unsigned>(bytes_[offset]);
    const auto type = static_cast<EventType>(first & 63);
    if (type == EventType::Batch || first == 0) return kNowhere;
    probe_.seek(offset);
    if (probe_.skim(probed_) == Outcome::Record) return probe_.position();
    if (wire::v1::known(type, version_)) return kNowhere;
    // An unknown type: its arguments are framed like those of any event.
    std::uint64_t value = 0;
    const std::byte* const end = bytes_.data() + bytes_.size();
    const std::byte* p = bytes_.data() + offset + 1;
    const unsigned count = (first >> 6) + 1;
    for (unsigned i = 0; i < (count > 3 ? 1 : count); i++) {
      p = wire::read_varint(p, end, value);
      if (p == nullptr) return kNowhere;
    }
    if (count > 3) {
      if (value > wire::v1::kMaxArgumentBytes || value > static_cast<std::size_t>(end - p)) {
        return kNowhere;
      }
      p += value;
    }
    return static_cast<std::size_t>(p - bytes_.data());
  }

  /// Position near `offset` from which on all is well again.
  std::size_t behind_hole(std::size_t offset) {
    const std::size_t end = std::min(offset + kMaxHole, bytes_.size());
    for (std::size_t behind = offset + 1; behind < end; behind++) {
      if (is_proof(behind, kProofInBatch) && probe_.position() < bytes_.size()) return behind;
    }
    return kNowhere;
  }

  /// Whether `count` well-formed records follow, or fewer at the trace's end.
  bool is_proof(std::size_t offset, unsigned count) {
    probe_.seek(offset);
    bool ends_trace = false;
    for (unsigned i = 0;
         i < count && (i < kProofOfRecord || probe_.position() - offset < kProofBytes); i++) {
      switch (probe_.read(probed_)) {
        case Outcome::Fault: return false;
        case Outcome::End:
          // A few bytes at the end of a file that was cut off prove nothing.
          return i >= kProofOfRecord || ends_trace;
        case Outcome::Record: break;
      }
      ends_trace = probed_.type == EventType::Frequency;
      if (wire::v1::check(probed_)) return false;
      if (probed_.type == EventType::Batch ? !is_plausible(probed_)
                                           : !is_plausible_event(probed_)) {
        return false;
      }
    }
    return true;
  }

  bool is_plausible(const Record& batch) const {
    const std::uint64_t id = batch.args[0];
    if (!proc_numbers_.contains(static_cast<std::int32_t>(id)) &&
        ((id != UINT64_MAX && id > kMaxPlausibleProc) || index_.procs.size() == max_procs_)) {
      return false;
    }
    if (index_.batch_count == 0) return true;
    return is_near(batch.args[1], last_ticks_);
  }

  static bool is_plausible_event(const Record& record) {
    const wire::v1::EventSpec& spec = wire::v1::spec_of(record.type);
    if (!spec.timed()) return true;
    return record.args.front() < kMaxTickDistance &&
           (!spec.has_stack || record.args.back() <= UINT32_MAX);
  }

  static bool is_near(std::uint64_t a, std::uint64_t b) {
    return a - b < kMaxTickDistance || b - a < kMaxTickDistance;
  }

  bool is_before_all(std::uint64_t ticks) const {
    if (index_.batch_count == 0) return false;
    const std::uint64_t most = std::max(kMostTicksBefore, max_ticks_ - min_ticks_);
    return ticks < min_ticks_ && min_ticks_ - ticks > most;
  }

  /// First batch at or behind `offset` with records in it that are as they should be.
  std::size_t find_batch(std::size_t offset) {
    const std::size_t found = find_batch(offset, false);
    return found != kNowhere ? found : find_batch(offset, true);
  }
  std::size_t find_batch(std::size_t offset, bool at_any_time) {
    constexpr int kFirstByte = static_cast<int>(EventType::Batch) | 1 << 6;
    while (offset < bytes_.size()) {
      const void* found = std::memchr(bytes_.data() + offset, kFirstByte, bytes_.size() - offset);
      if (found == nullptr) return kNowhere;
      offset = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes_.data());
      probe_.seek(offset);
      if (probe_.read(probed_) == Outcome::Record && is_plausible(probed_) &&
          (at_any_time || !is_before_all(probed_.args[1])) && probe_.position() < bytes_.size() &&
          is_proof(probe_.position(), kProofOfBatch)) {
        return offset;
      }
      offset++;
    }
    return kNowhere;
  }

  std::uint64_t ticks_of(BatchRef batch) {
    probe_.seek(batch.offset());
    return probe_.skim(probed_) == Outcome::Record ? probed_.args[1] : 0;
  }

  /// Between which time stamps the trace lies: the most batches that are not further apart than a
  /// trace can pause. A damaged time stamp would make the trace last for years.
  void find_time_window() {
    const std::int64_t frequency =
        is_plausible_frequency(frequency_) ? frequency_ : kUsualFrequency;
    index_.longest_pause = static_cast<std::uint64_t>(frequency * kLongestPauseSeconds);
    index_.first_ticks = min_ticks_;
    index_.last_ticks = max_ticks_;
    if (max_ticks_ - min_ticks_ <= index_.longest_pause) return;
    std::vector<std::uint64_t> all;
    for (const BatchIndex::Proc& proc : index_.procs) {
      for (const BatchRef batch : proc.batches) all.push_back(ticks_of(batch));
    }
    std::ranges::sort(all);
    std::size_t most = 0;
    for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
      for (end = begin + 1; end < all.size() && all[end] - all[end - 1] <= index_.longest_pause;) {
        end++;
      }
      if (end - begin <= most) continue;
      most = end - begin;
      index_.first_ticks = all[begin];
      index_.last_ticks = all[end - 1];
    }
    for (BatchIndex::Proc& proc : index_.procs) drop_far_batches(proc);
  }

  /// Where some batches of a proc lie in the trace's time, the others are put between them (see
  /// ProcCursor). Where none does, nobody knows when their events happened; only strings and stacks
  /// have no time.
  void drop_far_batches(BatchIndex::Proc& proc) {
    const auto is_inside = [&](BatchRef batch) {
      const std::uint64_t ticks = ticks_of(batch);
      return ticks >= index_.first_ticks && ticks <= index_.last_ticks;
    };
    if (std::ranges::any_of(proc.batches, is_inside)) return;
    DefectReport report{.defect = Defect::BadBatch, .detail = {}};
    const std::size_t count = std::erase_if(proc.batches, [&](BatchRef batch) {
      if (batch.has_tables()) return false;
      if (report.offset == 0) report.offset = batch.offset();
      report.bytes_lost += bytes_of(batch);
      return true;
    });
    if (count == 0) return;
    index_.batch_count -= count;
    report.detail = fmt::format("{} batches of proc {} are more than a day away from all others",
                                count, proc.id);
    health_.add(std::move(report));
  }

  /// The batch's bytes that are not lost already.
  std::uint64_t bytes_of(BatchRef batch) {
    std::uint64_t lost = 0;
    std::size_t gap = static_cast<std::size_t>(
        std::ranges::lower_bound(index_.gaps, batch.offset(), {}, &BatchIndex::Gap::begin) -
        index_.gaps.begin());
    for (probe_.seek(batch.offset());;) {
      const std::size_t at = probe_.position();
      if (gap < index_.gaps.size() && at >= index_.gaps[gap].begin) {
        lost += index_.gaps[gap].end - index_.gaps[gap].begin;
        probe_.seek(index_.gaps[gap++].end);
        continue;
      }
      if (at >= index_.end || probe_.skim(probed_) != Outcome::Record ||
          (probed_.type == EventType::Batch && at != batch.offset())) {
        return at - batch.offset() - lost;
      }
    }
  }

  /// A sample from another age would make that the beginning of the trace.
  void drop_far_samples() {
    const std::size_t count = std::erase_if(index_.samples, [&](const BatchIndex::Sample& sample) {
      const auto ticks = static_cast<std::uint64_t>(sample.ticks);
      const auto is_within = [&](std::uint64_t a, std::uint64_t b) {
        return a <= b || a - b <= index_.longest_pause;
      };
      return !is_within(index_.first_ticks, ticks) || !is_within(ticks, index_.last_ticks);
    });
    if (count == 0) return;
    health_.add({.defect = Defect::DroppedEvent,
                 .offset = index_.end,
                 .detail = fmt::format("{} CPU samples with impossible times", count)});
  }

  void finish() {
    drop_empty_batch();
    if (!strict_) find_time_window();
    std::erase_if(index_.procs, [](const BatchIndex::Proc& proc) { return proc.batches.empty(); });
    std::sort(index_.procs.begin(), index_.procs.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    std::stable_sort(index_.samples.begin(), index_.samples.end(),
                     [](const auto& a, const auto& b) { return a.ticks < b.ticks; });
    if (!strict_) drop_far_samples();
    if (strict_ || index_.has_frequency || is_truncated_ || index_.batch_count == 0) return;
    health_.add({.defect = Defect::TruncatedFile,
                 .offset = index_.end,
                 .detail = "the record that ends a trace (EvFrequency) is missing"});
  }

  std::span<const std::byte> bytes_;
  std::size_t begin_;
  wire::Version version_;
  bool strict_;
  std::size_t max_procs_;
  bool may_continue_;
  Health& health_;
  wire::v1::EventSkimmer skimmer_;
  RecordReader reader_;
  RecordReader probe_;  // looks ahead
  Record record_;
  Record probed_;
  std::unordered_map<std::int32_t, std::size_t> proc_numbers_;
  BatchIndex index_;
  std::size_t proc_ = 0;
  std::uint64_t last_ticks_ = 0;  // of the last batch so far
  std::uint64_t min_ticks_ = UINT64_MAX;
  std::uint64_t max_ticks_ = 0;
  std::int64_t frequency_ = 0;
  std::optional<std::size_t> next_header_;
  bool in_batch_ = false;
  bool has_records_ = false;
  bool is_truncated_ = false;
  bool done_ = false;
};

}  // namespace

Result<BatchIndex> BatchIndex::build(std::span<const std::byte> bytes, std::size_t offset,
                                     wire::Version version, Judgement judgement, bool may_continue,
                                     Health& health) {
  return Indexer(bytes, offset, version, judgement, may_continue, health).run();
}

std::optional<wire::Version> find_header(std::span<const std::byte> bytes, std::size_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < wire::kHeaderSize) return std::nullopt;
  const auto header = wire::read_header(bytes.subspan(offset, wire::kHeaderSize));
  if (!header || !header->known) return std::nullopt;
  return header->version;
}

std::size_t search_header(std::span<const std::byte> bytes, std::size_t begin, std::size_t end) {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()),
                              std::min(bytes.size(), end + wire::kHeaderSize)};
  while (begin < end) {
    begin = text.find("go 1.", begin);
    if (begin >= end) return kNoHeader;
    if (find_header(bytes, begin)) return begin;
    begin++;
  }
  return kNoHeader;
}

}  // namespace marey::order::v1
