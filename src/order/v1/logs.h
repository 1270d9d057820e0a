// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

// What the first pass over a v1 trace writes down for the later ones: logs that only grow, in
// pieces, so that growing never holds two copies.

namespace marey::order::v1 {

/// A log of bytes.
class ByteLog {
 public:
  using value_type = std::uint8_t;

  void push_back(std::uint8_t byte) {
    if (room_ == 0) add_piece();
    pieces_.back()[kPiece - room_--] = byte;
  }

  std::uint64_t size() const { return pieces_.size() * kPiece - room_; }
  std::uint8_t operator[](std::uint64_t i) const { return pieces_[i / kPiece][i % kPiece]; }
  std::uint8_t& operator[](std::uint64_t i) { return pieces_[i / kPiece][i % kPiece]; }

 private:
  static constexpr std::size_t kPiece = 16 << 10;
  void add_piece() {
    pieces_.push_back(std::make_unique<std::uint8_t[]>(kPiece));
    room_ = kPiece;
  }

  std::vector<std::unique_ptr<std::uint8_t[]>> pieces_;
  std::size_t room_ = 0;
};

/// Reads varints from a log, one after the other; zeros behind its end.
class ByteLogReader {
 public:
  ByteLogReader() = default;
  explicit ByteLogReader(const ByteLog& log, std::uint64_t at = 0) : log_(&log), at_(at) {}

  bool at_end() const { return log_ == nullptr || at_ >= log_->size(); }
  std::uint64_t position() const { return at_; }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !at_end(); shift += 7) {
      const std::uint64_t byte = (*log_)[at_++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  /// As encoded by zigzag().
  std::int64_t signed_varint() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
  }

 private:
  const ByteLog* log_ = nullptr;
  std::uint64_t at_ = 0;
};

/// Small numbers of either sign to small numbers.
constexpr std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

/// A log of bits, which may be changed afterwards.
class BitLog {
 public:
  void push_back(bool bit) {
    if (size_ % 8 == 0) bytes_.push_back(0);
    if (bit) set(size_);
    size_++;
  }
  void set(std::uint64_t i) {
    std::uint8_t& byte = bytes_[i / 8];
    byte = static_cast<std::uint8_t>(byte | 1U << (i % 8));
  }
  std::uint64_t size() const { return size_; }
  /// False behind the end.
  bool operator[](std::uint64_t i) const {
    return i < size_ && (bytes_[i / 8] >> (i % 8) & 1) != 0;
  }

 private:
  ByteLog bytes_;
  std::uint64_t size_ = 0;
};

/// From which proc the events came, in runs: number of the proc and length, a byte a run for the
/// first fifteen procs. So the order need not be found twice.
class RunLog {
 public:
  void add(std::uint32_t proc) {
    if (proc == proc_ && length_ > 0) {
      length_++;
      return;
    }
    flush();
    proc_ = proc;
    length_ = 1;
  }
  /// To be called behind the last add().
  void flush();

  const ByteLog& bytes() const { return bytes_; }

 private:
  ByteLog bytes_;
  std::uint32_t proc_ = 0;
  std::uint64_t length_ = 0;
};

class RunReader {
 public:
  struct Run {
    std::uint64_t proc = 0;
    std::uint64_t length = 0;
  };
  RunReader() = default;
  explicit RunReader(const RunLog& log) : bytes_(log.bytes()) {}

  /// False at the end.
  bool next(Run& run);

 private:
  ByteLogReader bytes_;
};

/// A return from a system call that belongs to an earlier place in the order.
struct MovedExit {
  std::int64_t ticks = 0;      ///< when it really happened
  std::uint64_t position = 0;  ///< which event it was of those in the order of writing
  std::uint64_t goroutine = 0;

  bool operator<(const MovedExit& other) const {
    return ticks != other.ticks ? ticks < other.ticks : position < other.position;
  }
};

/// The moved exits, by the time at which they really happened, in some six bytes each.
///
/// They come in the order of writing, which is nearly their order. So they are sorted and packed
/// in pieces, and the pieces are merged when they are read; only few overlap at any moment.
class ExitLog {
 public:
  void add(const MovedExit& exit) {
    buffer_.push_back(exit);
    if (buffer_.size() == kPiece) flush();
  }
  /// To be called behind the last add().
  void finish();

  bool empty() const { return pieces_.empty(); }
  std::int64_t first_ticks() const { return pieces_.front().first.ticks; }

 private:
  friend class ExitReader;
  static constexpr std::size_t kPiece = 32 << 10;
  struct Piece {
    MovedExit first;
    std::uint64_t count = 0;
    std::uint64_t offset = 0;  // into bytes_
  };
  void flush();

  std::vector<MovedExit> buffer_;
  std::vector<Piece> pieces_;
  ByteLog bytes_;
};

/// Reads an ExitLog in order.
class ExitReader {
 public:
  ExitReader() = default;
  explicit ExitReader(const ExitLog& log);

  bool at_end() const { return open_.empty(); }
  /// The next exit, if not at_end().
  const MovedExit& peek() const { return open_.front().exit; }
  void pop();

 private:
  struct Cursor {
    MovedExit exit;
    std::uint64_t left = 0;  // behind `exit`
    ByteLogReader bytes;
    // For the heap functions of <algorithm>, which put the greatest first.
    bool operator<(const Cursor& other) const { return other.exit < exit; }
  };
  void open_pieces();
  static void decode(Cursor& cursor);

  const ExitLog* log_ = nullptr;
  std::size_t next_ = 0;  // piece
  std::vector<Cursor> open_;
};

}  // namespace marey::order::v1
