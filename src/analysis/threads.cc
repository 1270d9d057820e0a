// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/threads.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "src/analysis/duration.h"
#include "src/analysis/usage.h"

namespace marey::analysis {

using wire::EventType;

Interests Threads::interests() const {
  Interests interests;
  interests.states = {GoState::NotExist, GoState::Running, GoState::Syscall};
  interests.procs = true;
  interests.threads = true;
  return interests;
}

void Threads::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  for (const Interval& interval : intervals) {
    switch (interval.state) {
      case GoState::Running: add_running(interval); break;
      case GoState::Syscall: add_syscall(interval); break;
      case GoState::NotExist: end_life(interval); break;
      default: break;
    }
  }
}

void Threads::add_running(const Interval& interval) {
  // A goroutine stays on its thread while it runs or is in a system call.
  const ThreadID id =
      interval.start_thread != kNoThread ? interval.start_thread : interval.end_thread;
  if (id == kNoThread || interval.is_guess()) return;
  Thread& thread = of(id);
  thread.see(interval.start, interval.end);
  accumulate(thread.running, interval.duration());
  if (interval.start_event == EventType::GoStart && interval.start_edge == Edge::Seen) {
    thread.starts++;
  }
  running_.add(interval.start, interval.end);
  busy_.add(interval.start, interval.end);
}

void Threads::add_syscall(const Interval& interval) {
  const ThreadID id =
      interval.start_thread != kNoThread ? interval.start_thread : interval.end_thread;
  if (id == kNoThread || interval.is_guess()) return;
  busy_.add(interval.start, interval.end);
  Thread& thread = of(id);
  thread.see(interval.start, interval.end);
  if (interval.stack == StackNumber::None && (interval.callback || interval.older)) {
    accumulate(undecided_.at(interval.slot, static_cast<std::uint64_t>(raw(id))),
               interval.duration());
  } else {
    accumulate(stacks_.calls_c(interval.stack) ? thread.c : thread.syscall, interval.duration());
  }
}

void Threads::end_life(const Interval& life) {
  undecided_.take(life.slot, [&](std::uint64_t id, Duration time) {
    Thread& thread = of(ThreadID{static_cast<std::int64_t>(id)});
    accumulate(life.callback ? thread.c : thread.syscall, time);
  });
}

void Threads::procs(std::span<const ProcInterval> procs) {
  for (const ProcInterval& proc : procs) {
    if (proc.thread == kNoThread || proc.is_guess()) continue;
    Thread& thread = of(proc.thread);
    thread.see(proc.start, proc.end);
    accumulate(thread.held_proc, elapsed(proc.start, proc.end));
  }
}

void Threads::thread_runs(std::span<const ThreadRun> runs) {
  for (const ThreadRun& run : runs) {
    if (run.thread != kNoThread) of(run.thread).see(run.first, run.last);
  }
}

void Threads::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<Threads&>(next);
  for (const auto& [id, more] : other.threads_) {
    Thread& thread = of(id);
    thread.see(more.seen.first, more.seen.last);
    accumulate(thread.running, more.running);
    accumulate(thread.syscall, more.syscall);
    accumulate(thread.c, more.c);
    accumulate(thread.held_proc, more.held_proc);
    thread.starts += more.starts;
  }
  other.undecided_.for_each(slots, [&](Slot slot, std::uint64_t id, Duration time) {
    accumulate(undecided_.at(slot, id), time);
  });
  busy_.merge(other.busy_);
  running_.merge(other.running_);
}

void Threads::add_threads(std::span<const NamedThread> threads, const TraceContext& context,
                          Findings& findings) const {
  table::Table table(
      "threads", "Threads",
      "The threads of the program that the trace tells of, in the order in which it first does: a "
      "thread is there from its first event on, since the trace does not tell of its creation, "
      "until its last. Running, System calls, In C and No goroutine add up to Lifetime. An id may "
      "stand for several threads, one after the other.");
  if (context.some_goroutines) {
    table.add_help(
        "Of the goroutines and times that were asked for: Running, System calls and In C are "
        "theirs alone; No goroutine is all else, also what the thread did for others; and threads "
        "that held a proc meanwhile are there, too.");
  }
  const auto thread =
      table.add_id("thread", "Thread", "The operating system's number of it.", "thread");
  const auto lifetime =
      table.add_duration("lifetime", "Lifetime", "From its first event to its last.");
  const auto running = table.add_duration("running", "Running", "It ran Go code of a goroutine.");
  const auto syscall = table.add_duration(
      "syscall", "System calls",
      "It was in system calls of goroutines. Nothing of Go 1.21 and before, where the trace has no "
      "end of those that are short, nor the next three columns.");
  const auto c = table.add_duration(
      "c_calls", "In C", "It was in calls to C, or in C between calls from there to Go.");
  const auto without = table.add_duration(
      "without_goroutine", "No goroutine",
      "It had no goroutine: it looked for one, or slept, or did the runtime's work.");
  const auto no_proc = table.add_duration(
      "without_proc", "No proc",
      "It held no proc: in a system call, in C, or asleep. Of goroutines that --g or --func select "
      "there is no telling.");
  const auto starts =
      table.add_count("goroutine_switches", "Switches", "How often it began to run a goroutine.");
  const auto first = table.add_time("first", "First event", "When the trace first tells of it.");
  const auto last = table.add_time("last", "Last event", "When it last does.");
  for (const auto& [id, of] : threads) {
    const Duration life = elapsed(of->seen.first, of->seen.last);
    auto row = table.add_row();
    row.set(thread, id)
        .set(lifetime, life)
        .set(running, of->running)
        .set(starts, of->starts)
        .set(first, of->seen.first)
        .set(last, of->seen.last)
        .range(of->seen.first, of->seen.last);
    if (context.v1) continue;
    Duration with = of->running;
    accumulate(with, of->syscall);
    accumulate(with, of->c);
    row.set(syscall, of->syscall).set(c, of->c).set(without, std::max<Duration>(life - with, 0));
    if (!context.some_goroutines) {
      row.set(no_proc, std::max<Duration>(life - of->held_proc, 0));
    }
  }
  findings.tables.push_back(std::move(table));
}

void Threads::add_charts(std::span<const NamedThread> threads, const TraceContext& context,
                         Findings& findings) const {
  Series seen;
  Series there;
  for (const auto& [id, of] : threads) {
    seen.add(of->seen.first, context.end);
    there.add(of->seen.first, of->seen.last);
  }
  const auto add = [&](std::string id, std::string title, std::string help, const Series& series) {
    findings.charts.push_back({std::move(id), std::move(title), std::move(help),
                               table::ColumnType::Real, "threads", context.begin, context.end,
                               series.means(context.begin, context.end, Usage::kValues)});
  };
  add("threads", "Threads", "Threads between their first event and their last, on average.", there);
  add("threads_seen", "Threads seen so far",
      "Threads of which the trace has told: where it rises, threads appear, created or new to the "
      "trace.",
      seen);
  add("threads_busy", "Threads busy",
      "Threads that run a goroutine or are in a system call or in C for one, on average.", busy_);
  add("threads_running", "Threads running", "Threads that run a goroutine, on average.", running_);
}

void Threads::finish(const TraceContext& context, Findings& findings) {
  std::vector<NamedThread> threads;
  for (const auto& [id, thread] : threads_) {
    // Where the format before Go 1.22 knows no thread, Go's reader says 0 of some events.
    if (context.v1 && id == ThreadID{0}) continue;
    if (thread.seen.first <= thread.seen.last) threads.emplace_back(id, &thread);
  }
  std::ranges::sort(threads, {}, [](const NamedThread& thread) {
    return std::tuple(thread.second->seen.first, raw(thread.first));
  });
  add_charts(threads, context, findings);
  add_threads(threads, context, findings);
}

}  // namespace marey::analysis
