// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace marey {

/// Storage for many small objects whose addresses stay, also when the slab is moved.
///
/// Objects live in chunks; freed ones are handed out again, last freed first, so that what is in
/// use stays dense. `T` is trivially destructible or cheap to keep: a freed object is reset to
/// T{} when it is handed out again, not when it is freed.
template <class T>
class Slab {
 public:
  /// A default-made object.
  T* allocate() {
    if (!free_.empty()) {
      T* object = free_.back();
      free_.pop_back();
      *object = T{};
      return object;
    }
    if (used_ == kChunk || chunks_.empty()) {
      chunks_.push_back(std::make_unique<T[]>(kChunk));
      used_ = 0;
    }
    return &chunks_.back()[used_++];
  }

  void free(T* object) { free_.push_back(object); }

 private:
  static constexpr std::size_t kChunk = 512;
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::vector<T*> free_;
  std::size_t used_ = 0;
};

}  // namespace marey
