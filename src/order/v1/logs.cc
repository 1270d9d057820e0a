// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/logs.h"

#include <algorithm>

#include "src/wire/varint.h"

namespace marey::order::v1 {
namespace {

// A run of up to seven events is proc * 8 + length - 1; of a longer one the rest follows.
constexpr std::uint64_t kShortRuns = 7;

std::int64_t difference(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::int64_t>(a - b);
}

}  // namespace

void RunLog::flush() {
  if (length_ == 0) return;
  const std::uint64_t head = std::min(length_ - 1, kShortRuns);
  wire::append_varint(bytes_, proc_ * (kShortRuns + 1) + head);
  if (head == kShortRuns) wire::append_varint(bytes_, length_ - 1 - kShortRuns);
  length_ = 0;
}

bool RunReader::next(Run& run) {
  if (bytes_.at_end()) return false;
  const std::uint64_t head = bytes_.varint();
  run.proc = head / (kShortRuns + 1);
  run.length = head % (kShortRuns + 1) + 1;
  if (run.length > kShortRuns) run.length += bytes_.varint();
  return true;
}

void ExitLog::flush() {
  if (buffer_.empty()) return;
  std::sort(buffer_.begin(), buffer_.end());
  pieces_.push_back({buffer_.front(), buffer_.size(), bytes_.size()});
  MovedExit last = buffer_.front();
  for (std::size_t i = 1; i < buffer_.size(); i++) {
    const MovedExit& exit = buffer_[i];
    wire::append_varint(
        bytes_, static_cast<std::uint64_t>(exit.ticks) - static_cast<std::uint64_t>(last.ticks));
    wire::append_varint(bytes_, zigzag(difference(exit.position, last.position)));
    wire::append_varint(bytes_, zigzag(difference(exit.goroutine, last.goroutine)));
    last = exit;
  }
  buffer_.clear();
}

void ExitLog::finish() {
  flush();
  buffer_ = {};
  std::sort(pieces_.begin(), pieces_.end(),
            [](const Piece& a, const Piece& b) { return a.first < b.first; });
}

ExitReader::ExitReader(const ExitLog& log) : log_(&log) { open_pieces(); }

void ExitReader::pop() {
  std::pop_heap(open_.begin(), open_.end());
  if (open_.back().left == 0) {
    open_.pop_back();
  } else {
    decode(open_.back());
    std::push_heap(open_.begin(), open_.end());
  }
  open_pieces();
}

void ExitReader::open_pieces() {
  while (next_ < log_->pieces_.size() &&
         (open_.empty() || log_->pieces_[next_].first < open_.front().exit)) {
    const ExitLog::Piece& piece = log_->pieces_[next_++];
    open_.push_back({piece.first, piece.count - 1, ByteLogReader(log_->bytes_, piece.offset)});
    std::push_heap(open_.begin(), open_.end());
  }
}

void ExitReader::decode(Cursor& cursor) {
  MovedExit& exit = cursor.exit;
  exit.ticks =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(exit.ticks) + cursor.bytes.varint());
  exit.position += static_cast<std::uint64_t>(cursor.bytes.signed_varint());
  exit.goroutine += static_cast<std::uint64_t>(cursor.bytes.signed_varint());
  cursor.left--;
}

}  // namespace marey::order::v1
