// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/spent_columns.h"

namespace marey::analysis {

const SpentWords& words_of(Spent spent) {
  static constexpr std::array<SpentWords, kSpent> kWords = {{
      {"execution", "Execution", "Running Go code."},
      {"scheduler_wait", "Sched wait", "Runnable, but not running: waiting for a proc."},
      {"sync_block", "Sync block", "Blocked on channels, select, locks and the like."},
      {"network_wait", "Network wait", "Waiting for the network."},
      {"syscall", "Syscall", "In system calls, while keeping the proc."},
      {"syscall_block", "Syscall block", "In system calls, after the proc was taken away."},
      {"other_wait", "Other wait",
       "Waiting for anything else (sleep, GC, ...), or for nobody knows what: since before the "
       "trace, or the reason is lost."},
      {"unknown", "Unknown",
       "Not accounted for: hidden by damage, or from or to an event whose time is a guess."},
      {"gc_assist", "GC assist", "In mark assists; within the other columns."},
      {"gc_sweep", "GC sweep",
       "Sweeping before allocation, where it began and ended on the goroutine; within the other "
       "columns."},
      {"stop_the_world", "Stop world",
       "In stop-the-world pauses that it began; within the other columns."},
  }};
  return kWords[static_cast<std::size_t>(spent)];
}

SpentColumns::SpentColumns(table::Table& table) : columns_{} {
  for (std::size_t i = 0; i < kSpent; i++) {
    const SpentWords& words = words_of(static_cast<Spent>(i));
    columns_[i] = table.add_duration(words.name, words.title, words.help);
  }
}

void SpentColumns::set(table::Table::Row& row, const GoroutineTimes& times) const {
  for (std::size_t i = 0; i < kSpent; i++) row.set(columns_[i], times.of[i]);
}

}  // namespace marey::analysis
