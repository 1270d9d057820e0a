// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace marey {

/// A vector that only grows, of objects that may be moved as bytes. Where std::vector needs room
/// for the old and the new elements while it grows, this lets the system move the pages: it never
/// takes more memory than its elements fill.
template <class T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  void push_back(const T& value) {
    if (size_ == capacity_) {
      const T copy = value;  // it may be one of the elements
      grow();
      items_.get()[size_++] = copy;
      return;
    }
    items_.get()[size_++] = value;
  }

  T& operator[](std::size_t i) { return items_.get()[i]; }
  const T& operator[](std::size_t i) const { return items_.get()[i]; }
  T* data() { return items_.get(); }
  const T* data() const { return items_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(T* items) const { std::free(items); }
  };

  void grow() {
    const std::size_t capacity = capacity_ == 0 ? 16 : 2 * capacity_;
    void* const items = std::realloc(items_.get(), capacity * sizeof(T));
    if (items == nullptr) {
      // As operator new does it, but for the exception.
      if (const std::new_handler handler = std::get_new_handler()) handler();
      std::abort();
    }
    static_cast<void>(items_.release());
    items_.reset(static_cast<T*>(items));
    capacity_ = capacity;
  }

  std::unique_ptr<T, Free> items_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace marey
