// SPDX-License-Identifier: Apache-2.0
#include "src/source/padded_buffer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <limits>
#include <utility>

namespace marey::source {
namespace {

constexpr std::size_t kSmallest = 4096;
constexpr std::array<std::byte, kReadSlack> kNothing{};

}  // namespace

PaddedBuffer::PaddedBuffer(PaddedBuffer&& other) noexcept
    : data_(std::move(other.data_)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

PaddedBuffer& PaddedBuffer::operator=(PaddedBuffer&& other) noexcept {
  data_ = std::move(other.data_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

std::span<const std::byte> PaddedBuffer::bytes() const {
  if (!data_) return std::span(kNothing).first(0);
  return {data_.get(), size_};
}

std::span<std::byte> PaddedBuffer::prepare(std::size_t count) {
  if (count > std::numeric_limits<std::size_t>::max() / 4 - size_) return {};
  const std::size_t needed = size_ + count;
  if (needed > capacity_) {
    const std::size_t wanted = std::max({needed, capacity_ + capacity_ / 2, kSmallest});
    void* moved = std::realloc(data_.get(), wanted + kReadSlack);
    if (moved == nullptr) return {};
    static_cast<void>(data_.release());  // NOLINT(bugprone-unused-return-value): realloc has it
    data_.reset(static_cast<std::byte*>(moved));
    capacity_ = wanted;
    clear_slack();
  }
  return {data_.get() + size_, count};
}

void PaddedBuffer::commit(std::size_t count) {
  assert(count <= capacity_ - size_);
  size_ += count;
  clear_slack();
}

bool PaddedBuffer::append(std::span<const std::byte> bytes) {
  if (bytes.empty()) return true;
  const std::span<std::byte> room = prepare(bytes.size());
  if (room.empty()) return false;
  std::memcpy(room.data(), bytes.data(), bytes.size());
  commit(bytes.size());
  return true;
}

void PaddedBuffer::drop_front(std::size_t count) {
  assert(count <= size_);
  if (count == 0) return;
  std::memmove(data_.get(), data_.get() + count, size_ - count);
  size_ -= count;
  clear_slack();
}

void PaddedBuffer::clear_slack() {
  if (data_) std::memset(data_.get() + size_, 0, kReadSlack);
}

}  // namespace marey::source
