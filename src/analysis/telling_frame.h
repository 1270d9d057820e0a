// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <ranges>
#include <string_view>

namespace marey::analysis {

/// Whether a function belongs to Go's standard library: whether its import path begins with one of
/// the library's folders (up to Go 1.27). Those of other packages begin with a domain, or are the
/// program's own.
inline bool is_standard_library(std::string_view function) {
  static constexpr std::array<std::string_view, 53> kFolders = {
      "archive", "arena",    "bufio",  "bytes",   "cmp",      "compress", "container", "context",
      "crypto",  "database", "debug",  "embed",   "encoding", "errors",   "expvar",    "flag",
      "fmt",     "go",       "hash",   "html",    "image",    "index",    "internal",  "io",
      "iter",    "log",      "maps",   "math",    "mime",     "net",      "os",        "path",
      "plugin",  "reflect",  "regexp", "runtime", "simd",     "slices",   "sort",      "strconv",
      "strings", "structs",  "sync",   "syscall", "testing",  "text",     "time",      "unicode",
      "unique",  "unsafe",   "uuid",   "vendor",  "weak"};
  static_assert(std::ranges::is_sorted(kFolders));
  // Of "net/http.(*conn).serve" the "net", of "sync.(*Mutex).Lock" the "sync", and of
  // "go.uber.org/zap.New" all of the domain.
  const std::size_t path_end = function.find_first_of("/([");
  const bool has_slash = path_end != std::string_view::npos && function[path_end] == '/';
  const std::size_t folder_end = has_slash ? path_end : function.find('.');
  return std::ranges::binary_search(kFolders, function.substr(0, folder_end));
}

/// Whether a goroutine that began with this function is the runtime's or the tracer's own.
inline bool is_of_runtime(std::string_view function) {
  return (function.starts_with("runtime.") && function != "runtime.main") ||
         function.starts_with("runtime/");
}

/// The innermost frame outside the standard library, where a reader can do something about it; the
/// outermost where there is none, which at least says what the goroutine is for; end() of an empty
/// stack. `stack`: leaf first; `function_of(frame)`: its function's name.
template <std::ranges::bidirectional_range Stack, class FunctionOf>
auto telling_frame(const Stack& stack, FunctionOf function_of) {
  const auto found = std::ranges::find_if(
      stack, [&](const auto& frame) { return !is_standard_library(function_of(frame)); });
  return found == stack.end() && found != stack.begin() ? std::prev(found) : found;
}

}  // namespace marey::analysis
