// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace marey::table {

/// The words between the blanks of `text`; views into it.
std::vector<std::string_view> words_of(std::string_view text);

/// Breaks a text between words into lines of at most `width` columns, where its words allow that.
std::vector<std::string> break_lines(std::string_view text, std::size_t width);

}  // namespace marey::table
