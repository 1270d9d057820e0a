// SPDX-License-Identifier: Apache-2.0
#include "src/wire/name_table.h"

#include <bit>
#include <cassert>

namespace marey::wire {
namespace {

/// Number n is element n + 1 - 2^k of chunk k, which has 2^k elements.
std::size_t chunk_of(std::uint64_t number) {
  assert(number <= UINT32_MAX);
  return static_cast<std::size_t>(std::bit_width(number + 1)) - 1;
}
std::uint64_t place_in_chunk(std::uint64_t number) {
  return number + 1 - (std::uint64_t{1} << chunk_of(number));
}

}  // namespace

NameTable::NameTable() { number_of(""); }

NameTable::~NameTable() {
  for (const auto& chunk : chunks_) delete[] chunk.load();
}

std::uint32_t NameTable::number_of(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto it = numbers_.find(name); it != numbers_.end()) return it->second;
  const std::uint64_t number = count_.load(std::memory_order_relaxed);
  std::atomic<std::string*>& chunk = chunks_[chunk_of(number)];
  if (chunk.load(std::memory_order_relaxed) == nullptr) {
    chunk.store(new std::string[std::size_t{1} << chunk_of(number)], std::memory_order_release);
  }
  std::string& text = chunk.load(std::memory_order_relaxed)[place_in_chunk(number)];
  text = name;
  numbers_.emplace(text, static_cast<std::uint32_t>(number));
  count_.store(number + 1, std::memory_order_release);
  return static_cast<std::uint32_t>(number);
}

std::string_view NameTable::name(std::uint64_t number) const {
  if (number >= count_.load(std::memory_order_acquire)) return {};
  return chunks_[chunk_of(number)].load(std::memory_order_acquire)[place_in_chunk(number)];
}

}  // namespace marey::wire
