// SPDX-License-Identifier: Apache-2.0
#include "src/source/window.h"

#include <cassert>
#include <cstring>

namespace marey::source {

void Window::consume(std::size_t count) {
  assert(count <= size_);
  begin_ += count;
  size_ -= count;
  offset_ += count;
}

Result<void> Window::fill(std::size_t count) {
  assert(count <= kCapacity);
  while (size_ < count && !at_end_) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, size_);
      begin_ = 0;
    }
    const Result<std::size_t> got = stream_->read(std::span(buffer_).subspan(size_));
    if (!got) return std::unexpected(got.error());
    at_end_ = *got == 0;
    size_ += *got;
  }
  return {};
}

}  // namespace marey::source
