// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace marey::source {

/// What describe_front() can make use of.
inline constexpr std::size_t kFrontLength = 64;

/// What bytes seem to be that are not what was expected, from the first of them (after one layer of
/// gzip or zstd has been taken off): "text that begins with '404 page not found', first bytes 34 30
/// 34 20 70 61 67 65", "first bytes 00 01 02". For the end of a sentence; bytes that are no text
/// are not quoted.
std::string describe_front(std::span<const std::byte> front);

}  // namespace marey::source
