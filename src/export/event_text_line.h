// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "marey/event.h"

#include "src/export/event_text_stacks.h"

namespace marey::exporting {

/// Events for people, one line each: time since `origin` in seconds, kind, the goroutine, proc and
/// thread in whose context it happened, and what happened. Control characters in strings are
/// escaped; names that are empty, or begin or end with a blank, stand between quotation marks. The
/// format may change; programs should read the JSON (event_json.h).
///
///     0.000040576  StateTransition G1     P1   M20707    goroutine 27: NotExist -> Runnable
///     0.000358016  StateTransition G35    P0   M20718    goroutine 35: Running -> Waiting, select
///
/// One object prints the events of one trace in their order. Every Sync event must be among them,
/// or begin_generation() be called in its place: between two of them the texts of stacks are kept.
class EventLine {
 public:
  /// With stacks, the frames follow on lines of their own, leaf first.
  EventLine(Time origin, bool with_stacks) : origin_(origin), with_stacks_(with_stacks) {}

  void append(std::string& out, const Event& event);
  void begin_generation() { stacks_.forget(); }

 private:
  static void render(std::string& out, const Stack& stack);
  void append_stack(std::string& out, std::string_view title, const Stack& stack);

  Time origin_;
  bool with_stacks_;
  StackTexts stacks_{&render};
};

}  // namespace marey::exporting
