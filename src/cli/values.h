// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/cli/options.h"

/// Values of flags as people write them. Nothing where the text is none.
namespace marey::cli {

/// A whole number in decimal, at most `most`.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most);

/// A size: "512M", "2GiB", "1.5g", "65536". K, M, G and T are powers of 1024, with or without "B"
/// or "iB" behind them.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// A moment: "1.5s", "250ms", "12us", "1m30s" after the start (units as in Go's time.ParseDuration:
/// ns, us, µs, ms, s, m, h), "0.016100416" (seconds after the start; the point tells), or a whole
/// number of nanoseconds on the trace's clock.
std::optional<Moment> parse_moment(std::string_view text);

}  // namespace marey::cli
