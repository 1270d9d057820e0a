// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

namespace marey::source {

/// How many bytes may be loaded past the end of everything that this room hands out as a whole
/// (MappedFile, PaddedBuffer). A decoder may so load 8 or 16 bytes from any position before the
/// end without asking how many are left. What those bytes are is not said; they may even change.
inline constexpr std::size_t kReadSlack = 16;

/// Bytes in memory that grow at the end, with kReadSlack readable bytes after the last one.
///
/// Growing may move the bytes: spans from before are then invalid. Grows by realloc, which moves
/// big blocks by their page tables, so that no second copy is ever held.
class PaddedBuffer {
 public:
  PaddedBuffer() = default;
  PaddedBuffer(PaddedBuffer&& other) noexcept;
  PaddedBuffer& operator=(PaddedBuffer&& other) noexcept;

  std::span<const std::byte> bytes() const;
  std::size_t size() const { return size_; }

  /// Room for `count` bytes more after the end, to be written and then committed; empty if there
  /// is not enough memory (what is in the buffer stays).
  std::span<std::byte> prepare(std::size_t count);
  /// Adds the first `count` bytes of what prepare() gave.
  void commit(std::size_t count);

  /// prepare, copy, commit; false if there is not enough memory.
  bool append(std::span<const std::byte> bytes);

  /// Drops the first `count` bytes, moving the rest to the front.
  void drop_front(std::size_t count);
  void clear() { drop_front(size_); }

 private:
  struct Free {
    void operator()(std::byte* data) const { std::free(data); }
  };

  void clear_slack();

  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;  // without the slack
};

}  // namespace marey::source
