// SPDX-License-Identifier: Apache-2.0
#include "src/wire/table_reader.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <utility>

#include "src/wire/varint.h"

namespace marey::wire {
namespace {

/// A cursor over one batch that fails with the messages of Go's bytes.Reader and ReadUvarint.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes)
      : p_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool at_end() const { return p_ == end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - p_); }
  EventType take_type() { return static_cast<EventType>(*p_++); }

  bool take(std::uint64_t& value) {
    const std::byte* const next = read_varint(p_, end_, value);
    if (next == nullptr) {
      const bool ended =
          left() < kMaxVarintSize &&
          std::all_of(p_, end_, [](std::byte b) { return (b & std::byte{0x80}) != std::byte{}; });
      message = !ended       ? "binary: varint overflows a 64-bit integer"
                : p_ == end_ ? "EOF"
                             : "unexpected EOF";
      return false;
    }
    p_ = next;
    return true;
  }

  std::string_view take_text(std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(p_), size);
    p_ += size;
    return text;
  }

  std::string message;  ///< why the last take() failed

 private:
  const std::byte* p_;
  const std::byte* end_;
};

/// Reads the tables of one generation, batch by batch. Each add_ function returns Go's message
/// where the batch is damaged.
class TableReader {
 public:
  TableReader(const GenerationLayout& layout, Health* health) : layout_(layout), health_(health) {}

  using Fault = std::optional<std::string>;

  Fault add(const BatchRef& batch, std::span<const std::byte> bytes) {
    switch (batch.kind) {
      case BatchKind::Strings: return add_strings(batch, bytes);
      case BatchKind::Stacks: return add_stacks(batch, bytes);
      case BatchKind::CPUSamples: return add_samples(bytes);
      case BatchKind::Sync: return add_sync(batch, bytes);
      case BatchKind::Experimental:
        out.tables.experimental_batches.push_back(
            {static_cast<Experiment>(batch.experiment), batch.thread, bytes});
        return {};
      case BatchKind::Events: return {};
    }
    return {};
  }

  Fault finish(double neighbours_nanoseconds_per_tick);

  GenerationTables out;

 private:
  Fault add_strings(const BatchRef& batch, std::span<const std::byte> bytes);
  Fault add_stacks(const BatchRef& batch, std::span<const std::byte> bytes);
  Fault add_samples(std::span<const std::byte> bytes);
  Fault add_sync(const BatchRef& batch, std::span<const std::byte> bytes);
  Fault duplicate(std::uint64_t offset, std::string message);
  Fault check_frames();

  const GenerationLayout& layout_;
  Health* health_;
  std::vector<std::uint32_t> frames_;             // of the stack being read
  std::optional<std::uint64_t> wrong_frequency_;  // tolerant
};

TableReader::Fault TableReader::duplicate(std::uint64_t offset, std::string message) {
  if (health_ == nullptr) return message;
  health_->add({Defect::DuplicateId, offset, layout_.number, 0, 0, std::move(message)});
  return {};
}

TableReader::Fault TableReader::add_strings(const BatchRef& batch,
                                            std::span<const std::byte> bytes) {
  Cursor cursor(bytes.subspan(1));
  while (!cursor.at_end()) {
    const EventType type = cursor.take_type();
    if (type != EventType::String) {
      return fmt::format("expected string event, got {}", static_cast<unsigned>(type));
    }
    std::uint64_t id = 0;
    std::uint64_t size = 0;
    if (!cursor.take(id) || !cursor.take(size)) return cursor.message;
    if (size > kMaxStringSize) {
      return fmt::format("invalid string size {}, maximum is {}", size, kMaxStringSize);
    }
    if (size > cursor.left()) {
      return fmt::format("failed to read full string: read {} but wanted {}", cursor.left(), size);
    }
    const std::string_view text = cursor.take_text(size);
    if (id == 0 || !out.tables.add_string(StringID{id}, text)) {
      if (Fault fault =
              duplicate(batch.offset,
                        fmt::format("multiple strings with the same ID: id={}, new={}, existing={}",
                                    id, text, out.tables.string(StringID{id})))) {
        return fault;
      }
    }
  }
  return {};
}

TableReader::Fault TableReader::add_stacks(const BatchRef& batch,
                                           std::span<const std::byte> bytes) {
  Cursor cursor(bytes.subspan(1));
  while (!cursor.at_end()) {
    const EventType type = cursor.take_type();
    if (type != EventType::Stack) {
      return fmt::format("expected stack event, got {}", static_cast<unsigned>(type));
    }
    std::uint64_t id = 0;
    std::uint64_t count = 0;
    if (!cursor.take(id) || !cursor.take(count)) return cursor.message;
    if (count > kMaxFramesPerStack) {
      return fmt::format("invalid stack size {}, maximum is {}", count, kMaxFramesPerStack);
    }
    frames_.clear();
    for (std::uint64_t i = 0; i < count; i++) {
      constexpr std::array<std::string_view, 4> kFields{"PC", "funcID", "fileID", "line"};
      std::array<std::uint64_t, 4> fields{};
      for (std::size_t field = 0; field < fields.size(); field++) {
        if (!cursor.take(fields[field])) {
          return fmt::format("reading frame {}'s {} for stack {}: {}", i + 1, kFields[field], id,
                             cursor.message);
        }
      }
      frames_.push_back(
          out.tables.add_frame({fields[0], StringID{fields[1]}, StringID{fields[2]}, fields[3]}));
    }
    if (id == 0 || !out.tables.add_stack(StackID{id}, frames_)) {
      if (Fault fault = duplicate(
              batch.offset, fmt::format("multiple trace.stacks with the same ID: id={}", id))) {
        return fault;
      }
    }
  }
  return {};
}

TableReader::Fault TableReader::add_samples(std::span<const std::byte> bytes) {
  Cursor cursor(bytes.subspan(1));
  while (!cursor.at_end()) {
    const EventType type = cursor.take_type();
    if (type != EventType::CPUSample) {
      return fmt::format("expected CPU sample event, got {}", static_cast<unsigned>(type));
    }
    std::array<std::uint64_t, 5> args{};
    for (std::uint64_t& arg : args) {
      if (!cursor.take(arg)) return cursor.message;
    }
    CPUSampleRecord sample;
    sample.time = static_cast<Time>(args[0]);  // ticks, until finish()
    sample.thread = ThreadID{static_cast<std::int64_t>(args[1])};
    sample.proc = ProcID{static_cast<std::int64_t>(args[2])};
    if (args[3] != 0) sample.goroutine = GoID{static_cast<std::int64_t>(args[3])};
    sample.stack = StackID{args[4]};
    out.samples.push_back(sample);
  }
  return {};
}

TableReader::Fault TableReader::add_sync(const BatchRef& batch, std::span<const std::byte> bytes) {
  SyncRecord& sync = out.tables.sync;
  const bool has_snapshots = layout_.version >= Version::Go125;
  Cursor cursor(bytes.subspan(has_snapshots ? 1 : 0));
  std::uint64_t ticks = batch.time;
  while (!cursor.at_end()) {
    const EventType type = cursor.take_type();
    if (type == EventType::Frequency) {
      if (sync.nanoseconds_per_tick != 0) return "found multiple frequency events";
      std::uint64_t per_second = 0;
      if (!cursor.take(per_second)) return cursor.message;
      // Go divides by it, also by 0, and all times of the generation become one.
      if (!is_clock_frequency(per_second) && health_ != nullptr) {
        wrong_frequency_ = per_second;
        continue;
      }
      sync.nanoseconds_per_tick = 1.0 / (static_cast<double>(per_second) / 1e9);
    } else if (type == EventType::ClockSnapshot && has_snapshots) {
      if (sync.has_clock_snapshot) return "found multiple clock snapshot events";
      sync.has_clock_snapshot = true;
      std::array<std::uint64_t, 4> args{};
      for (std::uint64_t& arg : args) {
        if (!cursor.take(arg)) return cursor.message;
      }
      ticks += args[0];
      sync.snapshot_ticks = ticks;
      sync.snapshot_mono = args[1];
      sync.snapshot_sec = static_cast<std::int64_t>(args[2]);
      sync.snapshot_nsec = static_cast<std::int64_t>(args[3]);
    } else {
      return fmt::format("expected frequency or clock snapshot event, got {}",
                         static_cast<unsigned>(type));
    }
  }
  return {};
}

TableReader::Fault TableReader::check_frames() {
  // Frames are shared by stacks, so each is looked at once; only a fault asks for its stack.
  const auto known = [&](const FrameRecord& frame) {
    return out.tables.has_string(frame.function) && out.tables.has_string(frame.file);
  };
  if (std::ranges::all_of(out.tables.frames(), known)) return {};
  Fault fault;
  boost::unordered_flat_set<std::uint64_t> unknown;
  out.tables.stacks().for_each([&](std::uint64_t id, const Tables::StackEntry&) {
    for (const std::uint32_t index : out.tables.stack(StackID{id})) {
      const FrameRecord& frame = out.tables.frame(index);
      if (known(frame)) continue;
      for (const StringID string : {frame.function, frame.file}) {
        if (!out.tables.has_string(string)) unknown.insert(raw(string));
      }
      if (fault) continue;
      const bool function = !out.tables.has_string(frame.function);
      fault = fmt::format("found invalid {} string ID {} for stack {}", function ? "func" : "file",
                          raw(function ? frame.function : frame.file), id);
    }
  });
  if (health_ == nullptr || !fault) return fault;
  out.tables.set_damaged();
  for (std::size_t i = 0; i < unknown.size(); i++) {
    health_->add({Defect::UnknownString, layout_.begin, layout_.number, 0, 0, *fault});
  }
  return {};
}

/// Whether the clock snapshot says that ticks are made of the monotonic clock's nanoseconds.
bool has_usual_ticks(const SyncRecord& sync) {
  constexpr std::uint64_t kMost = 1'000'000;       // from the one clock's reading to the other's
  constexpr std::uint64_t kLeast = 1'000'000'000;  // clocks that start at 0 are near each other
  if (!sync.has_clock_snapshot || sync.snapshot_mono < kLeast) return false;
  const auto usual =
      static_cast<std::uint64_t>(ticks_to_time(sync.snapshot_ticks, kUsualNanosecondsPerTick));
  const std::uint64_t mono = sync.snapshot_mono;
  return (usual > mono ? usual - mono : mono - usual) < kMost;
}

TableReader::Fault TableReader::finish(double neighbours_nanoseconds_per_tick) {
  SyncRecord& sync = out.tables.sync;
  const double expected =
      has_usual_ticks(sync) ? kUsualNanosecondsPerTick : neighbours_nanoseconds_per_tick;
  const bool is_wrong = sync.nanoseconds_per_tick != 0 && expected == kUsualNanosecondsPerTick &&
                        sync.nanoseconds_per_tick != expected;
  if (health_ != nullptr && is_wrong) {
    wrong_frequency_ = static_cast<std::uint64_t>(std::llround(1e9 / sync.nanoseconds_per_tick));
    sync.nanoseconds_per_tick = 0;
  }
  if (sync.nanoseconds_per_tick == 0) {
    if (health_ == nullptr) return "no frequency event found";
    sync.nanoseconds_per_tick = expected != 0 ? expected : kUsualNanosecondsPerTick;
    health_->add({Defect::NoFrequency, layout_.begin, layout_.number, 0, 0,
                  wrong_frequency_ ? fmt::format("the frequency is {} Hz", *wrong_frequency_)
                                   : "no frequency event found"});
  }
  if (layout_.version >= Version::Go125 && !sync.has_clock_snapshot) {
    if (health_ == nullptr) return "no clock snapshot event found";
    health_->add({Defect::NoClockSnapshot, layout_.begin, layout_.number, 0, 0,
                  "no clock snapshot event found"});
  }
  if (Fault fault = check_frames()) return fault;
  for (CPUSampleRecord& sample : out.samples) {
    sample.time = ticks_to_time(static_cast<std::uint64_t>(sample.time), sync.nanoseconds_per_tick);
  }
  std::ranges::stable_sort(out.samples, {}, &CPUSampleRecord::time);
  return {};
}

std::optional<Error> add_batches(TableReader& reader, const GenerationLayout& layout,
                                 std::span<const std::byte> trace, std::uint64_t trace_offset,
                                 Health* health) {
  for (const BatchRef& batch : layout.batches) {
    auto fault = reader.add(batch, trace.subspan(batch.offset - trace_offset, batch.size));
    if (!fault) continue;
    if (health == nullptr) return Error{ErrorKind::Input, std::move(*fault)};
    reader.out.tables.set_damaged();
    health->add({Defect::BadTable, batch.offset, layout.number, batch.size, 0, std::move(*fault)});
  }
  return std::nullopt;
}

}  // namespace

Result<GenerationTables> read_tables(const GenerationLayout& layout,
                                     std::span<const std::byte> trace, std::uint64_t trace_offset,
                                     double neighbours_nanoseconds_per_tick, Health* health) {
  TableReader reader(layout, health);
  if (auto error = add_batches(reader, layout, trace, trace_offset, health)) {
    return std::unexpected(std::move(*error));
  }
  if (auto fault = reader.finish(neighbours_nanoseconds_per_tick)) {
    return input_error(std::move(*fault));
  }
  return std::move(reader.out);
}

std::optional<Error> read_table_batches(const GenerationLayout& layout,
                                        std::span<const std::byte> trace,
                                        std::uint64_t trace_offset) {
  TableReader reader(layout, nullptr);
  return add_batches(reader, layout, trace, trace_offset, nullptr);
}

}  // namespace marey::wire
