// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/wire/v1/event_types.h"

namespace marey::wire::v1 {

/// What can be wrong with a record. Each has Go's message.
enum class FaultKind : std::uint8_t {
  UnknownType,  // a: type
  MalformedVarint,
  MalformedArgument,  // a: type
  ArgumentsTooLong,   // a: type, b: bytes
  UnexpectedEnd,
  End,
  BatchArguments,  // a: number of arguments
  ProcTooLarge,    // a: proc
  StringWithoutId,
  EmptyString,
  StringTooLong,    // a: bytes
  LogTooLong,       // a: bytes
  WrongArguments,   // a: type, b: number of arguments
  SampleArguments,  // b: number of arguments
  StackTooShort,    // b: number of arguments
  StackTooDeep,     // a: frames
  StackArguments,   // a: number wanted, b: number there
  BadFrequency,
  DuplicateString,  // a: id
  NoBatch,          // a: type
  TooManyProcs,     // a: number allowed; Go has no limit
};

struct Fault {
  FaultKind kind{};
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

/// Go's message for a fault.
std::string to_message(const Fault& fault);

/// One record as it lies in the file.
struct Record {
  EventType type = EventType::None;
  std::size_t offset = 0;           ///< of the first byte, in the bytes given to the reader
  std::vector<std::uint64_t> args;  ///< Batch: proc and ticks; String: id; Stack: all of them
  std::string_view text;            ///< of String and UserLog
};

/// Reads records one after the other, with all bounds checked. The plain reader: it is for the
/// rare records (batches, tables, whatever is damaged); events of the hot path are decoded by
/// event_decoder.h, which is checked against it.
///
/// Go reads every record twice: first it skims all of them for the batches, then it reads each
/// batch. The two readings find different faults, and what the second one finds is reported only
/// when the batch's turn comes; hence skim() and read().
class RecordReader {
 public:
  enum class Outcome : std::uint8_t { Record, End, Fault };

  RecordReader(std::span<const std::byte> bytes, Version version, std::size_t offset = 0)
      : bytes_(bytes), version_(version), position_(offset) {}

  std::size_t position() const { return position_; }
  void seek(std::size_t position) { position_ = position; }

  /// Goes over the next record. Only a Batch's and a CPUSample's arguments are filled in. On
  /// Fault, fault() says what is wrong and the position has not moved. A log whose text is longer
  /// than what is left counts as the end, as it does for Go.
  Outcome skim(Record& record);

  /// Reads the next record with its arguments. On Fault the position has not moved.
  Outcome read(Record& record);

  const Fault& fault() const { return fault_; }

 private:
  enum class Depth : std::uint8_t { Skim, Read };
  Outcome next(Depth depth, Record& record);
  bool header(Depth depth, std::uint8_t first, Record& record);
  bool string(Depth depth, Record& record);
  bool batch(unsigned arg_count, Record& record);
  bool arguments(Depth depth, unsigned arg_count, Record& record);
  bool log_text(Depth depth, Record& record);
  bool varint(std::uint64_t& value);
  bool skip(std::uint64_t size);
  bool take(std::uint64_t size, std::span<const std::byte>& taken);
  bool fail(FaultKind kind, std::uint64_t a = 0, std::uint64_t b = 0);

  std::span<const std::byte> bytes_;
  Version version_;
  std::size_t position_ = 0;
  Fault fault_;
  bool log_beyond_end_ = false;
};

/// What Go checks of a record that could be read: the number of its arguments and, for stacks and
/// frequencies, their values.
std::optional<Fault> check(const Record& record);

/// The same, and that a runtime could have written it: its text is no longer than
/// kMaxWrittenTextSize.
std::optional<Fault> check_written(const Record& record);

}  // namespace marey::wire::v1
