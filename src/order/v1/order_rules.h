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
  enum class Sequence : std::uint8_t { None, Zero, One, First, Second };
  /// Sequence number of events that only ask for a state.
  static constexpr std::uint64_t kAny = ~std::uint64_t{0};

  Whom whom = Whom::Nobody;
  GoroutineState from{};
  GoroutineState to{};
  bool has_sequence = false;  ///< the event says its number
  std::uint8_t counts = 0;    ///< 1: it is one of those that are numbered
  // The sequence number that it asks for is a constant, or one of the first two arguments.
  std::uint64_t base = kAny;
  std::uint64_t first_mask = 0;
  std::uint64_t second_mask = 0;

  constexpr std::uint64_t sequence(std::uint64_t first, std::uint64_t second) const {
    return base | (first & first_mask) | (second & second_mask);
  }
};

constexpr OrderRule make_order_rule(OrderRule::Whom whom, OrderRule::Sequence sequence, bool counts,
                                    GoroutineState from, GoroutineState to) {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  OrderRule rule{.whom = whom, .from = from, .to = to, .counts = counts};
  rule.has_sequence = sequence != OrderRule::Sequence::None;
  if (rule.has_sequence) rule.base = sequence == OrderRule::Sequence::One ? 1 : 0;
  if (sequence == OrderRule::Sequence::First) rule.first_mask = kAll;
  if (sequence == OrderRule::Sequence::Second) rule.second_mask = kAll;
  return rule;
}

constexpr OrderRule make_order_rule(EventType type) {
  using Whom = OrderRule::Whom;
  using Sequence = OrderRule::Sequence;
  using enum GoroutineState;
  switch (type) {
    case EventType::GoCreate:
      return make_order_rule(Whom::Argument, Sequence::Zero, true, Dead, Runnable);
    case EventType::GoWaiting:
    case EventType::GoInSyscall:
      return make_order_rule(Whom::Context, Sequence::One, true, Runnable, Waiting);
    case EventType::GoStart:
    case EventType::GoStartLabel:
      return make_order_rule(Whom::Context, Sequence::Second, true, Runnable, Running);
    // "Local": numbered, but the proc is the one of the event before, so it need not say how.
    case EventType::GoStartLocal:
      return make_order_rule(Whom::Context, Sequence::None, true, Runnable, Running);
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
      return make_order_rule(Whom::Context, Sequence::None, false, Running, Waiting);
    case EventType::GoSched:
    case EventType::GoPreempt:
      return make_order_rule(Whom::Context, Sequence::None, false, Running, Runnable);
    case EventType::GoUnblock:
    case EventType::GoSysExit:
      return make_order_rule(Whom::Argument, Sequence::Second, true, Waiting, Runnable);
    case EventType::GoUnblockLocal:
    case EventType::GoSysExitLocal:
      return make_order_rule(Whom::Argument, Sequence::None, true, Waiting, Runnable);
    case EventType::GCStart:
      return make_order_rule(Whom::Collector, Sequence::First, true, Dead, Dead);
    default: return {};
  }
}

constexpr std::array<OrderRule, 64> make_order_rules() {
  std::array<OrderRule, 64> rules{};
  for (std::size_t i = 0; i < rules.size(); i++) {
    rules[i] = make_order_rule(static_cast<EventType>(i));
  }
  return rules;
}

inline constexpr std::array<OrderRule, 64> kOrderRules = make_order_rules();

/// The type that an event has once it is in order: being local matters no more.
inline constexpr std::array<EventType, 64> kOrderedTypes = [] {
  std::array<EventType, 64> types{};
  for (std::size_t i = 0; i < types.size(); i++) types[i] = static_cast<EventType>(i);
  types[static_cast<std::size_t>(EventType::GoStartLocal)] = EventType::GoStart;
  types[static_cast<std::size_t>(EventType::GoUnblockLocal)] = EventType::GoUnblock;
  types[static_cast<std::size_t>(EventType::GoSysExitLocal)] = EventType::GoSysExit;
  return types;
}();

constexpr EventType ordered_type(EventType type) {
  return kOrderedTypes[static_cast<std::size_t>(type) & 63];
}

}  // namespace marey::order::v1
