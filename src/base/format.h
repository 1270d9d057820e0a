// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

/// Numbers for people. Rounded to three significant digits, trailing zeros dropped, and never
/// rounded up to a unit that the next size has a name for. Machines get raw numbers elsewhere.
namespace marey::base {

/// A duration: "0", "212ns", "212µs", "1.23ms", "59.9s", then "1m05s", "2h03m", "3d04h".
std::string format_duration(std::int64_t nanoseconds);

/// A size: "17 B", "64 KiB", "1.23 MiB", up to EiB.
std::string format_bytes(std::uint64_t bytes);

/// A count with thousands separators: "1,234,567".
std::string format_count(std::int64_t count);

/// A share in percent, 0 to 100: "12.3%". What is not quite none or all says so: "<0.1%",
/// ">99.9%". Not a number: "-".
std::string format_percent(double percent);

/// Any other number: "1.23", "12,346", "1.2e+09" when it gets too long; not a number: "-".
std::string format_number(double value);

}  // namespace marey::base
