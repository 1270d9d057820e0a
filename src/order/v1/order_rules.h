// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "src/order/v1/event.h"
#include "src/order/v1/goroutines.h"

namespace marey::order::v1 {

/// When an event may come: once a goroutine is in the state `from` and, if the event says so, has
/// had a certain number of events. The states are those of the sequence numbers only; what is
/// impossible but does not hinder the order is StateCheck's business.
struct OrderRule {
  enum class Whom : std::uint8_t {
    Nobody,     ///< may always come
    Context,    ///< the goroutine on which the event happens
    Argument,   ///< its first argument
    Collector,  ///< the garbage collector, which is treated as a goroutine
  };
  /// Where the sequence number stands.
  enum class Sequence : std::uint8_t { None, Zero, One, First, Second };

  Whom whom = Whom::Nobody;
  Sequence sequence = Sequence::None;
  bool counts = false;  ///< the event is one of those that are numbered
  GoroutineState from{};
  GoroutineState to{};
};

constexpr OrderRule make_order_rule(EventType type) {
  using Whom = OrderRule::Whom;
  using Sequence = OrderRule::Sequence;
  using enum GoroutineState;
  switch (type) {
    case EventType::GoCreate:
      return {Whom::Argument, Sequence::Zero, true, Dead, Runnable};
    case EventType::GoWaiting:
    case EventType::GoInSyscall:
      return {Whom::Context, Sequence::One, true, Runnable, Waiting};
    case EventType::GoStart:
    case EventType::GoStartLabel:
      return {Whom::Context, Sequence::Second, true, Runnable, Running};
    // "Local": numbered, but the proc is the one of the event before, so it need not say how.
    case EventType::GoStartLocal:
      return {Whom::Context, Sequence::None, true, Runnable, Running};
    case EventType::GoBlock:
    case EventType::GoBlockSend:
    case EventType::GoBlockRecv:
    case EventType::GoBlockSelect:
    case EventType::GoBlockSync:
    case EventType::GoBlockCond:
    case EventType::GoBlockNet:
    case EventType::GoBlockGC:
    case EventType::GoSleep:
    case EventType::GoSysBlock:
      return {Whom::Context, Sequence::None, false, Running, Waiting};
    case EventType::GoSched:
    case EventType::GoPreempt:
      return {Whom::Context, Sequence::None, false, Running, Runnable};
    case EventType::GoUnblock:
    case EventType::GoSysExit:
      return {Whom::Argument, Sequence::Second, true, Waiting, Runnable};
    case EventType::GoUnblockLocal:
    case EventType::GoSysExitLocal:
      return {Whom::Argument, Sequence::None, true, Waiting, Runnable};
    case EventType::GCStart:
      return {Whom::Collector, Sequence::First, true, Dead, Dead};
    default:
      return {};
  }
}

constexpr std::array<OrderRule, 64> make_order_rules() {
  std::array<OrderRule, 64> rules{};
  for (std::size_t i = 0; i < rules.size(); i++)
    rules[i] = make_order_rule(static_cast<EventType>(i));
  return rules;
}

inline constexpr std::array<OrderRule, 64> kOrderRules = make_order_rules();

/// The type that an event has once it is in order: being local matters no more.
constexpr EventType ordered_type(EventType type) {
  switch (type) {
    case EventType::GoStartLocal:
      return EventType::GoStart;
    case EventType::GoUnblockLocal:
      return EventType::GoUnblock;
    case EventType::GoSysExitLocal:
      return EventType::GoSysExit;
    default:
      return type;
  }
}

}  // namespace marey::order::v1
