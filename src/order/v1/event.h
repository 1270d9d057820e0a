// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "src/wire/v1/event_types.h"

namespace marey::order::v1 {

using wire::v1::EventType;

/// Ids of procs that Go's reader makes up for events that happened on no proc.
inline constexpr std::int32_t kTimerProc = 1000001;    // goroutines unblocked by timers
inline constexpr std::int32_t kNetpollProc = 1000002;  // goroutines unblocked by the network
inline constexpr std::int32_t kSyscallProc = 1000003;  // returns from system calls
inline constexpr std::int32_t kGCProc = 1000004;       // state of the garbage collector

/// A v1 event with its context, as it is passed around while it is decoded, ordered and
/// converted. Never kept.
struct Event {
  std::int64_t ticks = 0;
  std::uint64_t goroutine = 0;          ///< 0: none
  std::array<std::uint64_t, 4> args{};  ///< UserLog: [3] is the offset of the text's length
  std::uint32_t stack = 0;
  std::int32_t proc = 0;
  EventType type = EventType::None;
};

// Nearly all events of any trace are of these types. Where it counts, each of them has a copy of
// the code to itself, in which everything that follows from the type is a constant.
// clang-format off
#define MAREY_V1_USUAL_EVENT_TYPES(V)                                                       \
  V(ProcStart) V(ProcStop) V(GoCreate) V(GoStart) V(GoStartLocal) V(GoEnd) V(GoSched)       \
  V(GoPreempt) V(GoSleep) V(GoUnblock) V(GoUnblockLocal) V(GoBlockSend) V(GoBlockRecv)      \
  V(GoBlockSelect) V(GoBlockSync) V(GoBlockCond) V(GoBlockNet) V(GoSysCall) V(GoSysBlock)   \
  V(HeapAlloc) V(UserRegion)
// clang-format on

}  // namespace marey::order::v1
