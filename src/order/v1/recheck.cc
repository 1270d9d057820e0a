// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/recheck.h"

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <fmt/format.h>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/order/ended_goroutine.h"
#include "src/order/v1/goroutines.h"
#include "src/order/v1/replay.h"
#include "src/order/v1/state_check.h"

namespace marey::order::v1 {
namespace {

class Rechecker {
 public:
  Rechecker(std::span<const std::byte> bytes, const BatchIndex& index, MergeResult& merged,
            const TableBuilder& tables, Clock clock, Judgement judgement, Health& health)
      : replay_(bytes, index, merged, judgement),
        merged_(merged),
        builder_(tables),
        tables_(tables.tables()),
        clock_(clock),
        health_(health),
        goroutines_(true),
        check_(goroutines_, true),
        procs_(index.procs.size() + 1),
        strict_(judgement == Judgement::Strict) {}

  std::optional<Error> run() {
    BitLog from_net;
    for (std::uint64_t number = 0; const Event* event = replay_.next(); number++) {
      if (!strict_) check_ids(*event);
      if (event->type == EventType::CPUSample) continue;
      const bool names_another =
          event->type == EventType::GoCreate || event->type == EventType::GoUnblock;
      const GoroutineSlot context = goroutines_.get(event->goroutine);
      const GoroutineSlot target =
          names_another ? goroutines_.get(event->args[0]) : Goroutines::kNone;
      const Violation violation = check_.check(event->type, *event, context, target,
                                               state_of_proc(), event->proc == kTimerProc);
      if (event->type == EventType::GoUnblock) from_net.push_back(check_.unblocked_from_net());
      if (!strict_ && event->type == EventType::GoEnd) count_left_regions(*event);
      if (violation == Violation::None) continue;
      if (strict_) return Error{ErrorKind::Input, message(violation, *event)};
      count(violation, *event);
      if (defect_of(violation) == Defect::ImpossibleTransition) merged_.guesses.push_back(number);
    }
    merged_.from_net = std::move(from_net);
    return std::nullopt;
  }

 private:
  ProcState& state_of_proc() {
    // Exits that were moved have no proc, and need none.
    const ProcNumber number = replay_.proc_number();
    return number < procs_.size() ? procs_[number] : procs_.back();
  }

  static Defect defect_of(Violation violation) {
    switch (violation) {
      case Violation::MisnestedRegion: return Defect::MisnestedRegion;
      case Violation::TaskConflict: return Defect::TaskConflict;
      default: return Defect::ImpossibleTransition;
    }
  }

  void count(Violation violation, const Event& event) {
    const Defect defect = defect_of(violation);
    DefectReport report{.defect = defect, .offset = replay_.offset(), .detail = {}};
    if (health_.of(defect).count < Health::kKept) report.detail = message(violation, event);
    health_.add(std::move(report));
  }

  void count_left_regions(const Event& event) {
    // Where something is missing, it may have been the regions' ends.
    if (health_.damaged()) return;
    for (const StateCheck::Region& region : check_.left_regions() | std::views::reverse) {
      report_unclosed_region(static_cast<std::int64_t>(event.goroutine), region.task,
                             tables_.string(StringID{region.name}), replay_.offset(), 0, health_);
    }
  }

  void check_ids(const Event& event) {
    if (event.stack != 0 && !tables_.has_stack(StackID{event.stack})) {
      count_unknown(Defect::UnknownStack, event.stack);
    }
    switch (event.type) {
      case EventType::GoStartLabel:
      case EventType::UserTaskCreate:
      case EventType::UserRegion: check_string(event.args[2]); break;
      case EventType::UserLog: check_string(event.args[1]); break;
      default: break;
    }
  }

  void check_string(std::uint64_t id) {
    const bool is_known =
        id == 0 || (builder_.trace_string(id) == id && tables_.has_string(StringID{id}));
    if (!is_known) count_unknown(Defect::UnknownString, id);
  }

  void count_unknown(Defect defect, std::uint64_t id) {
    auto& counted = defect == Defect::UnknownStack ? unknown_stacks_ : unknown_strings_;
    if (!counted.insert(id).second) return;
    DefectReport report{.defect = defect, .offset = replay_.offset(), .detail = {}};
    if (health_.of(defect).count < Health::kKept) report.detail = fmt::format("id {}", id);
    health_.add(std::move(report));
  }

  /// A task's or region's event as Go's reader prints it, in quotes.
  std::string quoted(const Event& event, std::uint32_t stack) const {
    const wire::v1::EventSpec& spec = wire::v1::spec_of(event.type);
    std::string text = fmt::format("\"{} {} p={} g={} stk={}", clock_.time(event.ticks), spec.name,
                                   event.proc, event.goroutine, stack);
    for (std::size_t i = 0; i + 1 < spec.arg_count; i++) {
      text += fmt::format(" {}={}", spec.args[i], event.args[i]);
    }
    return text + '"';
  }
  std::string quoted(const Event& event) const { return quoted(event, event.stack); }
  /// The same of an event that the check has passed before, which forgets an unknown stack.
  std::string quoted_other() const {
    const Event& other = check_.other();
    return quoted(other, tables_.has_stack(StackID{other.stack}) ? other.stack : 0);
  }

  std::string message(Violation violation, const Event& event) const {
    const Time time = clock_.time(event.ticks);
    const std::uint64_t g = event.goroutine;
    const std::int32_t p = event.proc;
    const std::string_view name = wire::v1::spec_of(event.type).name;
    const std::uint64_t other = check_.other().goroutine;
    switch (violation) {
      case Violation::None: break;
      case Violation::ProcAlreadyRunning:
        return fmt::format("p {} is running before start (time {})", p, time);
      case Violation::ProcNotRunning:
        return fmt::format("p {} is not running before stop (time {})", p, time);
      case Violation::ProcRunsGoroutine:
        return fmt::format("p {} is running a goroutine {} during stop (time {})", p, other, time);
      case Violation::GCNotEnded:
        return fmt::format("previous GC is not ended before a new one (time {})", time);
      case Violation::GCNotBegun: return fmt::format("bogus GC end (time {})", time);
      case Violation::StwNotEnded:
        return fmt::format("previous STW is not ended before a new one (time {})", time);
      case Violation::StwNotBegun: return fmt::format("bogus STW end (time {})", time);
      case Violation::SweepNotEnded:
        return fmt::format("previous sweeping is not ended before a new one (time {})", time);
      case Violation::SweepNotBegun: return fmt::format("bogus sweeping end (time {})", time);
      case Violation::AssistNotEnded:
        return fmt::format("previous mark assist is not ended before a new one (time {})", time);
      case Violation::NotRunnableBeforeWaiting:
        return fmt::format("g {} is not runnable before EvGoWaiting (time {})", g, time);
      case Violation::NotRunnableBeforeInSyscall:
        return fmt::format("g {} is not runnable before EvGoInSyscall (time {})", g, time);
      case Violation::NotRunning:
        return fmt::format("g {} is not running while {} (time {})", g, name, time);
      case Violation::ProcRunsAnother:
        return fmt::format("p {} is not running g {} while {} (time {})", p, g, name, time);
      case Violation::NoGoroutine: return fmt::format("g 0 did {} (time {})", name, time);
      case Violation::AlreadyExists:
        return fmt::format("g {} already exists (time {})", event.args[0], time);
      case Violation::NotRunnableBeforeStart:
        return fmt::format("g {} is not runnable before start (time {})", g, time);
      case Violation::ProcBusyBeforeStart:
        return fmt::format("p {} is already running g {} while start g {} (time {})", p, other, g,
                           time);
      case Violation::NotRunningBeforeUnpark:
        return fmt::format("g {} is not running while unpark (time {})", g, time);
      case Violation::ProcRunsAnotherBeforeUnpark:
        return fmt::format("p {} is not running g {} while unpark (time {})", p, g, time);
      case Violation::NotWaitingBeforeUnpark:
        return fmt::format("g {} is not waiting before unpark (time {})", event.args[0], time);
      case Violation::NotWaitingBeforeExit:
        return fmt::format("g {} is not waiting during syscall exit (time {})", g, time);
      case Violation::TaskConflict:
        return fmt::format("task id conflicts (id:{}), {} vs {}", event.args[0], quoted(event),
                           quoted_other());
      case Violation::MisnestedRegion:
        return fmt::format(
            "misuse of region in goroutine {}: span end {} when the inner-most active span start "
            "event is {}",
            g, quoted(event), quoted_other());
      case Violation::UnknownRegionMode:
        return fmt::format("invalid user region mode: {}", quoted(event));
    }
    return {};
  }

  Replay replay_;
  MergeResult& merged_;
  const TableBuilder& builder_;
  const wire::Tables& tables_;
  Clock clock_;
  Health& health_;
  boost::unordered_flat_set<std::uint64_t> unknown_stacks_;  // that have been counted
  boost::unordered_flat_set<std::uint64_t> unknown_strings_;
  Goroutines goroutines_;
  StateCheck check_;
  std::vector<ProcState> procs_;
  bool strict_;
};

}  // namespace

std::optional<Error> recheck(std::span<const std::byte> bytes, const BatchIndex& index,
                             MergeResult& merged, const TableBuilder& tables, Clock clock,
                             Judgement judgement, Health& health) {
  return Rechecker(bytes, index, merged, tables, clock, judgement, health).run();
}

}  // namespace marey::order::v1
