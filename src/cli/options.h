// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "marey/ids.h"

#include "src/analysis/mutator_options.h"
#include "src/cli/moment.h"

namespace marey::cli {

enum class Color : std::uint8_t { Auto, Always, Never };

/// What the flags of all commands say; each command looks at those that its row of the table lists.
struct Options {
  std::string_view command;  ///< its name
  std::vector<std::string> operands;

  bool help = false;
  bool version = false;
  bool json = false;
  bool csv = false;
  bool strict = false;
  bool count = false;
  bool stacks = false;
  unsigned threads = 0;      ///< 0: as many as the machine has
  std::uint64_t memory = 0;  ///< bytes; 0: no bound
  Color color = Color::Auto;
  std::optional<unsigned> top;  ///< rows of a table
  std::string table;            ///< id of the only one to show; "": all
  std::string sort;             ///< name of a column, "-" before it: the least first; "": as it is
  std::optional<Duration> stuck;  ///< ns from which on a proc is stuck
  unsigned width = 0;             ///< columns; 0: the terminal's
  std::optional<Moment> from;
  std::optional<Moment> to;
  std::vector<GoID> goroutines;  ///< empty: all
  std::string function;          ///< a regular expression for start functions; "": all
  /// A task, or all of a type; nothing: all.
  std::optional<std::variant<TaskID, std::string>> task;
  std::string region;                ///< the name of regions; "": not only in these
  std::uint32_t kinds = 0;           ///< of events: a bit for each EventKind; 0: all
  analysis::MutatorOptions mutator;  ///< what counts as lost for the program

  std::optional<std::string> category;  ///< of messages; nothing: all
  std::string pattern;                  ///< a regular expression for messages; "": all

  bool each = false;  ///< of goroutines: one by one

  // Those of `profile`.
  std::string format;       ///< "": top
  std::string output_path;  ///< "": standard output

  std::string html_path;  ///< of `report`: where a page goes, "-": standard output; "": no page

  // Those of `go tool trace`; empty: not given.
  std::string debug;
  std::string pprof;
  std::string http;
};

}  // namespace marey::cli
