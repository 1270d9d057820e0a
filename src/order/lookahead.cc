// SPDX-License-Identifier: Apache-2.0
#include "src/order/lookahead.h"

#include <algorithm>

#include "src/wire/event_decoder.h"

namespace marey::order {

using wire::EventType;
using Of = SequenceNumber::Of;

Lookahead::Lookahead(const Generation& generation)
    : generation_(generation), thread_of_batch_(generation.layout.batches.size()) {
  std::uint32_t number = 0;
  for (const Generation::ThreadBatches& thread : generation.threads) {
    for (const std::uint32_t batch : thread.batches) thread_of_batch_[batch] = number;
    number++;
    add_thread(thread);
  }
  std::ranges::sort(std::span(entries_.data(), entries_.size()));
}

std::uint32_t Lookahead::hash_of(const SequenceNumber& number) {
  // Multiplied by odd constants, 2^64 divided by the golden ratio among them, so that the upper
  // bits depend on all.
  std::uint64_t hash = number.id * 0x9e3779b97f4a7c15 + static_cast<std::uint64_t>(number.of);
  hash = (hash ^ hash >> 32) * 0xd6e8feb86659fd93 + number.number;
  hash = (hash ^ hash >> 29) * 0x9e3779b97f4a7c15;
  return static_cast<std::uint32_t>(hash >> 32);
}

void Lookahead::add_thread(const Generation::ThreadBatches& thread) {
  std::uint64_t proc = kAnyProc;  // that the thread holds
  for (const std::uint32_t index : thread.batches) {
    const auto bytes = generation_.bytes_of(generation_.layout.batches[index]);
    const std::byte* const end = bytes.data() + bytes.size();
    wire::TimedEvent event;
    const std::byte* next = nullptr;
    for (const std::byte* p = bytes.data(); p != end; p = next) {
      wire::DecodeFault fault{};
      next = wire::decode_event_plain(p, end, event, fault);
      if (next == nullptr) break;
      const auto& args = event.args;
      SequenceNumber number;
      switch (event.type) {
        case EventType::GoCreate:
        case EventType::GoCreateBlocked:
        case EventType::GoCreateSyscall:
        case EventType::GoStatus:
        case EventType::GoStatusStack: number = {Of::Goroutine, args[0], 0}; break;
        case EventType::GoStart:
        case EventType::GoUnblock:
        case EventType::GoSwitch:
        case EventType::GoSwitchDestroy: number = {Of::Goroutine, args[0], args[1]}; break;
        case EventType::GoSyscallBegin: number = {Of::Proc, proc, args[0]}; break;
        case EventType::ProcStatus: {
          const auto status = static_cast<wire::ProcStatus>(args[1] & 0xff);
          if (status == wire::ProcStatus::Running || status == wire::ProcStatus::Syscall) {
            proc = args[0];
          }
          number = {Of::Proc, args[0], 0};
          break;
        }
        case EventType::ProcStart:
          proc = args[0];
          number = {Of::Proc, args[0], args[1]};
          break;
        case EventType::ProcSteal: number = {Of::Proc, args[0], args[1]}; break;
        case EventType::GCActive:
        case EventType::GCBegin:
        case EventType::GCEnd: number = {Of::GC, 0, args[0]}; break;
        default: continue;
      }
      const std::uint64_t offset = generation_.trace_offset - generation_.layout.begin +
                                   static_cast<std::uint64_t>(p - generation_.trace.data());
      entries_.push_back(std::uint64_t{hash_of(number)} << 32 | offset);
    }
  }
}

std::span<const Lookahead::Entry> Lookahead::from(std::uint32_t hash) const {
  const std::span all(entries_.data(), entries_.size());
  return {std::ranges::lower_bound(all, std::uint64_t{hash} << 32), all.end()};
}

Lookahead::Place Lookahead::place_of(Entry entry) const {
  const auto& batches = generation_.layout.batches;
  const std::uint64_t offset = generation_.layout.begin + (entry & UINT32_MAX);
  const auto behind = std::ranges::upper_bound(batches, offset, {}, &wire::BatchRef::offset);
  const auto batch = static_cast<std::uint32_t>(behind - batches.begin() - 1);
  return {thread_of_batch_[batch], batch, offset};
}

}  // namespace marey::order
