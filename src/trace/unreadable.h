// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace marey::trace {

/// What people should know of a file whose first `bytes` are no header that can be read.
std::string why_unreadable(std::span<const std::byte> bytes);

}  // namespace marey::trace
