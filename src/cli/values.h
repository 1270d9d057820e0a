// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "marey/event.h"
#include "marey/ids.h"

#include "src/cli/options.h"

/// Values of flags as people write them. Nothing where the text is none.
namespace marey::cli {

/// Its letters of ASCII in lower case.
std::string lower(std::string_view text);

/// A whole number in decimal, at most `most`.
std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most);

/// A goroutine: "22", or as `marey events` prints it, "G22".
std::optional<GoID> parse_goroutine(std::string_view text);

/// Some, with commas between them; nothing if one is none.
std::optional<std::vector<GoID>> parse_goroutines(std::string_view text);

/// A size: "512M", "2GiB", "1.5g", "65536". K, M, G and T are powers of 1024, with or without "B"
/// or "iB" behind them.
std::optional<std::uint64_t> parse_size(std::string_view text);

/// A moment: "1.5s", "250ms", "12us", "1m30s" after the start (units as in Go's time.ParseDuration:
/// ns, us, µs, ms, s, m, h), "0.016100416" (seconds after the start; the point tells), "14:23:42.1"
/// or "14:23" by the wall clock, or a whole number of nanoseconds on the trace's clock.
std::optional<Moment> parse_moment(std::string_view text);

/// A length of time: "100ms", "1m30s", or with a point seconds, as a moment after the start; ns.
std::optional<Duration> parse_duration(std::string_view text);

/// Lengths of time with their units, "1ms" or "500us,1.5s", none of them 0.
std::optional<std::vector<Duration>> parse_durations(std::string_view text);

/// The words between the separators, of which there is at least one.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The kinds of events as `marey events` names them, whatever the case of the letters.
std::optional<EventKind> parse_kind(std::string_view text);
std::vector<std::string_view> kind_names();

/// The bit of a kind in Options::kinds.
constexpr std::uint32_t kind_bit(EventKind kind) {
  return std::uint32_t{1} << static_cast<unsigned>(kind);
}

}  // namespace marey::cli
