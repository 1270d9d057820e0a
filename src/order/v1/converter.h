// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "marey/event.h"

#include "src/order/record.h"
#include "src/order/v1/batch_index.h"
#include "src/order/v1/clock.h"
#include "src/order/v1/event.h"
#include "src/order/v1/frontier.h"
#include "src/order/v1/merge.h"
#include "src/order/v1/table_builder.h"

namespace marey::order::v1 {

/// Turns the ordered events of a v1 trace into v2's, as Go's reader does.
///
/// Most have a counterpart. Those that have not:
///   - What comes before the first Gomaxprocs tells which goroutines there are; it becomes their
///     GoStatus.
///   - The first event of a proc becomes its ProcStatus.
///   - GoSysCall is a moment, and becomes a system call of one nanosecond; or, if it blocks, the
///     beginning of one that lasts until GoSysExit.
///   - GoStartLabel becomes two events.
/// So one event becomes none, one, or many.
class Converter {
 public:
  /// All arguments must outlive it; `tables` gets names of tasks that end.
  Converter(const BatchIndex& index, const MergeResult& merged, wire::Version version, Clock clock,
            TableBuilder& tables);

  enum class Outcome : std::uint8_t { Event, Nothing, UnknownType };

  /// Converts the next event, of the given type; `number` is the number of the proc that wrote it.
  /// If it becomes several, the other ones follow by more().
  Outcome convert(EventType type, const Event& event, ProcNumber number, marey::Event::Record& out);
  /// Whether the event converted last has become more than has been given.
  bool has_more() const { return has_second_ || !runnable_.empty(); }
  /// The next event that it has become. Only if has_more().
  void more(marey::Event::Record& out);

 private:
  struct ProcInfo {
    std::int32_t id = -1;
    ThreadID thread = kNoThread;
    bool has_thread = false;
    bool is_known = false;
  };
  struct TaskInfo {
    std::uint64_t parent = 0;
    std::uint64_t name = 0;
  };

  void end_preface(Time time);
  std::uint64_t stw_reason(std::uint64_t kind) const;
  ThreadID thread_of(std::int32_t proc, ProcNumber number) const;
  ThreadID thread_or_0(ProcNumber number) const {
    return procs_[number].has_thread ? procs_[number].thread : ThreadID{0};
  }
  ThreadID thread_of_made_up(std::int32_t proc) const;

  const MergeResult* merged_;
  TableBuilder* builder_;
  wire::Tables& tables_;
  Clock clock_;
  wire::Version version_;
  std::vector<ProcInfo> procs_;
  std::array<ProcNumber, 4> made_up_procs_{};  // numbers of procs with the ids that Go makes up
  boost::unordered_flat_map<std::uint64_t, TaskInfo> tasks_;
  boost::unordered_flat_set<std::uint64_t> created_;  // in the preface, and nothing more known
  std::vector<std::uint64_t> runnable_;               // statuses still to be given, last one first
  marey::Event::Record second_;
  std::uint64_t stw_reason_ = 0;
  std::uint64_t syscalls_ = 0;  // GoSysCalls seen
  std::uint64_t unblocks_ = 0;  // GoUnblocks seen
  Time runnable_time_ = 0;
  bool has_second_ = false;
  bool in_preface_;
};

inline ThreadID Converter::thread_of(std::int32_t proc, ProcNumber number) const {
  if (proc == -1) return kNoThread;
  const ProcInfo& info = procs_[std::min<std::size_t>(number, procs_.size() - 1)];
  return info.id == proc ? info.thread : thread_of_made_up(proc);
}

[[gnu::always_inline]] inline Converter::Outcome Converter::convert(EventType type,
                                                                    const Event& event,
                                                                    ProcNumber number,
                                                                    marey::Event::Record& out) {
  using V2 = wire::EventType;
  constexpr std::uint64_t kNoId = ~std::uint64_t{0};
  std::uint64_t stack = event.stack;
  if (stack != 0 && !tables_.has_stack(StackID{stack})) stack = 0;
  out.time = clock_.time(event.ticks);
  out.goroutine =
      event.goroutine == 0 ? kNoGoroutine : GoID{static_cast<std::int64_t>(event.goroutine)};
  out.proc = ProcID{event.proc};
  out.thread = kNoThread;
  out.args = {};
  out.tables = &tables_;
  std::int32_t proc = event.proc;
  const auto give = [&](V2 v2_type) __attribute__((always_inline)) {
    out.type = type_number(v2_type);
    out.proc = ProcID{proc};
    out.thread = thread_of(proc, number);
    return Outcome::Event;
  };
  const auto give_block = [&](V2 v2_type, BuiltinString reason) __attribute__((always_inline)) {
    out.args = {builder_->builtin(reason), stack};
    return give(v2_type);
  };
  const auto give_status = [&](std::uint64_t id, wire::GoStatus status)
                               __attribute__((always_inline)) {
                                 created_.erase(id);
                                 out.args = {id, kNoId, static_cast<std::uint64_t>(status)};
                                 return give(V2::GoStatus);
                               };

  switch (type) {
    case EventType::Gomaxprocs:
      if (in_preface_) {
        end_preface(out.time);
        return Outcome::Nothing;
      }
      out.args = {event.args[0], stack};
      return give(V2::ProcsChange);
    case EventType::ProcStart: {
      ProcInfo& info = procs_[number];
      info.thread = ThreadID{static_cast<std::int64_t>(event.args[0])};
      info.has_thread = true;
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
      info.thread = kNoThread;
      info.has_thread = false;
      return Outcome::Event;
    }
    case EventType::GCStart:
      proc = kGCProc;
      out.args = {event.args[0], stack};
      return give(V2::GCBegin);
    case EventType::GCDone: return give(V2::GCEnd);
    case EventType::STWStart:
      stw_reason_ = stw_reason(event.args[0]);
      out.args = {stw_reason_};
      return give(V2::STWBegin);
    case EventType::STWDone: out.args = {stw_reason_}; return give(V2::STWEnd);
    case EventType::GCSweepStart: out.args = {stack}; return give(V2::GCSweepBegin);
    case EventType::GCSweepDone:
      out.args = {event.args[0], event.args[1]};
      return give(V2::GCSweepEnd);
    case EventType::GCMarkAssistStart: out.args = {stack}; return give(V2::GCMarkAssistBegin);
    case EventType::GCMarkAssistDone: return give(V2::GCMarkAssistEnd);
    case EventType::HeapAlloc: out.args = {event.args[0]}; return give(V2::HeapAlloc);
    case EventType::HeapGoal: out.args = {event.args[0]}; return give(V2::HeapGoal);
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
      out.thread = thread_or_0(number);
      second_ = out;
      second_.type = type_number(V2::GoLabel);
      second_.args = {builder_->trace_string(event.args[2])};
      has_second_ = true;
      return Outcome::Event;
    case EventType::GoWaiting: return give_status(event.args[0], wire::GoStatus::Waiting);
    case EventType::GoInSyscall: return give_status(event.args[0], wire::GoStatus::Syscall);
    case EventType::GoEnd: return give(V2::GoDestroy);
    case EventType::GoStop: return give_block(V2::GoBlock, BuiltinString::Forever);
    case EventType::GoSched: return give_block(V2::GoStop, BuiltinString::Gosched);
    case EventType::GoPreempt: return give_block(V2::GoStop, BuiltinString::Preempted);
    case EventType::GoSleep: return give_block(V2::GoBlock, BuiltinString::Sleep);
    case EventType::GoBlock: return give_block(V2::GoBlock, BuiltinString::Empty);
    case EventType::GoBlockSend: return give_block(V2::GoBlock, BuiltinString::ChanSend);
    case EventType::GoBlockRecv: return give_block(V2::GoBlock, BuiltinString::ChanReceive);
    case EventType::GoBlockSelect: return give_block(V2::GoBlock, BuiltinString::Select);
    case EventType::GoBlockSync: return give_block(V2::GoBlock, BuiltinString::Sync);
    case EventType::GoBlockCond: return give_block(V2::GoBlock, BuiltinString::SyncCond);
    case EventType::GoBlockNet: return give_block(V2::GoBlock, BuiltinString::Network);
    case EventType::GoBlockGC: return give_block(V2::GoBlock, BuiltinString::MarkAssistWait);
    case EventType::GoUnblock:
      if (merged_->from_net[unblocks_++]) proc = kNetpollProc;
      out.args = {event.args[0], event.args[1], stack};
      return give(V2::GoUnblock);
    case EventType::GoSysCall:
      out.args = {0, stack};
      give(V2::GoSyscallBegin);
      if (!merged_->blocks[syscalls_++]) {
        out.thread = thread_or_0(number);
        second_ = out;
        second_.type = type_number(V2::GoSyscallEnd);
        second_.time = out.time + 1;
        second_.args = {};
        has_second_ = true;
      }
      return Outcome::Event;
    case EventType::GoSysBlock: return Outcome::Nothing;
    case EventType::GoSysExit: return give(V2::GoSyscallEndBlocked);
    case EventType::UserTaskCreate: {
      const std::uint64_t parent = event.args[1];
      const std::uint64_t name = builder_->trace_string(event.args[2]);
      tasks_[event.args[0]] = {parent, name};
      out.args = {event.args[0], parent == 0 ? raw(kNoTask) : parent, name, stack};
      return give(V2::UserTaskBegin);
    }
    case EventType::UserTaskEnd: {
      const auto it = tasks_.find(event.args[0]);
      if (it == tasks_.end()) {
        out.args = {event.args[0], stack, raw(kNoTask), 0};
      } else {
        const std::string_view name = tables_.string(StringID{it->second.name});
        out.args = {event.args[0], stack, it->second.parent, tables_.add_extra_string(name)};
        tasks_.erase(it);
      }
      return give(V2::UserTaskEnd);
    }
    case EventType::UserRegion:
      if (event.args[1] > 1) return Outcome::Nothing;
      out.args = {event.args[0], builder_->trace_string(event.args[2]), stack};
      return give(event.args[1] == 0 ? V2::UserRegionBegin : V2::UserRegionEnd);
    case EventType::UserLog:
      out.args = {event.args[0], builder_->trace_string(event.args[1]),
                  builder_->log_text(event.args[3]), stack};
      return give(V2::UserLog);
    case EventType::CPUSample:
      out.args = {stack, kNoId, static_cast<std::uint64_t>(event.proc), event.goroutine};
      out.type = type_number(V2::CPUSample);
      return Outcome::Event;
    default: return Outcome::UnknownType;
  }
}

}  // namespace marey::order::v1
