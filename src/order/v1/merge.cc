// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/merge.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>

#include "src/order/v1/event.h"
#include "src/order/v1/frontier.h"
#include "src/order/v1/goroutines.h"
#include "src/order/v1/order_rules.h"
#include "src/order/v1/proc_cursor.h"
#include "src/order/v1/sample_cursor.h"
#include "src/order/v1/state_check.h"

namespace marey::order::v1 {
namespace {

constexpr std::string_view kNoOrder = "no consistent ordering of events possible";
constexpr std::string_view kImpossible = "encountered impossible goroutine state transition";
constexpr std::string_view kTimeOrder = "time stamps out of order";
constexpr std::string_view kStrayExit = "stray syscall exit";

class Merger {
 public:
  Merger(std::span<const std::byte> bytes, const BatchIndex& index, TableBuilder& tables,
         Judgement judgement, bool keep_ended, Health& health)
      : samples_(bytes, index),
        tables_(tables),
        health_(health),
        goroutines_(keep_ended),
        check_(goroutines_, false),
        parked_(index.procs.size() + 1, judgement == Judgement::Tolerant),
        timers_(index.timer_goroutines.begin(), index.timer_goroutines.end()),
        sample_proc_(static_cast<ProcNumber>(index.procs.size())),
        strict_(judgement == Judgement::Strict) {
    procs_.reserve(index.procs.size());
    for (std::size_t i = 0; i < index.procs.size(); i++) {
      procs_.emplace_back(ProcCursor(bytes, index, i, judgement));
    }
    left_ = procs_.size() + 1;
  }

  Result<MergeResult> run() {
    if (!begin()) return input_error(std::move(error_));
    while (true) {
      if (!strict_) force_late_procs();
      if (ready_.empty()) break;
      const ProcNumber number = ready_.top().proc;
      if (number == sample_proc_) {
        deliver_sample();
        ready_.pop();
        advance_samples();
        continue;
      }
      const GoroutineSlot changed = deliver(number);
      if (!error_.empty()) [[unlikely]]
        return input_error(std::move(error_));
      // The order in which procs get into the heap is Go's, too: first those that had waited.
      const bool is_top = goroutines_[changed].parked == 0;
      if (!is_top) {
        ready_.pop();
        wake(changed);
      }
      if (!advance(number, is_top)) [[unlikely]]
        return input_error(std::move(error_));
    }
    return finish();
  }

  /// Something happened to a goroutine after its end, and nobody knows any more what it was like.
  bool lacks_memory() const { return goroutines_.touches_ended(); }

 private:
  struct Proc {
    explicit Proc(ProcCursor proc_cursor) : cursor(std::move(proc_cursor)) {}

    ProcCursor cursor;
    Event event;                 // the next one
    std::uint64_t sequence = 0;  // that it asks for
    std::uint64_t target_id = 0;
    GoroutineSlot context = 0;  // of event.goroutine
    GoroutineSlot target = 0;   // of the goroutine that the event's rule or its check is about
    const OrderRule* rule = nullptr;
    ProcState state;
    bool is_ordered = false;
  };

  bool begin() {
    // In the order in which Go's reader goes over the procs for the first time, which takes each
    // proc that is ready out of the list by putting the last one in its place.
    std::vector<ProcNumber> order(procs_.size() + 1);
    for (std::size_t i = 0; i < order.size(); i++) order[i] = static_cast<ProcNumber>(i);
    for (std::size_t i = 0; i < order.size();) {
      const std::size_t ready = ready_.size();
      const std::size_t left = left_;
      if (order[i] == sample_proc_) {
        advance_samples();
      } else if (!advance(order[i], false)) {
        return false;
      }
      if (ready_.size() == ready && left_ == left) {
        i++;
      } else {
        order[i] = order.back();
        order.pop_back();
      }
    }
    return true;
  }

  /// Gets the proc's next event and puts the proc where it belongs; false on an error. `is_top`:
  /// the proc is still the first of those that are ready.
  bool advance(ProcNumber number, bool is_top) {
    Proc& proc = procs_[number];
    while (!proc.cursor.next(proc.event)) {
      if (next_batch(proc)) continue;
      if (is_top) ready_.pop();
      return error_.empty();
    }
    find_goroutines(proc);
    Goroutine& goroutine = goroutines_[proc.target];
    if (is_ready(proc, goroutine)) {
      if (is_top) {
        ready_.replace_top({proc.event.ticks, number});
      } else {
        ready_.push({proc.event.ticks, number});
      }
      return true;
    }
    if (is_top) ready_.pop();
    goroutine.parked++;
    parked_.park(number, proc.event.ticks, proc.target, proc.sequence, proc.rule->from);
    return true;
  }

  bool next_batch(Proc& proc) {
    count_lost_events(proc);
    if (!proc.cursor.next_batch()) {
      left_--;
      return false;
    }
    const auto fault = tables_.add_batch(proc.cursor.batch());
    if (fault && strict_) {
      error_ = to_message(*fault);
      return false;
    }
    return true;
  }

  void find_goroutines(Proc& proc) {
    const Event& event = proc.event;
    const OrderRule& rule = kOrderRules[static_cast<std::size_t>(event.type)];
    proc.rule = &rule;
    proc.sequence = rule.sequence(event.args[0], event.args[1]);
    proc.context =
        event.goroutine == 0 ? Goroutines::kNone : goroutines_.get(event.goroutine, proc.context);
    proc.target = proc.context;
    proc.target_id = event.goroutine;
    proc.is_ordered = rule.whom != OrderRule::Whom::Nobody;
    if (rule.whom == OrderRule::Whom::Argument) {
      proc.target = goroutines_.get(event.args[0]);
      proc.target_id = event.args[0];
    } else if (rule.whom == OrderRule::Whom::Collector) {
      proc.target = Goroutines::kCollector;
      proc.target_id = Goroutines::kCollectorId;
    }
    // For Go's reader a goroutine of this number means that there is nothing to order.
    constexpr std::uint64_t kUnordered = ~std::uint64_t{0};
    if (proc.target_id == kUnordered) [[unlikely]]
      proc.is_ordered = false;
  }

  static bool is_ready(const Proc& proc, const Goroutine& goroutine) {
    return !proc.is_ordered ||
           (goroutine.order == proc.rule->from &&
            (proc.sequence == OrderRule::kAny || proc.sequence == goroutine.sequence));
  }

  void wake(GoroutineSlot slot) {
    Goroutine& goroutine = goroutines_[slot];
    const auto make_ready = [&](ProcNumber number) {
      goroutine.parked--;
      ready_.push({procs_[number].event.ticks, number});
    };
    parked_.wake(slot, goroutine.sequence, goroutine.order, make_ready);
    parked_.wake(slot, OrderRule::kAny, goroutine.order, make_ready);
  }

  /// Tolerant: whoever's turn it is by time, but whose goroutine is not in the right state, gets
  /// it put right.
  void force_late_procs() {
    while (!parked_.empty()) {
      const std::int64_t ticks = parked_.earliest_ticks();
      if (!ready_.empty() && ready_.top().ticks <= ticks) return;
      const ProcNumber number = parked_.take_earliest();
      Proc& proc = procs_[number];
      count_contradiction(Defect::NoOrder, proc, kNoOrder);
      Goroutine& goroutine = goroutines_[proc.target];
      goroutine.parked--;
      put_right(proc, goroutine);
      ready_.push({proc.event.ticks, number});
    }
  }

  static void put_right(const Proc& proc, Goroutine& goroutine) {
    goroutine.order = proc.rule->from;
    if (proc.sequence != OrderRule::kAny) goroutine.sequence = proc.sequence;
  }

  /// Takes the proc's event as the next one in the order. Returns the goroutine that may now be
  /// what other procs wait for.
  GoroutineSlot deliver(ProcNumber number) {
    Proc& proc = procs_[number];
    Event& event = proc.event;
    // A goroutine may have ended since the event was looked at, but only in a trace that makes no
    // sense.
    if (goroutines_[proc.context].id != event.goroutine) [[unlikely]]
      find_goroutines(proc);
    event.type = ordered_type(event.type);
    note_time(event.ticks);
    result_.runs.add(number);
    const bool was_in_syscall = goroutines_[proc.context].in_syscall;
    if (proc.is_ordered && !apply_rule(proc)) [[unlikely]]
      return 0;
    if (event.goroutine != 0) note_syscall(goroutines_[proc.context], event.type);
    switch (event.type) {
      case EventType::GoSysCall:
        begin_syscall(goroutines_[proc.context]);
        break;
      case EventType::GoSysBlock:
      case EventType::GoInSyscall:
        goroutines_[proc.context].block_ticks = event.ticks;
        goroutines_[proc.context].in_syscall = true;
        break;
      case EventType::GoSysExit:
        end_syscall(proc, was_in_syscall);
        break;
      case EventType::UserLog:
        tables_.add_log_text(event.args[3]);
        break;
      case EventType::Gomaxprocs:
        seen_gomaxprocs_ = true;
        break;
      default:
        break;
    }
    const bool by_timer =
        !timers_.empty() && event.type == EventType::GoUnblock && timers_.contains(event.goroutine);
    if (check_.check(event, proc.context, proc.target, proc.state, by_timer) != Violation::None) {
      result_.needs_check = true;
    }
    if (event.type == EventType::GoUnblock) result_.from_net.push_back(check_.unblocked_from_net());
    result_.events++;
    if (event.type == EventType::GoEnd || event.type == EventType::GoStop) {
      goroutines_.end(proc.context);
    }
    return proc.is_ordered ? proc.target : Goroutines::kNone;
  }

  /// False on an error.
  bool apply_rule(Proc& proc) {
    Goroutine& goroutine = goroutines_[proc.target];
    if (!is_ready(proc, goroutine)) [[unlikely]] {
      // Two procs claim the goroutine.
      if (strict_) {
        error_ = kImpossible;
        return false;
      }
      count_contradiction(Defect::ImpossibleTransition, proc, kImpossible);
      put_right(proc, goroutine);
    }
    goroutine.order = proc.rule->to;
    goroutine.in_syscall = false;
    goroutine.sequence += proc.rule->counts;
    // To Go's reader the two greatest numbers have a meaning of their own.
    if (proc.rule->has_sequence && proc.sequence >= OrderRule::kAny - 1) [[unlikely]] {
      if (proc.sequence == OrderRule::kAny) {
        goroutine.sequence = 0;
      } else {
        goroutine.sequence--;
      }
    }
    return true;
  }

  void note_time(std::int64_t ticks) {
    if (result_.events == 0) result_.first_ticks = ticks;
    if (ticks < last_ticks_) [[unlikely]] {
      is_sorted_ = false;
      if (!strict_) {
        health_.add({.defect = Defect::TimeRunsBackwards, .detail = std::string(kTimeOrder)});
      }
    }
    last_ticks_ = ticks;
  }

  /// A system call blocks if the next thing that its goroutine does is to block in it.
  void note_syscall(Goroutine& goroutine, EventType type) {
    if (goroutine.syscall == 0) return;
    if (type == EventType::GoSysBlock) result_.blocks.set(goroutine.syscall - 1);
    goroutine.syscall = 0;
  }

  void begin_syscall(Goroutine& goroutine) {
    result_.blocks.push_back(false);
    if (goroutine.id != 0) goroutine.syscall = result_.blocks.size();
  }

  /// The event was written when the goroutine had got a proc again, or later; its last argument
  /// says when the system call returned. Moving it there must not make a trace look sensible that
  /// is not.
  void end_syscall(const Proc& proc, bool was_in_syscall) {
    const auto ticks = static_cast<std::int64_t>(proc.event.args[2]);
    const Goroutine& goroutine = goroutines_[proc.context];
    if (ticks == 0) return result_.is_moved.push_back(false);
    bool moves = true;
    if (goroutine.block_ticks == 0) {
      moves = false;
      if (exit_error_.empty()) exit_error_ = kStrayExit;
    } else if (ticks < goroutine.block_ticks || (!strict_ && ticks > proc.event.ticks)) {
      moves = false;
      if (exit_error_.empty()) exit_error_ = kTimeOrder;
      if (!strict_) {
        health_.add({.defect = Defect::TimeRunsBackwards,
                     .offset = proc.cursor.position(),
                     .detail = std::string(kTimeOrder)});
      }
    }
    result_.is_moved.push_back(moves);
    if (!moves) return;
    if (ticks > proc.event.ticks || !was_in_syscall) result_.needs_check = true;
    result_.exits.add({ticks, result_.events, proc.event.goroutine});
  }

  void advance_samples() {
    if (samples_.next(sample_)) {
      ready_.push({sample_.ticks, sample_proc_});
    } else {
      left_--;
    }
  }

  void deliver_sample() {
    note_time(sample_.ticks);
    result_.runs.add(sample_proc_);
    const GoroutineSlot slot = goroutines_.find(sample_.goroutine);
    if (slot != Goroutines::kNone) note_syscall(goroutines_[slot], EventType::CPUSample);
    result_.events++;
  }

  Result<MergeResult> finish() {
    if (strict_) {
      if (left_ != 0) return input_error(std::string(kNoOrder));
      if (!is_sorted_) return input_error(std::string(kTimeOrder));
      if (!exit_error_.empty()) return input_error(std::string(exit_error_));
    }
    result_.runs.flush();
    result_.exits.finish();
    if (!result_.exits.empty()) {
      result_.first_ticks = std::min(result_.first_ticks, result_.exits.first_ticks());
    }
    return std::move(result_);
  }

  void count_contradiction(Defect defect, const Proc& proc, std::string_view message) {
    if (!seen_gomaxprocs_) result_.has_preface = false;
    DefectReport report{.defect = defect, .offset = proc.cursor.position(), .detail = {}};
    if (health_.of(defect).count < Health::kKept) {
      report.detail = fmt::format("{} ({} of goroutine {} on proc {})", message,
                                  wire::v1::spec_of(proc.event.type).name,
                                  goroutines_[proc.target].id, proc.event.proc);
    }
    health_.add(std::move(report));
  }

  void count_lost_events(Proc& proc) {
    const auto [clamped, dropped] = proc.cursor.take_counts();
    if (clamped != 0) {
      health_.add({.defect = Defect::TimeRunsBackwards,
                   .offset = proc.cursor.position(),
                   .detail = fmt::format("{} time stamps of proc {} are later than its next batch",
                                         clamped, proc.cursor.proc())});
    }
    if (dropped != 0) {
      health_.add({.defect = Defect::DroppedEvent,
                   .offset = proc.cursor.position(),
                   .detail = fmt::format("{} events of proc {}", dropped, proc.cursor.proc())});
    }
  }

  std::vector<Proc> procs_;
  SampleCursor samples_;
  Event sample_;
  TableBuilder& tables_;
  Health& health_;
  Goroutines goroutines_;
  StateCheck check_;
  ReadyProcs ready_;
  ParkedProcs parked_;
  boost::unordered_flat_set<std::uint64_t> timers_;
  MergeResult result_;
  std::string error_;
  std::string_view exit_error_;
  std::int64_t last_ticks_ = INT64_MIN;
  std::size_t left_ = 0;  // procs with events, and the samples
  ProcNumber sample_proc_;
  bool strict_;
  bool is_sorted_ = true;
  bool seen_gomaxprocs_ = false;
};

}  // namespace

Result<MergeResult> merge(std::span<const std::byte> bytes, const BatchIndex& index,
                          wire::Version version, Judgement judgement,
                          std::unique_ptr<TableBuilder>& tables, Health& health) {
  tables = std::make_unique<TableBuilder>(bytes, index, version, judgement, health);
  Merger merger(bytes, index, *tables, judgement, false, health);
  Result<MergeResult> result = merger.run();
  if (judgement == Judgement::Tolerant || !merger.lacks_memory()) return result;
  tables = std::make_unique<TableBuilder>(bytes, index, version, judgement, health);
  return Merger(bytes, index, *tables, judgement, true, health).run();
}

}  // namespace marey::order::v1
