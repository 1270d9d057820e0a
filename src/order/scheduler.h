// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "marey/event.h"
#include "marey/health.h"

#include "src/order/ended_goroutine.h"
#include "src/order/lookahead.h"
#include "src/order/state.h"
#include "src/wire/event_decoder.h"
#include "src/wire/tables.h"

namespace marey::order {

/// Where an event happened: what the thread held just before it.
struct Context {
  std::int64_t goroutine = -1;
  std::int64_t proc = -1;
  std::int64_t thread = -1;
  bool guessed = false;  ///< see Event::guessed()
};

/// What a derived run took for granted about the state before its generation. If all of it holds
/// for the state in which the generation before ended, the derived run has delivered just what a
/// run from that state delivers; see commit().
struct Assumptions {
  struct GoroutineStatus {
    std::int64_t id;
    wire::GoStatus status;
  };
  struct ProcStatus {
    std::int64_t id;
    wire::ProcStatus status;
  };
  struct EndedRegion {
    std::int64_t goroutine;
    OpenRegion region;
  };

  std::vector<GoroutineStatus> goroutines;
  std::vector<ProcStatus> procs;
  std::vector<std::int64_t> assists;       ///< goroutines in a mark assist
  std::vector<std::int64_t> sweeps;        ///< procs that sweep
  std::vector<std::uint64_t> begun_tasks;  ///< these had not begun
  std::vector<std::uint64_t> ended_tasks;  ///< these had begun, or were never seen to
  std::vector<EndedRegion> ended_regions;  ///< in order
  bool has_gc = false;
  GCState gc_state = GCState::Undetermined;
  std::uint64_t gc_sequence = 0;

  /// Whether commit() will be asked. If so, the ended goroutines are noted here, since only it
  /// knows which regions they had open from before; else they are reported at once.
  bool speculative = false;
  std::vector<EndedGoroutine> ended_goroutines;  ///< in order; those that may have open regions
};

/// The model of Go's scheduler that decides whether an event can be the next one.
///
/// It holds the state of every goroutine, proc and thread, and says for the next event of one
/// thread: it can happen now (and then changes the state), it cannot happen yet (another thread
/// must go first), or the trace contradicts itself. Rules and messages are those of Go's `ordering`
/// (internal/trace/order.go); the sequence numbers in the events make the order right even where
/// the clocks of threads disagree.
///
/// The rules stand in goroutine_rules.cc, proc_rules.cc, range_rules.cc and annotation_rules.cc;
/// what to do where they do not let a damaged trace go on, in waits.cc and force.cc.
///
/// How it starts decides what it makes of a goroutine or proc that it has not met:
///   Initial   the first generation of a trace: statuses introduce them, as Undetermined.
///   Carried   the state is that in which the generation before ended: an unknown one is an error.
///   Derived   nothing is known, as when one generation is read on its own. Every generation
///             restates the status of all goroutines and procs at their first mention, so the state
///             before is inferred from those statuses, and each inference noted as an assumption.
///
/// `forced` (see Scheduler::force) makes the event happen whatever the state says, for damaged
/// traces.
class Scheduler {
 public:
  enum class Start : std::uint8_t { Initial, Carried, Derived };
  enum class Verdict : std::uint8_t { Happened, NotYet, Broken };

  /// More events that one event on the wire stands for.
  struct Extra {
    wire::EventType type;
    Context context;
    std::array<std::uint64_t, 4> args;
  };

  /// `state` and `names` must outlive the scheduler; `tables` those of the generation at hand.
  Scheduler(State& state, NameTable& names, wire::Tables& tables, Start start,
            wire::Version version, Assumptions* assumptions);

  /// Whether `event` of `thread` can happen now. If so, `context` is where it happened,
  /// `event.args` is completed as record.h says, and before()/after() hold the further events.
  /// `thread` is nullptr for the batches that belong to no thread.
  ///
  /// What advance_plainly() does not do goes to advance_carefully(), which knows all rules.
  Verdict advance(wire::TimedEvent& event, Thread* thread, Context& context);

  /// The events that nearly all of a trace consists of, when nothing is odd about them: neither are
  /// they more than themselves (see has_more()). False: nothing has changed, and advance() knows.
  /// `thread` must hold a proc, and have been looked_at().
  bool advance_plainly(wire::TimedEvent& event, Thread& thread);
  /// To be told before what a thread holds is made use of.
  void look_at(Thread& thread);

  /// What an event waits for that cannot happen yet.
  struct Wait {
    enum class For : std::uint8_t {
      Numbers,  ///< events with all the numbers from `next` to `last`
      Thread,   ///< the one that holds `proc` or `goroutine`, and must leave it
      Nothing,  ///< that can come any more
    };
    For what = For::Nothing;
    SequenceNumber next;
    SequenceNumber last;
    /// Or, of a goroutine, its creation: ids of calls from C are used again.
    std::optional<SequenceNumber> first;
    const Proc* proc = nullptr;
    const Goroutine* goroutine = nullptr;

    bool is_held_by(const marey::order::Thread& thread) const {
      return (proc != nullptr && thread.proc == proc) ||
             (goroutine != nullptr && thread.goroutine == goroutine->id);
    }
  };
  /// `thread` as for advance(), which has just said NotYet.
  Wait wait_of(const wire::TimedEvent& event, const Thread* thread);

  /// Makes advance() possible by changing the state, after Broken or where no order is consistent.
  /// False if even that is of no use: the event must be dropped. `nameless`: its name is lost.
  bool force(wire::TimedEvent& event, Thread* thread, bool nameless);

  /// Whether the event is more than itself: there are extras, or take_ended() has something.
  bool has_more() const { return before_count_ + after_count_ + ended_count_ != 0; }
  std::uint32_t before_count() const { return before_count_; }
  std::uint32_t after_count() const { return after_count_; }
  const Extra& before(std::uint32_t i) const { return before_[i]; }
  const Extra& after(std::uint32_t i) const { return after_[i]; }
  bool has_ended() const { return ended_count_ != 0; }
  /// The goroutine that has ended with the last event and has (or may have, see EndedGoroutine)
  /// regions open.
  EndedGoroutine take_ended() {
    ended_count_ = 0;
    return std::exchange(ended_, {});
  }

  /// Why the last verdict was Broken, in Go's words.
  const std::string& message() const { return message_; }
  /// The defect that the last Broken verdict is an instance of.
  Defect defect() const { return defect_; }
  /// A derived run that met something that it cannot infer: only a carried run can tell.
  bool undecidable() const { return undecidable_; }

  /// Derived runs: takes it that `thread` began the generation with this proc and goroutine, as the
  /// statuses at the head of its first batch say (-1: none).
  void assume_thread(Thread* thread, std::int64_t proc, wire::ProcStatus proc_status,
                     std::int64_t goroutine, wire::GoStatus goroutine_status);
  /// Derived runs, where a proc is first mentioned as being taken from a thread in a system call
  /// (ProcStatus with SyscallAbandoned): takes it that it was `thread` that held it, and the system
  /// call from before the generation. False: undecidable().
  bool assume_holder(std::int64_t proc, std::int64_t thread);

 private:
  using Event = wire::TimedEvent;
  static constexpr std::uint32_t kUnresolved = UINT32_MAX;

  Verdict advance_carefully(Event& event, Thread* thread, Context& context);
  Verdict proc_start(Event& event, Thread& thread, const Context& context);
  Verdict proc_stop(Event& event, Thread& thread);
  Verdict proc_steal(Event& event, Thread& thread, const Context& context);
  Verdict proc_status(Event& event, Thread* thread, Context& context);
  Verdict go_create(Event& event, const Thread& thread);
  Verdict go_create_syscall(Event& event, Thread& thread);
  Verdict go_start(Event& event, Thread& thread);
  Verdict go_stop_executing(Event& event, Thread& thread);
  Verdict go_unblock(Event& event);
  Verdict go_switch(Event& event, Thread& thread, const Context& context);
  Verdict go_syscall_begin(Event& event, Thread& thread);
  Verdict go_syscall_end(Event& event, Thread& thread);
  Verdict go_syscall_end_blocked(Event& event, Thread& thread);
  Verdict go_destroy_syscall(Event& event, Thread& thread, const Context& context);
  Verdict go_status(Event& event, Thread* thread, Context& context);
  Verdict gc_event(Event& event, const Thread* thread);
  Verdict go_range(Event& event, Thread& thread);
  Verdict assist_active(Event& event);
  Verdict sweep(Event& event, const Thread* thread);
  Verdict sweep_active(Event& event);
  Verdict task_begin(Event& event, const Thread* thread);
  Verdict task_end(Event& event, const Thread* thread);
  Verdict region(Event& event, Thread& thread);

  Wait goroutine_wait(const Event& event, const Thread* thread);
  Wait proc_wait(const Event& event, const Thread* thread) const;
  Wait steal_wait(const Proc& proc) const;
  /// Of the goroutine's or proc's in this generation; 0, as long as nothing has mentioned it.
  template <class Resource>
  std::uint64_t next_number(const Resource* resource) const {
    const bool is_known = resource != nullptr && resource->generation == state_.generation;
    return is_known ? resource->sequence + 1 : 0;
  }

  bool start_goroutine(Thread& thread, std::uint64_t id, std::uint64_t sequence);
  bool unblock_goroutine(std::uint64_t id, std::uint64_t sequence);
  bool stop_goroutine(Thread& thread, wire::GoStatus status);
  bool destroy_goroutine(Thread& thread);
  bool begin_syscall(const Thread& thread, std::uint64_t sequence);
  bool end_syscall(const Thread& thread);

  /// The thread's goroutine, if the cached pointer is right.
  static Goroutine* cached(const Thread& thread) {
    Goroutine* const g = thread.goroutine_state;
    return g != nullptr && thread.goroutine != -1 && g->id == thread.goroutine ? g : nullptr;
  }
  /// The thread's goroutine by its cached pointer if that is still right, else by its id.
  Goroutine* current(Thread& thread);
  /// The thread's goroutine; nullptr, after broken(): there is none, or its status is another.
  Goroutine* executing(const Event& event, Thread& thread, wire::GoStatus status);
  [[gnu::always_inline]] Goroutine* goroutine(std::uint64_t id) {
    return state_.goroutines.find(id);
  }
  void end_goroutine(Goroutine* goroutine);
  /// Whether the goroutine's end is something to report.
  bool has_regions(const Goroutine& g) const {
    return !state_.regions[g.regions].empty() || may_have_regions(g);
  }
  bool may_have_regions(const Goroutine& g) const {
    return g.assumed && assumptions_ != nullptr && assumptions_->speculative;
  }
  Goroutine* assume_goroutine(std::int64_t id, wire::GoStatus status);
  Proc* assume_proc(std::int64_t id, wire::ProcStatus status);
  bool succeeds(std::uint64_t sequence, std::uint64_t before, std::uint32_t generation) const {
    return generation == state_.generation && sequence == before + 1;
  }
  void touch(Thread& thread);
  void release_goroutine(Thread& thread);
  void release_proc(const Proc* proc);
  Goroutine* forced_goroutine(std::uint64_t id, wire::GoStatus status, std::uint64_t sequence);
  bool force_context(Thread* thread, wire::GoStatus status);
  static GoState go_state_of(wire::GoStatus status);
  static std::int64_t to_id(std::uint64_t argument) { return static_cast<std::int64_t>(argument); }
  Verdict need_thread_proc_goroutine(const Thread* thread);
  Verdict need_thread_proc(const Thread* thread);
  Verdict broken(std::string message, Defect defect = Defect::ImpossibleTransition);
  std::uint32_t name_number(std::uint64_t string_id, bool& known);

  State& state_;
  NameTable& names_;
  wire::Tables& tables_;
  Start start_;
  wire::Version version_;
  Assumptions* assumptions_;
  std::array<Extra, 1> before_{};
  std::array<Extra, 2> after_{};
  std::uint32_t before_count_ = 0;
  std::uint32_t after_count_ = 0;
  std::uint32_t ended_count_ = 0;  // 1: ended_ is to be taken
  EndedGoroutine ended_;
  std::optional<std::uint64_t> forced_from_;  // the state before, of a status that was forced
  bool undecidable_ = false;
  Defect defect_ = Defect::ImpossibleTransition;
  std::string message_;
  std::vector<std::uint32_t> name_of_string_;  // by string id, for the ids that were asked for
};

inline void Scheduler::look_at(Thread& thread) {
  if (start_ == Start::Derived) touch(thread);
}

inline void Scheduler::touch(Thread& thread) {
  // What the thread holds is about to be looked at; what nobody has told is taken to be nothing.
  thread.proc_start = Thread::Start::Assumed;
  thread.goroutine_start = Thread::Start::Assumed;
}

[[gnu::always_inline]] inline bool Scheduler::start_goroutine(Thread& thread, std::uint64_t id,
                                                              std::uint64_t sequence) {
  Goroutine* const g = goroutine(id);
  if (g == nullptr || g->status != wire::GoStatus::Runnable || thread.goroutine != -1 ||
      !succeeds(sequence, g->sequence, g->generation)) {
    return false;
  }
  g->status = wire::GoStatus::Running;
  g->sequence = sequence;
  thread.goroutine = g->id;
  thread.goroutine_state = g;
  return true;
}

[[gnu::always_inline]] inline bool Scheduler::unblock_goroutine(std::uint64_t id,
                                                                std::uint64_t sequence) {
  Goroutine* const g = goroutine(id);
  if (g == nullptr || g->status != wire::GoStatus::Waiting ||
      !succeeds(sequence, g->sequence, g->generation)) {
    return false;
  }
  g->status = wire::GoStatus::Runnable;
  g->sequence = sequence;
  return true;
}

[[gnu::always_inline]] inline bool Scheduler::stop_goroutine(Thread& thread,
                                                             wire::GoStatus status) {
  Goroutine* const g = cached(thread);
  if (g == nullptr || g->status != wire::GoStatus::Running) return false;
  g->status = status;
  thread.goroutine = -1;
  return true;
}

inline bool Scheduler::destroy_goroutine(Thread& thread) {
  Goroutine* const g = cached(thread);
  if (g == nullptr || g->status != wire::GoStatus::Running || has_regions(*g)) return false;
  state_.remove_goroutine(g);
  thread.goroutine = -1;
  return true;
}

[[gnu::always_inline]] inline bool Scheduler::begin_syscall(const Thread& thread,
                                                            std::uint64_t sequence) {
  Goroutine* const g = cached(thread);
  Proc& proc = *thread.proc;
  if (g == nullptr || g->status != wire::GoStatus::Running ||
      !succeeds(sequence, proc.sequence, proc.generation)) {
    return false;
  }
  g->status = wire::GoStatus::Syscall;
  proc.status = wire::ProcStatus::Syscall;
  proc.sequence = sequence;
  return true;
}

[[gnu::always_inline]] inline bool Scheduler::end_syscall(const Thread& thread) {
  Goroutine* const g = cached(thread);
  Proc& proc = *thread.proc;
  if (g == nullptr || g->status != wire::GoStatus::Syscall ||
      proc.status != wire::ProcStatus::Syscall) {
    return false;
  }
  g->status = wire::GoStatus::Running;
  proc.status = wire::ProcStatus::Running;
  return true;
}

[[gnu::always_inline]] inline bool Scheduler::advance_plainly(Event& event, Thread& thread) {
  using wire::EventType;
  const auto& args = event.args;
  switch (event.type) {
    case EventType::GoStart: return start_goroutine(thread, args[0], args[1]);
    case EventType::GoUnblock: return unblock_goroutine(args[0], args[1]);
    case EventType::GoBlock: return stop_goroutine(thread, wire::GoStatus::Waiting);
    case EventType::GoStop: return stop_goroutine(thread, wire::GoStatus::Runnable);
    case EventType::GoSyscallBegin: return begin_syscall(thread, args[0]);
    case EventType::GoSyscallEnd: return end_syscall(thread);
    case EventType::UserLog: return thread.goroutine != -1;
    case EventType::HeapAlloc: return true;
    case EventType::GoCreate: return go_create(event, thread) == Verdict::Happened;
    case EventType::GoDestroy: return destroy_goroutine(thread);
    case EventType::UserTaskBegin: return task_begin(event, &thread) == Verdict::Happened;
    case EventType::UserTaskEnd: return task_end(event, &thread) == Verdict::Happened;
    case EventType::UserRegionBegin:
    case EventType::UserRegionEnd: return region(event, thread) == Verdict::Happened;
    default: return false;
  }
}

inline Scheduler::Verdict Scheduler::advance(Event& event, Thread* thread, Context& context) {
  before_count_ = after_count_ = 0;
  if (thread != nullptr && thread->proc != nullptr) [[likely]] {
    look_at(*thread);
    context = {thread->goroutine, thread->proc->id, thread->id};
    if (advance_plainly(event, *thread)) return Verdict::Happened;
  }
  return advance_carefully(event, thread, context);
}

}  // namespace marey::order
