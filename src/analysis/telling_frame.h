// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <ranges>
#include <string_view>

namespace marey::analysis {

/// Whether a function belongs to the runtime's own packages.
inline bool is_runtime(std::string_view function) {
  return function.starts_with("runtime.") || function.starts_with("internal/") ||
         function.starts_with("sync.") || function.starts_with("syscall.");
}

/// The innermost frame outside the runtime's own packages, where a reader can do something about
/// it; the outermost where there is none, end() of an empty stack. `stack`: leaf first;
/// `function_of(frame)`: its function's name.
template <std::ranges::bidirectional_range Stack, class FunctionOf>
auto telling_frame(const Stack& stack, FunctionOf function_of) {
  const auto found = std::ranges::find_if(
      stack, [&](const auto& frame) { return !is_runtime(function_of(frame)); });
  return found == stack.end() && found != stack.begin() ? std::prev(found) : found;
}

}  // namespace marey::analysis
