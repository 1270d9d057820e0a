// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "marey/event.h"
#include "marey/trace.h"

#include "src/base/json_writer.h"
#include "src/cli/console.h"
#include "src/cli/options.h"
#include "src/index/pass.h"

namespace marey::cli {

/// How many events there are of each kind, and of each type on the wire.
struct EventCounts {
  std::uint64_t events = 0;
  std::array<std::uint64_t, 256> by_type{};

  void add(const Event& event) {
    events++;
    by_type[event.record().type]++;
  }
  struct Row {
    std::string_view name;
    std::uint64_t count;
  };
  /// The kinds and types that occur, in the order of EventKind and of the types' numbers.
  std::vector<Row> kinds() const;
  std::vector<Row> types() const;
  std::uint64_t of(EventKind kind) const;
};

EventCounts counts_of(const index::PassResult& result);

/// Appends "NAME   COUNT" lines, the counts right-aligned.
void append_rows(std::string& out, std::string_view indent,
                 const std::vector<EventCounts::Row>& rows);
/// Writes {"NAME":COUNT,...}.
void write_json(base::JsonWriter& json, const std::vector<EventCounts::Row>& rows);

/// Prints what `marey events --count` prints of a whole trace. Returns the exit status.
int count_whole_trace(const Options& options, Console& console);
/// Prints the totals of a selection of events.
void print_totals(const EventCounts& counts, const Options& options, Console& console);

}  // namespace marey::cli
