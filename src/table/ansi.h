// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace marey::table {

/// ANSI escapes that every terminal knows.
inline constexpr std::string_view kBold = "\x1b[1m";
inline constexpr std::string_view kDim = "\x1b[2m";
inline constexpr std::string_view kRed = "\x1b[31m";
inline constexpr std::string_view kYellow = "\x1b[33m";
inline constexpr std::string_view kCyan = "\x1b[36m";
inline constexpr std::string_view kPlain = "\x1b[0m";

/// Appends `text`, in `style` if `color` is on.
inline void append_styled(std::string& out, bool color, std::string_view style,
                          std::string_view text) {
  if (color) out.append(style);
  out.append(text);
  if (color) out.append(kPlain);
}

}  // namespace marey::table
