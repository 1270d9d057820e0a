// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace marey::cli {

/// The Go versions that write traces with the header "go 1.<format>": "1.23", "1.24" for 23. Empty
/// for a header that no known version writes.
std::vector<std::string_view> writers_of(std::uint32_t format);

}  // namespace marey::cli
