// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace marey::order {

/// What to do with damage.
enum class Judgement : std::uint8_t {
  Tolerant,  ///< go on, and count every repair in the trace's Health
  Strict,    ///< stop where Go's reader stops, with its message
};

}  // namespace marey::order
