// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace marey::cli {

/// The one of `candidates` that somebody who typed `word` is most likely to have meant; empty if
/// none is near. Near is: the only one that begins with `word`, if that is three letters or more
/// and more than a third of it; or few slips of the fingers away (insertions, deletions,
/// replacements, swapped neighbours: less than a third of the longer word, so that of three letters
/// none is another).
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace marey::cli
