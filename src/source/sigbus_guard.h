// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace marey::source {

/// Keeps a mapped file from killing the program when the file shrinks.
///
/// Reading a mapped page that the file no longer has raises SIGBUS, and a trace can be truncated
/// by anyone at any time. While a guard is alive, such a read gives zeros instead, and the guard
/// remembers from which offset on the bytes are not the file's. The technique is the one of
/// systemd's sigbus.c: the signal handler maps fresh zero pages over the missing ones and returns,
/// and the load is executed again.
///
/// The handler is installed when the first guard is made and stays; SIGBUS at addresses that no
/// guard covers goes to whatever handler was there before. A program that installs a handler of
/// its own later must chain to this one. Guards may be made and dropped by any thread; the handler
/// takes no lock and allocates nothing.
class SigbusGuard {
 public:
  /// Guards `length` bytes at `address` (page-aligned), which must be mapped from the start of
  /// `fd`. Both must stay so until the guard is gone.
  SigbusGuard(std::byte* address, std::size_t length, int fd);
  SigbusGuard(SigbusGuard&& other) noexcept;
  SigbusGuard& operator=(SigbusGuard&& other) noexcept;
  ~SigbusGuard();

  /// The lowest offset from which zeros were put in place of the file; none if there was no need.
  std::optional<std::uint64_t> shrunk_at() const;

  struct Slot;

 private:
  Slot* slot_;
};

}  // namespace marey::source
