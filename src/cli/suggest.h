// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace marey::cli {

/// The one of `candidates` that somebody who typed `word` is most likely to have meant; empty if
/// none is near. Near is: the only one that begins with `word`, if that is three letters or more
/// and more than a third of it; or few slips of the fingers away (insertions, deletions,
/// replacements, swapped neighbours: less than a third of the longer word, so that of three letters
/// none is another).
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

/// `path` as an argument that a shell and the parser of flags take for a file; "FILE" where it
/// cannot be shown as it is.
std::string file_argument(std::string_view path);

/// A command for people to run, as messages show it: 'marey report trace.out', or where the path
/// needs quotes of its own, `marey report 'my trace.out'`.
std::string marked_command(std::string_view command, std::string_view path);

}  // namespace marey::cli
