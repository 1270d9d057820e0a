// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace marey::table {

/// How many columns of a terminal `text` takes: two for East Asian wide characters, none for
/// combining marks. `text` is printable UTF-8 (see base::append_escaped).
std::size_t display_width(std::string_view text);

/// Where a text that is too wide is cut.
enum class Cut { Middle, Begin };

/// `text`, or if it is wider than `width`, its beginning and end with `ellipsis` between them, or
/// its end behind `ellipsis`.
std::string shorten(std::string_view text, std::size_t width, std::string_view ellipsis,
                    Cut cut = Cut::Middle);

}  // namespace marey::table
