// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace marey::cli {

/// The one of `candidates` that somebody who typed `word` is most likely to have meant; empty if
/// none is near. Near is: the only one that begins with `word`, or few slips of the fingers away
/// (insertions, deletions, replacements, swapped neighbours: at most a third of the length).
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace marey::cli
