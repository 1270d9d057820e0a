// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "marey/error.h"

namespace marey::base {

/// Appends `bytes` as a double-quoted Go string literal, exactly as Go 1.27's strconv.Quote and
/// fmt's %q write it: printable runes as they are, \a \b \f \n \r \t \v \" \\, other runes as \x..
/// (ASCII), \u.... or \U........, bytes that are not UTF-8 as \x...
void append_go_quoted(std::string& out, std::string_view bytes);

/// The same as a new string.
std::string go_quoted(std::string_view bytes);

/// Appends `bytes` with what append_go_quoted would escape escaped, but without the quotation
/// marks around it, and with '"' and '\\' left alone: safe to show on a terminal, not reversible.
void append_escaped(std::string& out, std::string_view bytes);

/// `text` between single quotes, which a shell takes off again: "it's" becomes 'it'\''s'.
std::string shell_quoted(std::string_view text);

/// `text` as a shell reads it as one word: the same, or where it needs quotes, shell_quoted().
std::string shell_word(std::string_view text);

/// The value of a double-quoted Go string literal, as Go's strconv.Unquote gives it. Fails with
/// Go's message ("invalid syntax") if `literal` is anything else.
Result<std::string> unquote_go(std::string_view literal);

}  // namespace marey::base
