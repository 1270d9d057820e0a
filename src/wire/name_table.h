// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace marey::wire {

/// Numbers for texts that outlive a generation (names of regions and tasks): equal texts have equal
/// numbers, whatever ids the generations give them. The empty text has number 0.
///
/// Shared by all threads that work on a trace. Asking for a number takes a mutex; asking for a name
/// takes nothing: names lie in chunks that never move, each twice as long as the one before.
class NameTable {
 public:
  NameTable();
  ~NameTable();
  NameTable(const NameTable&) = delete;
  NameTable& operator=(const NameTable&) = delete;

  std::uint32_t number_of(std::string_view name);
  /// The name with a number that number_of() gave; "" for any other.
  std::string_view name(std::uint64_t number) const;

 private:
  static constexpr std::size_t kChunks = 33;

  std::mutex mutex_;
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  std::atomic<std::uint64_t> count_ = 0;
  std::array<std::atomic<std::string*>, kChunks> chunks_{};
};

}  // namespace marey::wire
