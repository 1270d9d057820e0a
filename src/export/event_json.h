// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "marey/event.h"

#include "src/export/event_text_stacks.h"

namespace marey::exporting {

/// Events as JSON, one object a line. Strings are valid UTF-8 (other bytes become U+FFFD); numbers
/// are integers of up to 64 bits; what an event does not have is left out.
///
///   key                  of which kind            what
///   time                 all                      nanoseconds on the trace's clock
///   thread, proc, goroutine  all                  ids of the context; absent: none
///   kind                 all                      as in Go: "StateTransition", "RangeBegin", ...
///   stack                any                      [{"function","file","line","pc"}], leaf first;
///                                                 pc is a string in hexadecimal, "0x47a3a3"
///   n                    Sync                     this is the nth one
///   clock                Sync                     {"trace","mono","wall"}: the three clocks, two
///                                                 in nanoseconds, one as RFC 3339 in UTC
///   experimental_batches Sync                     [{"experiment","thread","bytes"}]
///   name, value          Metric                   the unit follows the colon in the name
///   label, resource      Label
///   name, resource       Range...                 resource is absent for a global range
///   attributes           RangeEnd                 {"bytes swept":N,"bytes reclaimed":N}
///   task, parent, type   Task...                  parent is absent where there is none
///   task, type           Region...
///   task, category, message  Log
///   resource, from, to   StateTransition          states as in Go: "Runnable", ...
///   reason               StateTransition          absent where the trace gives none
///   transition_stack     StateTransition          stack of the resource that changes
///   name, experiment, args   Experimental         args: {"id":N, ...}
///
/// A resource is {"kind":"Goroutine"|"Proc"|"Thread","id":N}.
///
/// One object prints the events of one trace in their order. Every Sync event must be among them,
/// or begin_generation() be called in its place: between two of them the texts of stacks are kept.
class EventJson {
 public:
  void append(std::string& out, const Event& event);
  void begin_generation() { stacks_.forget(); }

 private:
  StackTexts stacks_{&render};
  static void render(std::string& out, const Stack& stack);
};

}  // namespace marey::exporting
