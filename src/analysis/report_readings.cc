// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/report_readings.h"

#include <algorithm>
#include <array>

namespace marey::analysis {
namespace {

struct Reading {
  std::string_view table;
  std::string_view sentence;
};

constexpr std::array kReadings = std::to_array<Reading>({
    {"goroutines",
     "Waiting is normal for servers and pools; look at functions whose Sched wait comes near their "
     "Execution, since they lack procs, and go on with 'marey goroutines FILE' for percentiles."},
    {"goroutine_waits",
     "Idle workers wait long and harmlessly; look for locks and channels that functions at work "
     "wait for, and go on with 'marey blocked FILE' for the calls that block."},
    {"tasks",
     "Compare p99 with p50: where it is many times that, 'marey tasks FILE' says what the slowest "
     "spend more time on than the others; many incomplete ones were cut by the trace's ends, or "
     "nobody ends them."},
    {"scheduler_latency",
     "Microseconds are normal; a p99 of milliseconds says that goroutines queue for procs or that "
     "something keeps one, and 'marey latency FILE' and 'marey procs FILE' show who."},
    {"worst_latencies",
     "Rows close to each other in At have one cause, often a stop of the world or a burst of "
     "wake-ups; 'marey goroutine ID FILE' shows what happened to one of them."},
    {"stop_the_world",
     "Below a millisecond is normal; of a longer one 'marey stw FILE' says how long nobody ran, "
     "and "
     "who kept the world from stopping: the rest is the time until its goroutine goes on."},
    {"worst_pauses",
     "Look whether the longest ones are of a kind that the program itself asks for, as "
     "ReadMemStats, a goroutine profile or a change of GOMAXPROCS; 'marey stw FILE' tells more."},
    {"garbage_collection",
     "Time in assists is what goroutines pay themselves: much of it says that they allocate faster "
     "than the collector marks; 'marey gc FILE' and 'marey mmu FILE' show when."},
    {"sched",
     "A call that makes goroutines runnable in bursts comes first, and is harmless where many wait "
     "briefly; 'marey latency FILE' has the percentiles by place."},
    {"sync",
     "The total of all that wait: many goroutines at one lock count many times, so compare Total "
     "with Count, and see 'marey blocked FILE' and 'marey unblocks FILE' for who lets them wait."},
    {"net",
     "Connections without a request wait here and are normal; look for clients of yours that wait "
     "for an answer, with 'marey profile net FILE'."},
    {"syscall",
     "Reading and writing files and calls to C are here; a mean of milliseconds is worth a look, "
     "with 'marey profile syscall FILE' for the stacks and 'marey procs FILE' for stuck procs."},
    {"blocked_at_end",
     "Idle workers wait for ever and are normal; a place with many goroutines, or with more of "
     "them "
     "in a later trace of the same process, is where they leak, and its evidence is the stack."},
    {"cpu",
     "Self is what a function itself burns, Total with all that it calls: go down from the "
     "greatest "
     "Total to the greatest Self, or see 'marey profile cpu --format tree FILE' for who calls it."},
});

}  // namespace

std::string_view reading_of(std::string_view table) {
  const auto it = std::ranges::find(kReadings, table, &Reading::table);
  return it == kReadings.end() ? std::string_view() : it->sentence;
}

}  // namespace marey::analysis
