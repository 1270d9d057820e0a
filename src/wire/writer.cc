// SPDX-License-Identifier: Apache-2.0
#include "src/wire/writer.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "src/wire/varint.h"

namespace marey::wire {
namespace {

template <class... Args>
std::unexpected<Error> misuse(fmt::format_string<Args...> format, Args&&... args) {
  return std::unexpected(Error{ErrorKind::Usage, fmt::format(format, std::forward<Args>(args)...)});
}

void append_padded(Bytes& out, std::uint64_t value) {
  for (std::size_t i = 1; i < kMaxVarintSize; i++) {
    out.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<std::byte>(value));
}

std::byte byte_of(EventType type) { return static_cast<std::byte>(type); }

/// A few numbers are put together here first: an event is appended at once.
class SmallEvent {
 public:
  explicit SmallEvent(EventType type) { bytes_[0] = byte_of(type); }
  void append(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) {
      bytes_[size_++] = static_cast<std::byte>((value & 0x7f) | 0x80);
    }
    bytes_[size_++] = static_cast<std::byte>(value);
  }
  std::size_t size() const { return size_; }
  std::span<const std::byte> bytes() const { return std::span(bytes_).first(size_); }

 private:
  std::array<std::byte, 1 + (kMaxTimedArgs + 1) * kMaxVarintSize> bytes_;
  std::size_t size_ = 1;
};

void append_bytes(Bytes& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

void append_header(Bytes& out, Version version) {
  std::string header = fmt::format("go 1.{} trace", static_cast<unsigned>(version));
  header.resize(16, '\0');
  append_bytes(out, std::as_bytes(std::span(header)));
}

void append_event(Bytes& out, EventType type, std::span<const std::uint64_t> numbers) {
  out.push_back(byte_of(type));
  for (const std::uint64_t number : numbers) append_varint(out, number);
}

void append_data_event(Bytes& out, EventType type, std::span<const std::uint64_t> args,
                       std::string_view data) {
  append_event(out, type, args);
  append_varint(out, data.size());
  append_bytes(out, std::as_bytes(std::span(data)));
}

Writer::Writer(Version version, Sink sink, WriterOptions options)
    : version_(version), sink_(std::move(sink)), options_(options) {
  // A batch of a table must take the longest entry there is: a stack of 128 frames, whose numbers
  // may take ten bytes each.
  constexpr std::size_t kLeast = 8 << 10;
  options_.batch_size = std::clamp<std::size_t>(options_.batch_size, kLeast, kMaxBatchSize);
}

Result<void> Writer::begin_generation(std::uint64_t number, std::uint64_t ticks_per_second,
                                      const WriterClock& clock) {
  if (is_v1(version_)) return misuse("the writer knows the v2 format only, from go 1.22 on");
  if (generation_ != 0) return misuse("generation {} has not been ended", generation_);
  if (number == 0) return misuse("0 is not a number of a generation");
  if (ticks_per_second == 0) return misuse("the trace clock must have a frequency");
  scratch_.clear();
  if (size_ == 0) {
    append_header(scratch_, version_);
    if (Result<void> result = write(scratch_); !result) return result;
  }
  generation_ = number;
  last_ticks_ = clock.ticks;
  Bytes sync;
  if (version_ >= Version::Go125) append_event(sync, EventType::Sync, {});
  append_event(sync, EventType::Frequency, std::array{ticks_per_second});
  if (version_ >= Version::Go125) {
    append_event(sync, EventType::ClockSnapshot,
                 std::array{std::uint64_t{0}, clock.mono, clock.wall_sec, clock.wall_nsec});
  }
  return write_batch(kNoThread, clock.ticks, sync);
}

Writer::Batch& Writer::batch_of(ThreadID thread) {
  if (last_batch_ != nullptr && last_batch_->thread == thread) return *last_batch_;
  Batch*& batch = batch_by_thread_[raw(thread)];
  if (batch == nullptr) {
    batch = batches_.emplace_back(std::make_unique<Batch>()).get();
    batch->thread = thread;
  }
  last_batch_ = batch;
  return *batch;
}

Result<void> Writer::event(ThreadID thread, std::uint64_t ticks, EventType type,
                           std::span<const std::uint64_t> args) {
  if (generation_ == 0) return misuse("an event must be in a generation");
  const EventSpec& spec = spec_of(type);
  const Version since = spec.event_class == EventClass::AllocFree ? Version::Go123 : spec.since;
  if (!spec.timed() || type == EventType::ClockSnapshot || version_ < since) {
    return misuse("event type {} is none of the timed ones of go 1.{}", static_cast<unsigned>(type),
                  static_cast<unsigned>(version_));
  }
  if (args.size() + 1 != spec.arg_count) {
    return misuse("{} has {} arguments besides the time, not {}", spec.name, spec.arg_count - 1,
                  args.size());
  }
  Batch& batch = batch_of(thread);
  if (ticks < batch.last_ticks) {
    return misuse("time of thread {} runs backwards: {} after {}", raw(thread), ticks,
                  batch.last_ticks);
  }
  const auto encode = [&](std::uint64_t delta) {
    SmallEvent event(type);
    event.append(delta);
    for (const std::uint64_t arg : args) event.append(arg);
    return event;
  };
  SmallEvent event = encode(batch.content.empty() ? 0 : ticks - batch.last_ticks);
  if (batch.content.size() + event.size() > options_.batch_size) {
    if (Result<void> result = write_batch(thread, batch.first_ticks, batch.content); !result) {
      return result;
    }
    batch.content.clear();
    event = encode(0);
  }
  if (batch.content.empty()) batch.first_ticks = ticks;
  batch.last_ticks = ticks;
  last_ticks_ = std::max(last_ticks_, ticks);
  append_bytes(batch.content, event.bytes());
  return {};
}

void Writer::add_entry(Table& table, std::span<const std::byte> entry) {
  if (table.batches.empty() || table.batches.back().size() + entry.size() > options_.batch_size) {
    table.batches.emplace_back().push_back(byte_of(table.begin));
  }
  append_bytes(table.batches.back(), entry);
}

Result<StringID> Writer::string(std::string_view text) {
  if (text.empty()) return StringID{0};
  if (generation_ == 0) return misuse("a string must be in a generation");
  if (text.size() > kMaxStringSize) {
    return misuse("a string of {} bytes is too long, {} are possible", text.size(), kMaxStringSize);
  }
  const auto [it, is_new] = string_ids_.try_emplace(std::string(text));
  if (is_new) {
    it->second = StringID{string_ids_.size()};
    scratch_.clear();
    append_data_event(scratch_, EventType::String, std::array{raw(it->second)}, text);
    add_entry(strings_, scratch_);
  }
  return it->second;
}

Result<StackID> Writer::stack(std::span<const FrameRecord> frames) {
  if (frames.empty()) return StackID{0};
  if (generation_ == 0) return misuse("a stack must be in a generation");
  if (frames.size() > kMaxFramesPerStack) {
    return misuse("a stack of {} frames is too deep, {} are possible", frames.size(),
                  kMaxFramesPerStack);
  }
  const StackID id{++stack_count_};
  scratch_.clear();
  append_event(scratch_, EventType::Stack, std::array{raw(id), std::uint64_t{frames.size()}});
  for (const FrameRecord& frame : frames) {
    for (const std::uint64_t number :
         {frame.pc, raw(frame.function), raw(frame.file), frame.line}) {
      append_varint(scratch_, number);
    }
  }
  add_entry(stacks_, scratch_);
  return id;
}

Result<void> Writer::cpu_sample(std::uint64_t ticks, ThreadID thread, ProcID proc, GoID goroutine,
                                StackID stack) {
  if (generation_ == 0) return misuse("a CPU sample must be in a generation");
  // A sample without a goroutine has 0 on the wire, unlike everything else.
  const std::int64_t id = goroutine == kNoGoroutine ? 0 : raw(goroutine);
  scratch_.clear();
  append_event(scratch_, EventType::CPUSample,
               std::array{ticks, static_cast<std::uint64_t>(raw(thread)),
                          static_cast<std::uint64_t>(raw(proc)), static_cast<std::uint64_t>(id),
                          raw(stack)});
  add_entry(samples_, scratch_);
  return {};
}

Result<void> Writer::experimental_batch(Experiment experiment, ThreadID thread, std::uint64_t ticks,
                                        std::span<const std::byte> data) {
  if (generation_ == 0) return misuse("a batch must be in a generation");
  if (version_ < Version::Go123) return misuse("go 1.22 has no experimental batches");
  if (experiment == Experiment::None) return misuse("a batch must belong to an experiment");
  if (data.size() > kMaxBatchSize) {
    return misuse("a batch of {} bytes is too long, {} are possible", data.size(), kMaxBatchSize);
  }
  Bytes batch;
  append_data_event(batch, EventType::ExperimentalBatch,
                    std::array{static_cast<std::uint64_t>(experiment), generation_,
                               static_cast<std::uint64_t>(raw(thread)), ticks},
                    {reinterpret_cast<const char*>(data.data()), data.size()});
  return write(batch);
}

Result<void> Writer::end_generation() {
  if (generation_ == 0) return misuse("no generation has been begun");
  // Statuses that no thread could tell come after all threads, as in the runtime.
  const auto nobody =
      std::ranges::find_if(batches_, [](const auto& batch) { return batch->thread == kNoThread; });
  if (nobody != batches_.end()) std::rotate(nobody, nobody + 1, batches_.end());
  for (const std::unique_ptr<Batch>& batch : batches_) {
    if (batch->content.empty()) continue;
    if (Result<void> result = write_batch(batch->thread, batch->first_ticks, batch->content);
        !result) {
      return result;
    }
  }
  batches_.clear();
  batch_by_thread_.clear();
  last_batch_ = nullptr;
  for (Table* table : {&samples_, &stacks_, &strings_}) {
    if (Result<void> result = write_table(*table); !result) return result;
  }
  string_ids_.clear();
  stack_count_ = 0;
  generation_ = 0;
  if (version_ < Version::Go126) return {};
  return write(std::array{byte_of(EventType::EndOfGeneration)});
}

Result<void> Writer::write_table(Table& table) {
  for (const Bytes& content : table.batches) {
    if (Result<void> result = write_batch(kNoThread, last_ticks_, content); !result) return result;
  }
  table.batches.clear();
  return {};
}

Result<void> Writer::write_batch(ThreadID thread, std::uint64_t ticks,
                                 std::span<const std::byte> content) {
  Bytes header;
  header.reserve(5 * kMaxVarintSize);
  append_event(header, EventType::EventBatch,
               std::array{generation_, static_cast<std::uint64_t>(raw(thread)), ticks});
  if (options_.pad_sizes) {
    append_padded(header, content.size());
  } else {
    append_varint(header, content.size());
  }
  if (Result<void> result = write(header); !result) return result;
  return write(content);
}

Result<void> Writer::write(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  return sink_(bytes);
}

}  // namespace marey::wire
