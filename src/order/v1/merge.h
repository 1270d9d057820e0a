// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "marey/error.h"
#include "marey/health.h"

#include "src/order/judgement.h"
#include "src/order/v1/batch_index.h"
#include "src/order/v1/logs.h"
#include "src/order/v1/table_builder.h"

namespace marey::order::v1 {

/// What the merge finds out, so that the events can be had in order again and again without
/// finding the order again. Some tenth of the file's length.
struct MergeResult {
  RunLog runs;
  ExitLog exits;    ///< GoSysExits that belong elsewhere
  BitLog is_moved;  ///< for each GoSysExit: it is among them
  BitLog blocks;    ///< for each GoSysCall: the system call blocks
  BitLog from_net;  ///< for each GoUnblock: the goroutine had waited for the network
  /// Tolerant: which of the events, from 0 on in the order that Replay gives, contradict the state
  /// in which they come, so that their place is a guess; rising. Filled by recheck().
  std::vector<std::uint64_t> guesses;
  std::uint64_t events = 0;
  std::int64_t first_ticks = 0;  ///< the trace's time 0
  /// Whether the trace begins with the goroutines that were there before it, up to the first
  /// Gomaxprocs, as it should.
  bool has_preface = true;
  /// Whether the order contradicts itself or (tolerant) a goroutine ended in a region: then
  /// StateCheck has to go over the events once more.
  bool needs_check = false;
};

/// Puts the events of all procs in order.
///
/// Each proc's events are in order. Of the procs' next events, those may come next whose
/// goroutine is in the state that they ask for (order_rules.h); of these, the earliest comes.
/// That gives an order even where clocks of processors disagree, and where they do not, the times
/// rise; Go's reader takes no trace in which they do not.
///
/// One event of each proc is decoded at a time, and none is kept. What later readers need beyond
/// the order goes to logs: which GoSysCall blocks (its goroutine's next event says so), which
/// GoUnblock came from the network, and which GoSysExit is written long after it happened and has
/// to be moved. Go's reader does that by sorting all events; here the exits, far fewer, are kept
/// aside and merged in again (see Replay). The checks that Go's reader makes of the sorted events
/// are made on the way, before the exits are moved, which makes no difference if the goroutine did
/// nothing in between; if it did, or anything is amiss, `needs_check` asks for doing it properly.
///
/// Strict: fails where Go's reader does, with its message. Tolerant: never fails. It puts the
/// events in order of time; whoever's turn it is, but whose goroutine is not in the right state,
/// gets it put right, and that is counted.
///
/// `tables` is set to the trace's tables, not finished yet.
///
/// Time: linear, but for a heap over the procs. Memory: goroutines that are alive, one event a
/// proc, the logs.
Result<MergeResult> merge(std::span<const std::byte> bytes, const BatchIndex& index,
                          wire::Version version, Judgement judgement,
                          std::unique_ptr<TableBuilder>& tables, Health& health);

}  // namespace marey::order::v1
