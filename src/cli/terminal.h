// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "src/cli/options.h"

/// What the descriptors that a command writes to are, and what the environment says about them.
namespace marey::cli {

/// The widest terminal that is believed, in columns.
inline constexpr std::uint64_t kMostColumns = 10'000;

bool is_terminal(int descriptor);

/// Whether to colour what goes to `descriptor`. Color::Auto: on a terminal, unless NO_COLOR is set
/// (and not empty) or TERM is "dumb" or missing.
bool wants_color(int descriptor, Color color);

/// Whether the terminal understands cursor movements: TERM is neither missing nor "dumb".
bool has_cursor();

/// Whether to stay within ASCII: the locale is C or POSIX, or names a character set that is not
/// UTF-8. A locale that is not set says nothing.
bool wants_ascii();

/// Columns of the terminal that `descriptor` is; COLUMNS where it does not say; 0 if it is none.
std::size_t terminal_width(int descriptor);

/// What COLUMNS says; 0: nothing.
std::size_t columns_variable();

}  // namespace marey::cli
