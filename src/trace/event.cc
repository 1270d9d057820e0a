// SPDX-License-Identifier: Apache-2.0
#include "marey/event.h"

#include <array>
#include <initializer_list>
#include <string>
#include <utility>

#include "src/order/record.h"
#include "src/wire/event_types.h"
#include "src/wire/tables.h"

namespace marey {
namespace {

using wire::EventType;

constexpr std::array<EventKind, 256> kKinds = [] {
  std::array<EventKind, 256> kinds{};
  const auto set = [&kinds](EventKind kind, std::initializer_list<EventType> types) {
    for (const EventType type : types) kinds[static_cast<std::uint8_t>(type)] = kind;
  };
  set(EventKind::Metric, {EventType::ProcsChange, EventType::HeapAlloc, EventType::HeapGoal});
  set(EventKind::Label, {EventType::GoLabel});
  set(EventKind::StackSample, {EventType::CPUSample});
  set(EventKind::RangeBegin, {EventType::STWBegin, EventType::GCBegin, EventType::GCSweepBegin,
                              EventType::GCMarkAssistBegin});
  set(EventKind::RangeActive,
      {EventType::GCActive, EventType::GCSweepActive, EventType::GCMarkAssistActive});
  set(EventKind::RangeEnd,
      {EventType::STWEnd, EventType::GCEnd, EventType::GCSweepEnd, EventType::GCMarkAssistEnd});
  set(EventKind::TaskBegin, {EventType::UserTaskBegin});
  set(EventKind::TaskEnd, {EventType::UserTaskEnd});
  set(EventKind::RegionBegin, {EventType::UserRegionBegin});
  set(EventKind::RegionEnd, {EventType::UserRegionEnd});
  set(EventKind::Log, {EventType::UserLog});
  set(EventKind::StateTransition,
      {EventType::ProcStart,       EventType::ProcStop,     EventType::ProcSteal,
       EventType::ProcStatus,      EventType::GoCreate,     EventType::GoCreateSyscall,
       EventType::GoStart,         EventType::GoDestroy,    EventType::GoDestroySyscall,
       EventType::GoStop,          EventType::GoBlock,      EventType::GoUnblock,
       EventType::GoSyscallBegin,  EventType::GoSyscallEnd, EventType::GoSyscallEndBlocked,
       EventType::GoStatus,        EventType::GoSwitch,     EventType::GoSwitchDestroy,
       EventType::GoCreateBlocked, EventType::GoStatusStack});
  for (std::size_t type = 0; type < kinds.size(); type++) {
    if (wire::kEventSpecs[type].event_class == wire::EventClass::AllocFree) {
      kinds[type] = EventKind::Experimental;
    }
  }
  kinds[order::kSyncType] = EventKind::Sync;
  return kinds;
}();

constexpr EventType type_of(const Event::Record& record) {
  return static_cast<EventType>(record.type);
}

std::string_view string_at(const Event::Record& record, std::size_t arg) {
  return record.tables == nullptr ? std::string_view{}
                                  : record.tables->string(StringID{record.args[arg]});
}

std::string_view extra_string_at(const Event::Record& record, std::size_t arg) {
  return record.tables == nullptr ? std::string_view{}
                                  : record.tables->extra_string(record.args[arg]);
}

GoState state_of(std::uint64_t status) {
  switch (static_cast<wire::GoStatus>(status)) {
    case wire::GoStatus::Runnable: return GoState::Runnable;
    case wire::GoStatus::Running: return GoState::Running;
    case wire::GoStatus::Syscall: return GoState::Syscall;
    case wire::GoStatus::Waiting: return GoState::Waiting;
    case wire::GoStatus::Bad: break;
  }
  return GoState::Undetermined;
}

// A proc in a system call still counts as running, unless nobody knows on which thread.
ProcState proc_state_of(std::uint64_t status) {
  switch (static_cast<wire::ProcStatus>(status)) {
    case wire::ProcStatus::Running:
    case wire::ProcStatus::Syscall: return ProcState::Running;
    case wire::ProcStatus::Idle:
    case wire::ProcStatus::SyscallAbandoned: return ProcState::Idle;
    case wire::ProcStatus::Bad: break;
  }
  return ProcState::Undetermined;
}

std::string_view experiment_name(wire::Experiment experiment) {
  switch (experiment) {
    case wire::Experiment::None: return "None";
    case wire::Experiment::AllocFree: return "AllocFree";
  }
  return "";
}

StateTransition transition(ResourceKind kind, std::int64_t id) {
  StateTransition result;
  result.resource = {kind, id};
  return result;
}

StateTransition of_goroutine(std::uint64_t id, GoState from, GoState to) {
  StateTransition result = transition(ResourceKind::Goroutine, static_cast<std::int64_t>(id));
  result.from = static_cast<std::uint8_t>(from);
  result.to = static_cast<std::uint8_t>(to);
  return result;
}

StateTransition of_goroutine(GoID id, GoState from, GoState to) {
  return of_goroutine(static_cast<std::uint64_t>(raw(id)), from, to);
}

StateTransition of_proc(std::uint64_t id, ProcState from, ProcState to) {
  StateTransition result = transition(ResourceKind::Proc, static_cast<std::int64_t>(id));
  result.from = static_cast<std::uint8_t>(from);
  result.to = static_cast<std::uint8_t>(to);
  return result;
}

}  // namespace

std::string_view name_of(EventKind kind) {
  constexpr std::array<std::string_view, 15> kNames{
      "Bad",         "Sync",        "Metric",   "Label",           "StackSample",
      "RangeBegin",  "RangeActive", "RangeEnd", "TaskBegin",       "TaskEnd",
      "RegionBegin", "RegionEnd",   "Log",      "StateTransition", "Experimental"};
  const auto i = static_cast<std::size_t>(kind);
  return i < kNames.size() ? kNames[i] : kNames[0];
}

std::string_view name_of(GoState state) {
  constexpr std::array<std::string_view, 6> kNames{"Undetermined", "NotExist", "Runnable",
                                                   "Running",      "Waiting",  "Syscall"};
  const auto i = static_cast<std::size_t>(state);
  return i < kNames.size() ? kNames[i] : "Bad";
}

std::string_view name_of(ProcState state) {
  constexpr std::array<std::string_view, 4> kNames{"Undetermined", "NotExist", "Running", "Idle"};
  const auto i = static_cast<std::size_t>(state);
  return i < kNames.size() ? kNames[i] : "Bad";
}

std::string_view name_of(ResourceKind kind) {
  constexpr std::array<std::string_view, 4> kNames{"None", "Goroutine", "Proc", "Thread"};
  const auto i = static_cast<std::size_t>(kind);
  return i < kNames.size() ? kNames[i] : "Bad";
}

std::size_t Stack::size() const { return tables_ == nullptr ? 0 : tables_->stack(id_).size(); }

StackFrame Stack::operator[](std::size_t i) const {
  if (tables_ == nullptr) return {};
  const std::span<const std::uint32_t> frames = tables_->stack(id_);
  if (i >= frames.size()) return {};
  const wire::FrameRecord& frame = tables_->frame(frames[i]);
  return {frame.pc, tables_->string(frame.function), tables_->string(frame.file), frame.line};
}

EventKind Event::kind() const { return kKinds[record_.type]; }

Stack Event::stack() const {
  if (type_of(record_) == EventType::CPUSample) return {record_.tables, StackID{record_.args[0]}};
  const std::int8_t arg = wire::kEventSpecs[record_.type].stack_args[0];
  if (arg < 0) return {};
  const StackID id{record_.args[static_cast<std::size_t>(arg)]};
  return id == StackID{} ? Stack{} : Stack{record_.tables, id};
}

Metric Event::metric() const {
  switch (type_of(record_)) {
    case EventType::ProcsChange: return {"/sched/gomaxprocs:threads", record_.args[0]};
    case EventType::HeapAlloc: return {"/memory/classes/heap/objects:bytes", record_.args[0]};
    case EventType::HeapGoal: return {"/gc/heap/goal:bytes", record_.args[0]};
    default: return {};
  }
}

Label Event::label() const {
  if (type_of(record_) != EventType::GoLabel) return {};
  return {string_at(record_, 0), {ResourceKind::Goroutine, raw(record_.goroutine)}};
}

Range Event::range() const {
  const auto named = static_cast<std::int64_t>(record_.args[0]);
  switch (type_of(record_)) {
    case EventType::STWBegin:
    case EventType::STWEnd: {
      const bool extra = type_of(record_) == EventType::STWEnd && record_.args[1] == 1;
      std::string name = "stop-the-world (";
      name += extra ? extra_string_at(record_, 0) : string_at(record_, 0);
      name += ')';
      return {std::move(name), {ResourceKind::Goroutine, raw(record_.goroutine)}};
    }
    case EventType::GCBegin:
    case EventType::GCActive:
    case EventType::GCEnd: return {"GC concurrent mark phase", {}};
    case EventType::GCSweepBegin:
    case EventType::GCSweepEnd:
      return {"GC incremental sweep", {ResourceKind::Proc, raw(record_.proc)}};
    case EventType::GCSweepActive: return {"GC incremental sweep", {ResourceKind::Proc, named}};
    case EventType::GCMarkAssistBegin:
    case EventType::GCMarkAssistEnd:
      return {"GC mark assist", {ResourceKind::Goroutine, raw(record_.goroutine)}};
    case EventType::GCMarkAssistActive: return {"GC mark assist", {ResourceKind::Goroutine, named}};
    default: return {};
  }
}

std::vector<RangeAttribute> Event::range_attributes() const {
  if (type_of(record_) != EventType::GCSweepEnd) return {};
  return {{"bytes swept", record_.args[0]}, {"bytes reclaimed", record_.args[1]}};
}

Task Event::task() const {
  const TaskID id{record_.args[0]};
  switch (type_of(record_)) {
    case EventType::UserTaskBegin: return {id, TaskID{record_.args[1]}, string_at(record_, 2)};
    case EventType::UserTaskEnd: return {id, TaskID{record_.args[2]}, extra_string_at(record_, 3)};
    default: return {};
  }
}

Region Event::region() const {
  switch (type_of(record_)) {
    case EventType::UserRegionBegin:
    case EventType::UserRegionEnd: return {TaskID{record_.args[0]}, string_at(record_, 1)};
    default: return {};
  }
}

Log Event::log() const {
  if (type_of(record_) != EventType::UserLog) return {};
  return {TaskID{record_.args[0]}, string_at(record_, 1), string_at(record_, 2)};
}

StateTransition Event::state_transition() const {
  const auto& args = record_.args;
  StateTransition result;
  switch (type_of(record_)) {
    case EventType::ProcStart: return of_proc(args[0], ProcState::Idle, ProcState::Running);
    case EventType::ProcStop:
      return of_proc(static_cast<std::uint64_t>(raw(record_.proc)), ProcState::Running,
                     ProcState::Idle);
    case EventType::ProcSteal: {
      // Where the proc had been abandoned in a system call, its status said idle already.
      const bool abandoned =
          static_cast<wire::ProcStatus>(args[3]) == wire::ProcStatus::SyscallAbandoned;
      return of_proc(args[0], abandoned ? ProcState::Idle : ProcState::Running, ProcState::Idle);
    }
    case EventType::ProcStatus:
      return of_proc(args[0], static_cast<ProcState>(args[2]), proc_state_of(args[1]));
    case EventType::GoCreate:
      result = of_goroutine(args[0], GoState::NotExist, GoState::Runnable);
      result.stack = {record_.tables, StackID{args[1]}};
      return result;
    case EventType::GoCreateBlocked:
      result = of_goroutine(args[0], GoState::NotExist, GoState::Waiting);
      result.stack = {record_.tables, StackID{args[1]}};
      return result;
    case EventType::GoCreateSyscall:
      return of_goroutine(args[0], GoState::NotExist, GoState::Syscall);
    case EventType::GoStart: return of_goroutine(args[0], GoState::Runnable, GoState::Running);
    case EventType::GoDestroy:
      return of_goroutine(record_.goroutine, GoState::Running, GoState::NotExist);
    case EventType::GoDestroySyscall:
      return of_goroutine(record_.goroutine, GoState::Syscall, GoState::NotExist);
    case EventType::GoStop:
    case EventType::GoBlock:
      result = of_goroutine(
          record_.goroutine, GoState::Running,
          type_of(record_) == EventType::GoStop ? GoState::Runnable : GoState::Waiting);
      result.reason = string_at(record_, 0);
      result.stack = stack();
      return result;
    case EventType::GoUnblock:
    case EventType::GoSwitch:  // a switch also blocks and starts, but those are events of their own
    case EventType::GoSwitchDestroy:
      return of_goroutine(args[0], GoState::Waiting, GoState::Runnable);
    case EventType::GoSyscallBegin:
      result = of_goroutine(record_.goroutine, GoState::Running, GoState::Syscall);
      result.stack = stack();
      return result;
    case EventType::GoSyscallEnd:
      return of_goroutine(record_.goroutine, GoState::Syscall, GoState::Running);
    case EventType::GoSyscallEndBlocked:
      return of_goroutine(record_.goroutine, GoState::Syscall, GoState::Runnable);
    case EventType::GoStatus:
    case EventType::GoStatusStack:
      result = of_goroutine(args[0], static_cast<GoState>(args[2] >> 32),
                            state_of(args[2] & 0xffff'ffff));
      result.stack = stack();
      return result;
    default: return result;
  }
}

Sync Event::sync() const {
  Sync result;
  if (record_.type != order::kSyncType) return result;
  result.n = static_cast<std::int64_t>(record_.args[0]);
  if (record_.tables == nullptr) return result;
  for (const wire::ExperimentalBatchRecord& batch : record_.tables->experimental_batches) {
    result.experimental_batches.push_back(
        {experiment_name(batch.experiment), batch.thread, batch.data});
  }
  const wire::SyncRecord& sync = record_.tables->sync;
  if (sync.has_clock_snapshot) {
    result.clock_snapshot =
        ClockSnapshot{wire::ticks_to_time(sync.snapshot_ticks, sync.nanoseconds_per_tick),
                      sync.snapshot_mono, sync.snapshot_sec, sync.snapshot_nsec};
  }
  return result;
}

ExperimentalEvent Event::experimental() const {
  const wire::EventSpec& spec = wire::kEventSpecs[record_.type];
  if (spec.event_class != wire::EventClass::AllocFree) return {};
  const std::size_t count = spec.arg_count - 1u;
  return {spec.name, experiment_name(wire::Experiment::AllocFree),
          std::span(spec.args).subspan(1, count), std::span(record_.args).first(count)};
}

}  // namespace marey
