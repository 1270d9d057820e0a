// SPDX-License-Identifier: Apache-2.0
#include "src/trace/unreadable.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "src/source/known_formats.h"
#include "src/wire/header.h"

namespace marey::trace {

std::string why_unreadable(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                              std::min(bytes.size(), wire::kHeaderSize));
  constexpr std::string_view kBegin = "go ";
  constexpr std::string_view kDigits = "0123456789.";
  if (text.starts_with(kBegin)) {
    const std::size_t end = std::min(text.find_first_not_of(kDigits, kBegin.size()), text.size());
    const std::string_view version = text.substr(kBegin.size(), end - kBegin.size());
    constexpr std::string_view kRest = " trace";
    const std::string_view rest = text.substr(end, kRest.size());
    if (text.size() < wire::kHeaderSize && kRest.starts_with(rest)) {
      return fmt::format("not a Go execution trace: its header is cut off after {} bytes, {}",
                         text.size(), source::describe_front(bytes));
    }
    if (rest == kRest && !version.empty() && version[0] > '1') {
      return fmt::format(
          "the trace is of a newer version (go {}) than this program knows; take a newer marey",
          version);
    }
  }
  return "not a Go execution trace: " + source::describe_front(bytes);
}

}  // namespace marey::trace
