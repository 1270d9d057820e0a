// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <span>

#include "marey/event.h"

#include "src/wire/tables.h"

namespace marey::index {

/// Types of event, by the wire's number.
using EventTypes = std::bitset<256>;

/// What a pass over a trace feeds: one fold (or two) a generation, merged in the trace's order.
///
/// Generations are ordered side by side, each with a fold of its own that knows nothing of the
/// others; merging two neighbours gives the fold of both. What crosses from one generation into the
/// next (an interval that is open at the end of the first) is the fold's state at its two ends.
///
/// A generation that begins in the middle of the trace starts with what its status events say:
/// transitions Undetermined->X occur in a trace's first generation only; later generations restate
/// what was known as X->X. A TaskEnd whose begin lies in an earlier generation has the type "" and
/// no parent.
///
/// Threads: one fold is used by one thread at a time.
class Fold {
 public:
  virtual ~Fold() = default;

  /// The types of event that it must be given. It may be given others as well.
  virtual EventTypes types() const { return EventTypes().set(); }

  /// A generation (or a part of one) begins; its tables may be asked until end(). Called once.
  /// `generation` is its number; a v1 trace counts as one generation with the number 0.
  virtual void begin(const wire::Tables& tables, std::uint64_t generation) = 0;
  /// Some of its events, in order; each has `tables` set. A generation's Sync event comes first
  /// (a part that begins later has none); the trace's last Sync event is not delivered.
  virtual void events(std::span<const Event::Record> events) = 0;
  /// The generation ends with an event (of any type) at `last`: its tables die. All that is kept
  /// must be the fold's own from here on.
  virtual void end(Time last) = 0;
  /// Appends the fold of the following generation, which is used up by it.
  virtual void merge(Fold& next) = 0;
};

/// Makes the folds of a pass. Called from several threads at once.
class FoldMaker {
 public:
  virtual ~FoldMaker() = default;
  virtual std::unique_ptr<Fold> make() const = 0;
};

}  // namespace marey::index
