// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "marey/health.h"

#include "src/order/judgement.h"
#include "src/order/v1/batch_index.h"
#include "src/wire/tables.h"
#include "src/wire/v1/event_decoder.h"
#include "src/wire/v1/records.h"

namespace marey::order::v1 {

/// Strings that the conversion to v2 events needs and no v1 trace has.
enum class BuiltinString : std::uint8_t {
  Forever,
  Preempted,
  Gosched,
  Sleep,
  ChanSend,
  ChanReceive,
  Network,
  Sync,
  SyncCond,
  Select,
  Empty,
  MarkAssistWait,
  StwUnknown,  ///< and the kinds of stop-the-world behind it, by Go 1.21's numbers
  StwGCMarkTermination,
  StwGCSweepTermination,
  StwWriteHeapDump,
  StwGoroutineProfile,
  StwGoroutineProfileCleanup,
  StwAllGoroutinesStackTrace,
  StwReadMemStats,
  StwAllThreadsSyscall,
  StwGOMAXPROCS,
  StwStartTrace,
  StwStopTrace,
  StwCountPagesInUse,
  StwReadMetricsSlow,
  StwReadMemStatsSlow,
  StwPageCachePagesLeaked,
  StwResetDebugLog,
};
inline constexpr std::size_t kBuiltinStringCount = 29;

/// Fills the tables of a v1 trace.
///
/// Go reads strings, stacks and the frequency when a batch's turn comes in the merge, and where
/// they contradict each other that order decides; so here, too, whoever merges hands over each
/// batch in its turn. Texts of logs, which stand in the events themselves, get string ids behind
/// the trace's own, one for each distinct text; they and all strings stay views into the file.
class TableBuilder {
 public:
  /// `bytes` and `index` must outlive the builder, `bytes` the tables, too.
  TableBuilder(std::span<const std::byte> bytes, const BatchIndex& index, wire::Version version,
               Judgement judgement, Health& health);

  /// Takes over what the batch has for the tables. Strict: the fault that Go finds in the batch.
  std::optional<wire::v1::Fault> add_batch(BatchRef batch);
  /// Takes over the text of a log, whose length lies at `offset` in the file.
  void add_log_text(std::uint64_t offset);
  /// Adds the builtin strings; the tables are whole then. Tolerant, counts the names of frames that
  /// are not there.
  void finish();
  /// Whether an id among those of the trace is missing; the runtime leaves out none. After
  /// finish().
  bool has_gaps() const { return has_gaps_; }

  /// Ticks per second, 0 if unknown.
  std::int64_t frequency() const { return frequency_; }
  const wire::Tables& tables() const { return *tables_; }
  wire::Tables& tables() { return *tables_; }
  std::uint64_t builtin(BuiltinString string) const {
    return builtin_[static_cast<std::size_t>(string)];
  }
  /// `id` as an id of the trace's own strings; 0 if the trace has no such string and others of ours
  /// would be taken for it. Good before the tables are whole, too.
  std::uint64_t trace_string(std::uint64_t id) const {
    return id < first_text_id_ || id > kMaxStringId ? id : 0;
  }
  /// Id of a log's text.
  std::uint64_t log_text(std::uint64_t offset) const;

 private:
  /// Finds a log's text by its number, so that the set of texts costs five bytes a text.
  struct TextLookup {
    using is_transparent = void;
    const wire::Tables* tables;
    std::uint64_t first_id;

    std::string_view view(std::string_view text) const { return text; }
    std::string_view view(std::uint32_t number) const {
      return tables->string(StringID{first_id + number});
    }
  };
  struct TextHash : TextLookup {
    template <class Text>
    std::size_t operator()(Text text) const {
      return std::hash<std::string_view>{}(view(text));
    }
  };
  struct TextEqual : TextLookup {
    template <class A, class B>
    bool operator()(A a, B b) const {
      return view(a) == view(b);
    }
  };

  std::optional<wire::v1::Fault> add_record();
  void add_stack();
  void read_tables_again();
  void check_frames();
  std::string_view text_at(std::uint64_t offset) const;
  void count(Defect defect, std::uint64_t offset, std::uint64_t id);

  std::span<const std::byte> bytes_;
  const BatchIndex* index_;
  Health* health_;
  bool strict_;
  wire::v1::EventSkimmer skimmer_;
  wire::v1::RecordReader reader_;
  wire::v1::Record record_;
  std::unique_ptr<wire::Tables> tables_;
  std::vector<std::uint32_t> frames_;         // of one stack
  std::vector<std::uint64_t> frame_offsets_;  // where the tables' frames stand in the file
  std::vector<BatchRef> batches_;             // with tables, in the order in which they came
  std::unordered_map<std::uint32_t, std::size_t> last_duplicate_;  // of a stack, by its id
  bool again_ = false;
  bool has_gaps_ = false;
  std::int64_t frequency_ = 0;
  std::uint64_t first_text_id_;
  boost::unordered_flat_set<std::uint32_t, TextHash, TextEqual> texts_;
  std::array<std::uint64_t, kBuiltinStringCount> builtin_{};
};

}  // namespace marey::order::v1
