// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "marey/event.h"

#include "src/wire/event_types.h"

namespace marey::order {

// How Event::Record is filled. `args` holds the wire's arguments without the time delta, and:
//
//   ProcSteal             [3] status of the proc before (wire::ProcStatus)
//   ProcStatus            [2] state before (ProcState)
//   GoStatus, -Stack      [2] state before (GoState) << 32 | status (wire::GoStatus)
//   STWEnd                [0] string id of the kind, from the STWBegin; [1] 1: it is the number
//                             of an extra string instead
//   UserTaskBegin         [1] kNoTask instead of 0 for "no parent"
//   UserTaskEnd           [2] parent task, [3] number of the extra string with the type
//   CPUSample             [0] stack id
//   Sync                  [0] which Sync event this is, from 1
//
// v1 events are converted to the v2 types (as Go's reader does) and filled in the same way.

/// The type of Sync events, which do not stand on the wire.
inline constexpr std::uint8_t kSyncType = 255;

/// No event is delivered later, but for those behind it that follow nanosecond by nanosecond: 292
/// years less eighteen minutes, so that time never runs over.
inline constexpr Time kLatestTime = INT64_MAX - (Time{1} << 40);

/// The time at which an event of `time` is delivered behind one that was delivered at `last`: no
/// two events have the same.
constexpr Time risen(Time time, Time last) {
  return time > last && time <= kLatestTime ? time : last + 1;
}

inline std::uint8_t type_number(wire::EventType type) { return static_cast<std::uint8_t>(type); }

}  // namespace marey::order
