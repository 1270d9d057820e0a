// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "marey/event.h"

#include "src/export/event_text_stacks.h"

namespace marey::exporting {

/// Events as `go tool trace -d=parsed` prints them, byte for byte: Event.String() of Go 1.27's
/// internal/trace and a newline, wall-clock times in the local time zone.
///
/// One object prints the events of one trace in their order. Every Sync event must be among them,
/// or begin_generation() be called in its place: between two of them the texts of stacks are kept.
class EventText {
 public:
  void append(std::string& out, const Event& event);
  void begin_generation() { stacks_.forget(); }

 private:
  StackTexts stacks_{&render};
  static void render(std::string& out, const Stack& stack);
};

}  // namespace marey::exporting
