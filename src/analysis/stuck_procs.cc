// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/stuck_procs.h"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "src/analysis/call_site.h"
#include "src/analysis/duration.h"
#include "src/base/format.h"

namespace marey::analysis {

bool StuckProcs::Longer::operator()(const Stay& a, const Stay& b) const {
  const auto key = [](const Stay& stay) {
    return std::tuple(-stay.duration, stay.start, raw(stay.goroutine), stay.running);
  };
  return key(a) < key(b);
}

Interests StuckProcs::interests() const {
  Interests interests;
  interests.states = {GoState::NotExist, GoState::Running, GoState::Syscall};
  interests.roots = true;
  interests.proc_lost = true;
  interests.stacks = true;
  interests.states_view = View::Wholes;
  return interests;
}

void StuckProcs::intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) {
  for (const Interval& interval : intervals) {
    if (interval.state == GoState::NotExist) {
      name_stays(interval, goroutines.at(interval.slot).root.frame);
      continue;
    }
    // Nearly all are too short to be looked at closely.
    const Duration duration = interval.duration();
    const bool running = interval.state == GoState::Running;
    if (duration < stuck_ &&
        (running || (syscalls_.bound() != nullptr && duration < syscalls_.bound()->duration))) {
      continue;
    }
    if (interval.is_guess()) continue;
    Stay stay{interval.start,      interval.end,   duration,          duration, interval.goroutine,
              interval.start_proc, interval.stack, FrameNumber::None, running,  interval.whole()};
    if (running) {
      if (stay.proc == kNoProc) stay.proc = interval.end_proc;
      stay.stack = interval.end_stack;  // where it began to run, the trace does not say
    } else if (interval.state == GoState::Syscall) {
      if (interval.told_by_other) continue;
      stay.end = std::clamp(interval.proc_lost, interval.start, interval.end);
      stay.duration = elapsed(stay.start, stay.end);
      stay.lost = interval.proc_lost <= interval.end;
      stay.seen =
          interval.start_edge == Edge::Seen && (interval.end_edge == Edge::Seen || stay.lost);
    } else {
      continue;
    }
    if (stay.proc != kNoProc) add(stay);
  }
}

void StuckProcs::add(const Stay& stay) {
  if (!stay.running && stay.duration > 0 && syscalls_.wants(stay)) {
    syscalls_.add(stay);
    kept_.insert(stay.goroutine);
  }
  if (stay.duration >= stuck_ && stuck_procs_.wants(stay)) {
    stuck_procs_.add(stay);
    kept_.insert(stay.goroutine);
  }
}

void StuckProcs::name_stays(const Interval& life, FrameNumber root) {
  if (!kept_.contains(life.goroutine)) return;
  for (Longest* longest : {&syscalls_, &stuck_procs_}) {
    for (Stay& stay : longest->candidates()) {
      if (stay.goroutine == life.goroutine && stay.start >= life.start && stay.end <= life.end) {
        stay.root = root;
      }
    }
  }
}

void StuckProcs::merge(Analysis& next, const SlotMap&) {
  const auto& other = static_cast<const StuckProcs&>(next);
  syscalls_.merge(other.syscalls_);
  stuck_procs_.merge(other.stuck_procs_);
  kept_.clear();
  for (const Longest* longest : {&syscalls_, &stuck_procs_}) {
    for (const Stay& stay : longest->candidates()) kept_.insert(stay.goroutine);
  }
}

void StuckProcs::add_syscalls(const TraceContext& context, Findings& findings) const {
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table(
      "proc_syscalls", "Longest system calls that kept a proc",
      "System calls and calls to C, by how long they kept the proc from other goroutines, 1,000 at "
      "most. The runtime takes a proc away after 20 µs to 10 ms, the sooner the more there is to "
      "do. Of Go 1.21 and before only those are here whose proc was taken away: the end of others "
      "is not in the trace.");
  const auto kept = table.add_duration("kept", "Kept", "From its begin until it gave up the proc.");
  const auto whole = table.add_duration("duration", "Duration", "Until it was over.");
  const auto at = table.add_time("at", "At", "When it began.");
  const auto where = table.add_text("where", "In",
                                    "The function that made it: the innermost outside Go's "
                                    "standard library, or the outermost.");
  const auto place = table.add_path("place", "Place", "File and line of that.");
  const auto function =
      table.add_text("function", "Function", "The function that the goroutine was started with.");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "That made it.", "goroutine");
  const auto proc = table.add_id("proc", "Proc", "That it kept.", "proc");
  const auto seen = table.add_text("seen", "Seen",
                                   "'part': the trace does not have both ends of the time; it is "
                                   "as long at least.");
  for (const Stay& stay : syscalls_.sorted()) {
    if (!stay.is_known(context.v1)) continue;
    const CallSite site = call_site_of(vocabulary, stay.stack);
    auto row = table.add_row();
    row.set(kept, stay.duration)
        .set(whole, stay.whole)
        .set(at, stay.start)
        .set(where, site.function)
        .set(place, site.place)
        .set(function, vocabulary.function_of(stay.root))
        .set(goroutine, stay.goroutine)
        .set(proc, stay.proc)
        .set(seen, stay.seen ? "" : "part")
        .range(stay.start, stay.end)
        .goroutine(stay.goroutine);
    if (const std::string stack = vocabulary.text_of(stay.stack); !stack.empty()) row.stack(stack);
  }
  findings.tables.push_back(std::move(table));
}

void StuckProcs::add_stuck(const TraceContext& context, Findings& findings) const {
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table(
      "stuck_procs", "Stuck procs",
      fmt::format("Times of {} or longer (--stuck says how long) during which one goroutine kept a "
                  "proc: in a system call, or running without a break, where it should have been "
                  "preempted after 10 ms if others wait. 1,000 at most.",
                  base::format_duration(stuck_)));
  const auto kept = table.add_duration("kept", "Kept", "For how long.");
  const auto what = table.add_text("by", "By", "'system call', or 'running'.");
  const auto at = table.add_time("at", "At", "When it began.");
  const auto proc = table.add_id("proc", "Proc", "That was kept.", "proc");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "That kept it.", "goroutine");
  const auto where = table.add_text(
      "where", "In",
      "Of a system call the function that made it; of running, the one in which the goroutine was "
      "when it stopped at last, since the trace tells no other: the innermost outside Go's "
      "standard library, or the outermost.");
  const auto place = table.add_path("place", "Place", "File and line of that.");
  const auto function =
      table.add_text("function", "Function", "The function that the goroutine was started with.");
  const auto seen = table.add_text("seen", "Seen",
                                   "'part': the trace does not have both ends of the time; it is "
                                   "as long at least.");
  for (const Stay& stay : stuck_procs_.sorted()) {
    if (!stay.is_known(context.v1)) continue;
    const CallSite site = call_site_of(vocabulary, stay.stack);
    auto row = table.add_row();
    row.set(kept, stay.duration)
        .set(what, stay.running ? "running" : "system call")
        .set(at, stay.start)
        .set(proc, stay.proc)
        .set(goroutine, stay.goroutine)
        .set(where, site.function)
        .set(place, site.place)
        .set(function, vocabulary.function_of(stay.root))
        .set(seen, stay.seen ? "" : "part")
        .range(stay.start, stay.end)
        .goroutine(stay.goroutine);
    if (stay.stack != StackNumber::None) row.stack(vocabulary.text_of(stay.stack));
  }
  findings.tables.push_back(std::move(table));
}

void StuckProcs::finish(const TraceContext& context, Findings& findings) {
  add_stuck(context, findings);
  add_syscalls(context, findings);
}

}  // namespace marey::analysis
