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
    bool is_well = begin();
    while (is_well) {
      if (!strict_) force_late_procs();
      if (ready_.empty()) break;
      const ProcNumber number = ready_.top().proc;
      if (result_.events == 0) result_.first_ticks = ready_.top().ticks;
      if (number != sample_proc_) {
        is_well = deliver_from(number);
      } else {
        deliver_sample();
        ready_.pop();
        advance_samples();
      }
    }
    if (!is_well) return input_error(std::move(error_));
    return finish();
  }

  /// Something happened to a goroutine after its end, and nobody knows any more what it was like.
  bool lacks_memory() const { return goroutines_.touches_ended(); }

 private:
  /// Which goroutine an event claims, and what it asks of it.
  struct Claim {
    std::uint64_t sequence = 0;
    std::uint64_t target_id = 0;
    GoroutineSlot context = 0;  // of the goroutine on which the event happens
    GoroutineSlot target = 0;   // of the one that the event's rule or its check is about
    bool is_ordered = false;    // whether it has to be ready
  };
  struct Proc {
    explicit Proc(ProcCursor proc_cursor) : cursor(proc_cursor) {}

    ProcCursor cursor;
    Event event;  // the next one
    Claim claim;
    ProcState state;
  };
  enum class Step : std::uint8_t { Delivered, LeftOut, Placed };

  static const OrderRule& rule_of(EventType type) {
    return kOrderRules[static_cast<std::size_t>(type)];
  }

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

  /// Delivers the event of the proc that is first, and the ones behind it as long as it stays
  /// first. False on an error.
  bool deliver_from(ProcNumber number) {
    Proc& proc = procs_[number];
    Event& event = proc.event;
    // A goroutine may have ended since the event was looked at, but only in a trace that makes no
    // sense.
    if (goroutines_[proc.claim.context].id != event.goroutine ||
        goroutines_[proc.claim.target].id != proc.claim.target_id) [[unlikely]] {
      proc.claim = claim(event, event.type, proc.claim.context);
    }
    if (!make_sure(proc)) [[unlikely]]
      return false;
    deliver(number, proc, event, event.type, proc.claim);
    GoroutineSlot context = proc.claim.context;
    GoroutineSlot changed = proc.claim.is_ordered ? proc.claim.target : Goroutines::kNone;
    while (true) {
      // The order in which procs get into the heap is Go's, too: first those that had waited.
      if (goroutines_[changed].parked != 0) {
        ready_.pop();
        wake(changed);
        return advance(number, false);
      }
      Step step = Step::LeftOut;
      while (step == Step::LeftOut) {
        switch (proc.cursor.peek()) {
#define MAREY_STEP(type) \
  case EventType::type: step = deliver_next(number, proc, EventType::type, context, changed); break;
          MAREY_V1_USUAL_EVENT_TYPES(MAREY_STEP)
#undef MAREY_STEP
          default: return advance(number, true);
        }
      }
      if (step == Step::Placed) return true;
    }
  }

  /// Delivers the proc's next event if the proc is first with it, too; otherwise puts the proc
  /// where it belongs. `context` is the goroutine on which the event before happened, and then
  /// this one's; `changed` the one that it changed.
  [[gnu::always_inline]] Step deliver_next(ProcNumber number, Proc& proc, EventType type,
                                           GoroutineSlot& context, GoroutineSlot& changed) {
    Event event;
    if (!proc.cursor.take(type, event)) return Step::LeftOut;
    event.proc = proc.cursor.proc();
    const Claim claimed = claim(event, type, context);
    const bool is_first = is_ready(type, claimed) && event.ticks <= parked_limit_ &&
                          ready_.replace_at_rest(event.ticks);
    if (!is_first) {
      proc.event = event;
      proc.claim = claimed;
      place(number, proc, true);
      return Step::Placed;
    }
    deliver(number, proc, event, type, claimed);
    context = claimed.context;
    changed = claimed.is_ordered ? claimed.target : Goroutines::kNone;
    return Step::Delivered;
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
    proc.event.proc = proc.cursor.proc();
    proc.claim = claim(proc.event, proc.event.type, proc.claim.context);
    place(number, proc, is_top);
    return true;
  }

  /// Puts the proc among the ready ones or among those that wait.
  void place(ProcNumber number, const Proc& proc, bool is_top) {
    const std::int64_t ticks = proc.event.ticks;
    if (is_ready(proc.event.type, proc.claim)) {
      if (is_top) {
        ready_.replace_top({ticks, number});
      } else {
        ready_.push({ticks, number});
      }
      return;
    }
    if (is_top) ready_.pop();
    goroutines_[proc.claim.target].parked++;
    parked_.park(number, ticks, proc.claim.target, proc.claim.sequence,
                 rule_of(proc.event.type).from);
    if (!strict_) parked_limit_ = std::min(parked_limit_, ticks);
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

  [[gnu::always_inline]] Claim claim(const Event& event, EventType type, GoroutineSlot guess) {
    const OrderRule& rule = rule_of(type);
    Claim claim;
    claim.sequence = rule.sequence(event.args[0], event.args[1]);
    claim.context =
        event.goroutine == 0 ? Goroutines::kNone : goroutines_.get(event.goroutine, guess);
    claim.target = claim.context;
    claim.target_id = event.goroutine;
    claim.is_ordered = rule.whom != OrderRule::Whom::Nobody;
    if (rule.whom == OrderRule::Whom::Argument) {
      claim.target = goroutines_.get(event.args[0]);
      claim.target_id = event.args[0];
    } else if (rule.whom == OrderRule::Whom::Collector) {
      claim.target = Goroutines::kCollector;
      claim.target_id = Goroutines::kCollectorId;
    }
    // For Go's reader a goroutine of this number means that there is nothing to order.
    constexpr std::uint64_t kUnordered = ~std::uint64_t{0};
    if (claim.target_id == kUnordered) [[unlikely]]
      claim.is_ordered = false;
    return claim;
  }

  bool is_ready(EventType type, const Claim& claim) {
    if (!claim.is_ordered) return true;
    const Goroutine& goroutine = goroutines_[claim.target];
    return goroutine.order == rule_of(type).from &&
           (claim.sequence == OrderRule::kAny || claim.sequence == goroutine.sequence);
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
    while (true) {
      parked_limit_ = parked_.earliest_ticks();
      if (parked_.empty() || (!ready_.empty() && ready_.top().ticks <= parked_limit_)) return;
      const ProcNumber number = parked_.take_earliest();
      const Proc& proc = procs_[number];
      count_contradiction(Defect::NoOrder, proc, kNoOrder);
      goroutines_[proc.claim.target].parked--;
      put_right(proc.event.type, proc.claim);
      ready_.push({proc.event.ticks, number});
    }
  }

  void put_right(EventType type, const Claim& claim) {
    Goroutine& goroutine = goroutines_[claim.target];
    goroutine.order = rule_of(type).from;
    if (claim.sequence != OrderRule::kAny) goroutine.sequence = claim.sequence;
  }

  /// An event that was ready need not be so any more, if two procs claim the same goroutine. False
  /// on an error.
  bool make_sure(const Proc& proc) {
    if (is_ready(proc.event.type, proc.claim)) [[likely]]
      return true;
    if (strict_) {
      error_ = kImpossible;
      return false;
    }
    count_contradiction(Defect::ImpossibleTransition, proc, kImpossible);
    put_right(proc.event.type, proc.claim);
    return true;
  }

  /// Takes an event that is ready as the next one in the order.
  [[gnu::always_inline]] void deliver(ProcNumber number, Proc& proc, const Event& event,
                                      EventType wire_type, const Claim& claim) {
    const EventType type = ordered_type(wire_type);
    Goroutine& goroutine = goroutines_[claim.context];
    note_time(event.ticks);
    result_.runs.add(number);
    const bool was_in_syscall = goroutine.in_syscall;
    if (claim.is_ordered) follow_rule(wire_type, claim);
    if (goroutine.syscall != 0) end_look_ahead(goroutine, type);
    switch (type) {
      case EventType::GoSysCall: begin_look_ahead(goroutine); break;
      case EventType::GoSysBlock:
      case EventType::GoInSyscall:
        goroutine.block_ticks = event.ticks;
        goroutine.in_syscall = true;
        break;
      case EventType::GoSysExit: end_syscall(proc, event, goroutine, was_in_syscall); break;
      case EventType::UserLog: tables_.add_log_text(event.args[3]); break;
      case EventType::Gomaxprocs: seen_gomaxprocs_ = true; break;
      default: break;
    }
    const bool by_timer =
        type == EventType::GoUnblock && !timers_.empty() && timers_.contains(event.goroutine);
    if (check_.check(type, event, claim.context, claim.target, proc.state, by_timer) !=
        Violation::None) {
      result_.needs_check = true;
    }
    if (!strict_ && type == EventType::GoEnd && !check_.left_regions().empty()) {
      result_.needs_check = true;
    }
    if (type == EventType::GoUnblock) result_.from_net.push_back(check_.unblocked_from_net());
    result_.events++;
    if (type == EventType::GoEnd || type == EventType::GoStop) goroutines_.end(claim.context);
  }

  [[gnu::always_inline]] void follow_rule(EventType type, const Claim& claim) {
    const OrderRule& rule = rule_of(type);
    Goroutine& goroutine = goroutines_[claim.target];
    goroutine.order = rule.to;
    goroutine.in_syscall = false;
    goroutine.sequence += rule.counts;
    // To Go's reader the two greatest numbers have a meaning of their own.
    if (rule.has_sequence && claim.sequence >= OrderRule::kAny - 1) [[unlikely]] {
      goroutine.sequence = claim.sequence == OrderRule::kAny ? 0 : goroutine.sequence - 1;
    }
  }

  void note_time(std::int64_t ticks) {
    if (ticks < last_ticks_) [[unlikely]]
      note_disorder();
    last_ticks_ = ticks;
  }
  [[gnu::noinline]] void note_disorder() {
    is_sorted_ = false;
    if (strict_) return;
    health_.add({.defect = Defect::TimeRunsBackwards, .detail = std::string(kTimeOrder)});
  }

  /// A system call blocks if the next thing that its goroutine does is to block in it.
  void begin_look_ahead(Goroutine& goroutine) {
    result_.blocks.push_back(false);
    if (goroutine.id != 0) goroutine.syscall = result_.blocks.size();
  }
  void end_look_ahead(Goroutine& goroutine, EventType type) {
    if (type == EventType::GoSysBlock) result_.blocks.set(goroutine.syscall - 1);
    goroutine.syscall = 0;
  }

  /// The event was written when the goroutine had got a proc again, or later; its last argument
  /// says when the system call returned. Moving it there must not make a trace look sensible that
  /// is not.
  void end_syscall(const Proc& proc, const Event& event, const Goroutine& goroutine,
                   bool was_in_syscall) {
    const auto ticks = static_cast<std::int64_t>(event.args[2]);
    if (ticks == 0) return result_.is_moved.push_back(false);
    bool moves = true;
    if (goroutine.block_ticks == 0) {
      moves = false;
      if (exit_error_.empty()) exit_error_ = kStrayExit;
    } else if (ticks < goroutine.block_ticks || (!strict_ && ticks > event.ticks)) {
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
    if (ticks > event.ticks || !was_in_syscall) result_.needs_check = true;
    result_.exits.add({ticks, result_.events, event.goroutine});
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
    if (goroutines_[slot].syscall != 0) end_look_ahead(goroutines_[slot], EventType::CPUSample);
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
                                  wire::v1::spec_of(proc.event.type).name, proc.claim.target_id,
                                  proc.event.proc);
    }
    health_.add(std::move(report));
  }

  void count_lost_events(Proc& proc) {
    const auto [clamped, dropped] = proc.cursor.take_counts();
    if (clamped != 0) {
      health_.add({.defect = Defect::TimeRunsBackwards,
                   .offset = proc.cursor.position(),
                   .detail = fmt::format("{} time stamps of proc {} do not fit its other batches",
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
  std::int64_t parked_limit_ = INT64_MAX;  // tolerant: no proc is parked with an earlier event
  std::size_t left_ = 0;                   // procs with events, and the samples
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
