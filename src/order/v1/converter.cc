// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/converter.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "src/order/record.h"

namespace marey::order::v1 {
namespace {

using V2 = wire::EventType;
using Record = marey::Event::Record;

constexpr std::uint64_t kNoId = ~std::uint64_t{0};
constexpr ProcNumber kNoNumber = ~ProcNumber{0};
constexpr std::uint64_t kStwReasons = 17;  // of Go 1.21, the unknown one included

}  // namespace

Converter::Converter(const BatchIndex& index, const MergeResult& merged, wire::Version version,
                     Clock clock, TableBuilder& tables)
    : index_(&index),
      merged_(&merged),
      tables_(&tables),
      clock_(clock),
      version_(version),
      procs_(index.procs.size() + 1),
      in_preface_(merged.has_preface) {
  stw_reason_ = tables.builtin(BuiltinString::StwUnknown);
  for (std::size_t i = 0; i < made_up_procs_.size(); i++) {
    const std::int32_t id = kTimerProc + static_cast<std::int32_t>(i);
    const auto proc =
        std::lower_bound(index.procs.begin(), index.procs.end(), id,
                         [](const BatchIndex::Proc& a, std::int32_t b) { return a.id < b; });
    made_up_procs_[i] = proc != index.procs.end() && proc->id == id
                            ? static_cast<ProcNumber>(proc - index.procs.begin())
                            : kNoNumber;
  }
}

ThreadID Converter::thread_of(std::int32_t proc, ProcNumber number) const {
  if (proc == -1) return kNoThread;
  if (number < index_->procs.size() && index_->procs[number].id == proc) {
    return ThreadID{procs_[number].thread};
  }
  number = made_up_procs_[static_cast<std::size_t>(proc - kTimerProc) % made_up_procs_.size()];
  return number == kNoNumber ? kNoThread : ThreadID{procs_[number].thread};
}

Converter::Outcome Converter::convert(const Event& event, ProcNumber number, Record& out) {
  std::uint64_t stack = event.stack;
  if (stack != 0 && !tables_->tables().has_stack(StackID{stack})) stack = 0;
  out.time = clock_.time(event.ticks);
  out.goroutine =
      event.goroutine == 0 ? kNoGoroutine : GoID{static_cast<std::int64_t>(event.goroutine)};
  out.proc = ProcID{event.proc};
  out.thread = kNoThread;
  out.args = {};
  out.tables = &tables_->tables();
  std::int32_t proc = event.proc;
  const auto give = [&](V2 type) {
    out.type = type_number(type);
    out.proc = ProcID{proc};
    out.thread = thread_of(proc, number);
    return Outcome::Event;
  };
  const auto give_block = [&](V2 type, BuiltinString reason) {
    out.args = {tables_->builtin(reason), stack};
    return give(type);
  };
  const auto give_status = [&](std::uint64_t id, wire::GoStatus status) {
    created_.erase(id);
    out.args = {id, kNoId, static_cast<std::uint64_t>(status)};
    return give(V2::GoStatus);
  };

  switch (event.type) {
    case EventType::Gomaxprocs:
      if (in_preface_) {
        end_preface(out.time);
        return Outcome::Nothing;
      }
      out.args = {event.args[0], stack};
      return give(V2::ProcsChange);
    case EventType::ProcStart: {
      ProcInfo& info = procs_[number];
      info.thread = static_cast<std::int64_t>(event.args[0]);
      if (std::exchange(info.is_known, true)) {
        out.args = {static_cast<std::uint64_t>(event.proc)};
        return give(V2::ProcStart);
      }
      out.args = {static_cast<std::uint64_t>(event.proc),
                  static_cast<std::uint64_t>(wire::ProcStatus::Running)};
      return give(V2::ProcStatus);
    }
    case EventType::ProcStop: {
      ProcInfo& info = procs_[number];
      const bool was_known = std::exchange(info.is_known, true);
      if (was_known) {
        out.args = {static_cast<std::uint64_t>(event.proc)};
      } else {
        out.args = {static_cast<std::uint64_t>(event.proc),
                    static_cast<std::uint64_t>(wire::ProcStatus::Idle)};
      }
      give(was_known ? V2::ProcStop : V2::ProcStatus);
      info.thread = -1;
      return Outcome::Event;
    }
    case EventType::GCStart:
      proc = kGCProc;
      out.args = {event.args[0], stack};
      return give(V2::GCBegin);
    case EventType::GCDone:
      return give(V2::GCEnd);
    case EventType::STWStart:
      stw_reason_ = stw_reason(event.args[0]);
      out.args = {stw_reason_};
      return give(V2::STWBegin);
    case EventType::STWDone:
      out.args = {stw_reason_};
      return give(V2::STWEnd);
    case EventType::GCSweepStart:
      out.args = {stack};
      return give(V2::GCSweepBegin);
    case EventType::GCSweepDone:
      out.args = {event.args[0], event.args[1]};
      return give(V2::GCSweepEnd);
    case EventType::GCMarkAssistStart:
      out.args = {stack};
      return give(V2::GCMarkAssistBegin);
    case EventType::GCMarkAssistDone:
      return give(V2::GCMarkAssistEnd);
    case EventType::HeapAlloc:
      out.args = {event.args[0]};
      return give(V2::HeapAlloc);
    case EventType::HeapGoal:
      out.args = {event.args[0]};
      return give(V2::HeapGoal);
    case EventType::GoCreate:
      if (in_preface_) {
        created_.insert(event.args[0]);
        return Outcome::Nothing;
      }
      out.args = {event.args[0], event.args[1], stack};
      return give(V2::GoCreate);
    case EventType::GoStart:
      if (in_preface_) return give_status(event.args[0], wire::GoStatus::Running);
      out.args = {event.args[0], event.args[1]};
      return give(V2::GoStart);
    case EventType::GoStartLabel:
      out.args = {event.args[0], event.args[1]};
      give(V2::GoStart);
      // Here, and for system calls that do not block, Go's reader calls an unknown thread 0.
      if (out.thread == kNoThread) out.thread = ThreadID{0};
      second_ = out;
      second_.type = type_number(V2::GoLabel);
      second_.args = {event.args[2]};
      has_second_ = true;
      return Outcome::Event;
    case EventType::GoWaiting:
      return give_status(event.args[0], wire::GoStatus::Waiting);
    case EventType::GoInSyscall:
      return give_status(event.args[0], wire::GoStatus::Syscall);
    case EventType::GoEnd:
      return give(V2::GoDestroy);
    case EventType::GoStop:
      return give_block(V2::GoBlock, BuiltinString::Forever);
    case EventType::GoSched:
      return give_block(V2::GoStop, BuiltinString::Gosched);
    case EventType::GoPreempt:
      return give_block(V2::GoStop, BuiltinString::Preempted);
    case EventType::GoSleep:
      return give_block(V2::GoBlock, BuiltinString::Sleep);
    case EventType::GoBlock:
      return give_block(V2::GoBlock, BuiltinString::Empty);
    case EventType::GoBlockSend:
      return give_block(V2::GoBlock, BuiltinString::ChanSend);
    case EventType::GoBlockRecv:
      return give_block(V2::GoBlock, BuiltinString::ChanReceive);
    case EventType::GoBlockSelect:
      return give_block(V2::GoBlock, BuiltinString::Select);
    case EventType::GoBlockSync:
      return give_block(V2::GoBlock, BuiltinString::Sync);
    case EventType::GoBlockCond:
      return give_block(V2::GoBlock, BuiltinString::SyncCond);
    case EventType::GoBlockNet:
      return give_block(V2::GoBlock, BuiltinString::Network);
    case EventType::GoBlockGC:
      return give_block(V2::GoBlock, BuiltinString::MarkAssistWait);
    case EventType::GoUnblock:
      if (merged_->from_net[unblocks_++]) proc = kNetpollProc;
      out.args = {event.args[0], event.args[1], stack};
      return give(V2::GoUnblock);
    case EventType::GoSysCall:
      out.args = {0, stack};
      give(V2::GoSyscallBegin);
      if (!merged_->blocks[syscalls_++]) {
        if (out.thread == kNoThread) out.thread = ThreadID{0};
        second_ = out;
        second_.type = type_number(V2::GoSyscallEnd);
        second_.time = out.time + 1;
        second_.args = {};
        has_second_ = true;
      }
      return Outcome::Event;
    case EventType::GoSysBlock:
      return Outcome::Nothing;
    case EventType::GoSysExit:
      return give(V2::GoSyscallEndBlocked);
    case EventType::UserTaskCreate: {
      const std::uint64_t parent = event.args[1];
      tasks_[event.args[0]] = {parent, event.args[2]};
      out.args = {event.args[0], parent == 0 ? raw(kNoTask) : parent, event.args[2], stack};
      return give(V2::UserTaskBegin);
    }
    case EventType::UserTaskEnd: {
      const auto it = tasks_.find(event.args[0]);
      if (it == tasks_.end()) {
        out.args = {event.args[0], stack, raw(kNoTask), 0};
      } else {
        const std::string_view name = tables_->tables().string(StringID{it->second.name});
        out.args = {event.args[0], stack, it->second.parent,
                    tables_->tables().add_extra_string(name)};
        tasks_.erase(it);
      }
      return give(V2::UserTaskEnd);
    }
    case EventType::UserRegion:
      if (event.args[1] > 1) return Outcome::Nothing;
      out.args = {event.args[0], event.args[2], stack};
      return give(event.args[1] == 0 ? V2::UserRegionBegin : V2::UserRegionEnd);
    case EventType::UserLog:
      out.args = {event.args[0], event.args[1], tables_->log_text(event.args[3]), stack};
      return give(V2::UserLog);
    case EventType::CPUSample:
      out.args = {stack, kNoId, static_cast<std::uint64_t>(event.proc), event.goroutine};
      out.type = type_number(V2::CPUSample);
      return Outcome::Event;
    default:
      return Outcome::UnknownType;
  }
}

bool Converter::more(Record& out) {
  if (has_second_) {
    out = second_;
    has_second_ = false;
    return true;
  }
  if (runnable_.empty()) return false;
  out = {};
  out.time = runnable_time_;
  out.type = type_number(V2::GoStatus);
  out.args = {runnable_.back(), kNoId, static_cast<std::uint64_t>(wire::GoStatus::Runnable)};
  out.tables = &tables_->tables();
  runnable_.pop_back();
  return true;
}

/// What is left of the goroutines created in the preface is neither running nor waiting.
void Converter::end_preface(Time time) {
  in_preface_ = false;
  runnable_time_ = time;
  runnable_.assign(created_.begin(), created_.end());
  std::sort(runnable_.begin(), runnable_.end(), std::greater<>());
  created_ = {};
}

std::uint64_t Converter::stw_reason(std::uint64_t kind) const {
  // Before Go 1.21 there were two kinds, and they are the first two of the known ones now.
  std::uint64_t reason = 0;
  if (version_ < wire::Version::Go121) {
    if (kind < 2) reason = kind + 1;
  } else if (kind < kStwReasons) {
    reason = kind;
  }
  const auto first = static_cast<std::uint64_t>(BuiltinString::StwUnknown);
  return tables_->builtin(static_cast<BuiltinString>(first + reason));
}

}  // namespace marey::order::v1
