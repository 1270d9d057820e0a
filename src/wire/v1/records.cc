// SPDX-License-Identifier: Apache-2.0
#include "src/wire/v1/records.h"

#include <fmt/format.h>

#include "src/wire/varint.h"

namespace marey::wire::v1 {

std::string to_message(const Fault& fault) {
  const auto [kind, a, b] = fault;
  switch (kind) {
    case FaultKind::UnknownType: return fmt::format("unknown event type {}", a);
    case FaultKind::MalformedVarint: return "malformatted base-128 varint";
    case FaultKind::MalformedArgument:
      return fmt::format("failed to read event {} argument: malformatted base-128 varint", a);
    case FaultKind::ArgumentsTooLong:
      return fmt::format(
          "failed to read event {} argument: length-prefixed argument too big: {} bytes, limit is "
          "{}",
          a, b, kMaxArgumentBytes);
    case FaultKind::UnexpectedEnd: return "failed to read trace: unexpected EOF";
    case FaultKind::End: return "failed to read trace: EOF";
    case FaultKind::BatchArguments:
      return fmt::format("EvBatch has wrong number of arguments: got {}, want 2", a);
    case FaultKind::ProcTooLarge:
      return fmt::format("processor ID {} is larger than maximum of {}", a, UINT64_MAX);
    case FaultKind::StringWithoutId: return "string has invalid id 0";
    case FaultKind::EmptyString: return "string has invalid length 0";
    case FaultKind::StringTooLong: return fmt::format("string has too large length {}", a);
    case FaultKind::LogTooLong: return fmt::format("string is too large (len={})", a);
    case FaultKind::WrongArguments: {
      const EventSpec& spec = spec_of(static_cast<EventType>(a));
      return fmt::format("{} has wrong number of arguments: want {}, got {}", spec.name,
                         spec.wire_count, b);
    }
    case FaultKind::SampleArguments:
      return fmt::format("CPU sample has wrong number of arguments: want {}, got {}",
                         spec_of(EventType::CPUSample).wire_count, b);
    case FaultKind::StackTooShort:
      return fmt::format("EvStack has wrong number of arguments: want at least 2, got {}", b);
    case FaultKind::StackTooDeep: return fmt::format("EvStack has bad number of frames: {}", a);
    case FaultKind::StackArguments:
      return fmt::format("EvStack has wrong number of arguments: want {}, got {}", a, b);
    case FaultKind::BadFrequency: return "time stamps out of order";
    case FaultKind::DuplicateString: return fmt::format("string has duplicate id {}", a);
    case FaultKind::NoBatch:
      return fmt::format("read event {} with current P of 0, but P has no batches yet", a);
    case FaultKind::TooManyProcs: return fmt::format("trace has more than {} procs", a);
  }
  return "malformed record";
}

RecordReader::Outcome RecordReader::skim(Record& record) { return next(Depth::Skim, record); }

RecordReader::Outcome RecordReader::read(Record& record) { return next(Depth::Read, record); }

RecordReader::Outcome RecordReader::next(Depth depth, Record& record) {
  const std::size_t start = position_;
  record.type = EventType::None;
  record.offset = start;
  record.args.clear();
  record.text = {};
  log_beyond_end_ = false;
  if (start >= bytes_.size()) return Outcome::End;
  const auto first = std::to_integer<std::uint8_t>(bytes_[position_++]);
  if (header(depth, first, record)) return Outcome::Record;
  position_ = start;
  return log_beyond_end_ ? Outcome::End : Outcome::Fault;
}

bool RecordReader::header(Depth depth, std::uint8_t first, Record& record) {
  // The two high bits count the arguments behind the time delta; 3 means that the length of all
  // the arguments in bytes comes first.
  const auto type = static_cast<EventType>(first & 63);
  const unsigned arg_count = (first >> 6) + 1U;
  if (!known(type, version_)) return fail(FaultKind::UnknownType, first & 63U);
  record.type = type;
  switch (spec_of(type).layout) {
    case Layout::String: return string(depth, record);
    case Layout::Batch: return batch(arg_count, record);
    default: return arguments(depth, arg_count, record);
  }
}

bool RecordReader::string(Depth depth, Record& record) {
  std::uint64_t id = 0;
  std::uint64_t size = 0;
  if (!varint(id)) return false;
  if (depth == Depth::Read && id == 0) return fail(FaultKind::StringWithoutId);
  if (!varint(size)) return false;
  record.args.push_back(id);
  if (depth == Depth::Skim) return skip(size);
  if (size == 0) return fail(FaultKind::EmptyString);
  if (size > kMaxStringSize) return fail(FaultKind::StringTooLong, size);
  std::span<const std::byte> text;
  if (!take(size, text)) return false;
  record.text = {reinterpret_cast<const char*>(text.data()), text.size()};
  return true;
}

bool RecordReader::batch(unsigned arg_count, Record& record) {
  if (arg_count != 2) return fail(FaultKind::BatchArguments, arg_count);
  std::uint64_t proc = 0;
  std::uint64_t ticks = 0;
  if (!varint(proc)) return false;
  if (proc != UINT64_MAX && proc > kMaxProcId) return fail(FaultKind::ProcTooLarge, proc);
  if (!varint(ticks)) return false;
  record.args.push_back(proc);
  record.args.push_back(ticks);
  return true;
}

bool RecordReader::arguments(Depth depth, unsigned arg_count, Record& record) {
  const auto type = static_cast<std::uint64_t>(record.type);
  std::uint64_t value = 0;
  if (arg_count <= 3) {
    for (unsigned i = 0; i < arg_count; i++) {
      if (!varint(value)) return fail(FaultKind::MalformedArgument, type);
      if (depth == Depth::Read) record.args.push_back(value);
    }
    return true;
  }
  std::uint64_t size = 0;
  if (!varint(size)) return fail(FaultKind::MalformedArgument, type);
  if (size > kMaxArgumentBytes) return fail(FaultKind::ArgumentsTooLong, type, size);
  if (depth == Depth::Read || record.type == EventType::CPUSample) {
    std::span<const std::byte> values;
    if (!take(size, values)) return false;
    const std::byte* const end = values.data() + values.size();
    for (const std::byte* p = values.data(); p != end;) {
      p = read_varint(p, end, value);
      if (p == nullptr) return fail(FaultKind::MalformedVarint);
      record.args.push_back(value);
    }
  } else if (!skip(size)) {
    return false;
  }
  return record.type == EventType::UserLog ? log_text(depth, record) : true;
}

bool RecordReader::log_text(Depth depth, Record& record) {
  std::uint64_t size = 0;
  if (!varint(size)) return false;
  if (depth == Depth::Skim) {
    log_beyond_end_ = !skip(size);
    return !log_beyond_end_;
  }
  if (size == 0) return true;
  if (size > kMaxStringSize) return fail(FaultKind::LogTooLong, size);
  std::span<const std::byte> text;
  if (!take(size, text)) return false;
  record.text = {reinterpret_cast<const char*>(text.data()), text.size()};
  return true;
}

bool RecordReader::varint(std::uint64_t& value) {
  const std::byte* const start = bytes_.data() + position_;
  const std::byte* const next = read_varint(start, bytes_.data() + bytes_.size(), value);
  if (next == nullptr) return fail(FaultKind::MalformedVarint);
  position_ += static_cast<std::size_t>(next - start);
  return true;
}

bool RecordReader::skip(std::uint64_t size) {
  if (size > bytes_.size() - position_) return fail(FaultKind::End);
  position_ += size;
  return true;
}

bool RecordReader::take(std::uint64_t size, std::span<const std::byte>& taken) {
  // Go does not even take nothing at the very end.
  if (position_ >= bytes_.size() || size > bytes_.size() - position_) {
    return fail(FaultKind::UnexpectedEnd);
  }
  taken = bytes_.subspan(position_, size);
  position_ += size;
  return true;
}

bool RecordReader::fail(FaultKind kind, std::uint64_t a, std::uint64_t b) {
  fault_ = {kind, a, b};
  return false;
}

std::optional<Fault> check(const Record& record) {
  const EventSpec& spec = spec_of(record.type);
  const std::size_t count = record.args.size();
  switch (spec.layout) {
    case Layout::None:
    case Layout::String:
    case Layout::Batch: return std::nullopt;
    case Layout::Stack: {
      if (count < 2) return Fault{FaultKind::StackTooShort, 0, count};
      const std::uint64_t frames = record.args[1];
      if (frames > kMaxFramesPerStack) return Fault{FaultKind::StackTooDeep, frames, 0};
      if (count != 2 + 4 * frames) return Fault{FaultKind::StackArguments, 2 + 4 * frames, count};
      return std::nullopt;
    }
    case Layout::Sample:
      if (count == spec.wire_count) return std::nullopt;
      return Fault{FaultKind::SampleArguments, 0, count};
    case Layout::Untimed:
    case Layout::Timed:
    case Layout::Log: break;
  }
  if (count != spec.wire_count) {
    return Fault{FaultKind::WrongArguments, static_cast<std::uint64_t>(record.type), count};
  }
  if (record.type == EventType::Frequency && static_cast<std::int64_t>(record.args[0]) <= 0) {
    return Fault{FaultKind::BadFrequency};
  }
  return std::nullopt;
}

std::optional<Fault> check_written(const Record& record) {
  if (record.text.size() > kMaxWrittenTextSize) {
    const bool is_string = record.type == EventType::String;
    return Fault{is_string ? FaultKind::StringTooLong : FaultKind::LogTooLong, record.text.size()};
  }
  return check(record);
}

}  // namespace marey::wire::v1
