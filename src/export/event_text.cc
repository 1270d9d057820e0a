// SPDX-License-Identifier: Apache-2.0
#include "src/export/event_text.h"

#include "src/base/quote.h"
#include "src/export/event_text_piece.h"
#include "src/export/event_text_time.h"

namespace marey::exporting {
namespace {

using base::append_go_quoted;

void append_range(Piece& piece, std::string& out, const Event& event, EventKind kind) {
  const Range range = event.range();
  piece << " Name=";
  piece.flush(out);
  append_go_quoted(out, range.name);
  piece << " Scope=" << range.scope;
  if (kind != EventKind::RangeEnd) return;
  piece << " Attributes=[";
  std::string_view separator;
  for (const RangeAttribute& attribute : event.range_attributes()) {
    piece << separator;
    piece.flush(out);
    append_go_quoted(out, attribute.name);
    piece << "=Value{Uint64(" << attribute.value << ")}";
    separator = " ";
  }
  piece << "]";
}

void append_sync(Piece& piece, std::string& out, const Event& event) {
  const Sync sync = event.sync();
  piece << " N=" << sync.n;
  if (!sync.clock_snapshot) return;
  const ClockSnapshot& clock = *sync.clock_snapshot;
  piece << " Trace=" << clock.trace << " Mono=" << clock.mono << " Wall=";
  piece.flush(out);
  append_wall_time(out, clock.wall_sec, clock.wall_nsec, Zone::Local);
}

void append_experimental(Piece& piece, std::string& out, const Event& event) {
  const ExperimentalEvent detail = event.experimental();
  piece << " Name=" << detail.name << " Args=[";
  for (std::size_t i = 0; i < detail.args.size(); i++) {
    if (i != 0) piece << ", ";
    piece << detail.args[i] << "=Value{Uint64(" << detail.values[i] << ")}";
    piece.flush(out);
  }
  piece << "]";
}

/// Go prints a stack without frames, too, where only its handle says that there is one.
bool has_stack(const Stack& stack) { return stack != Stack{}; }

}  // namespace

void EventText::render(std::string& out, const Stack& stack) {
  Piece piece;
  const std::size_t size = stack.size();
  for (std::size_t i = 0; i < size; i++) {
    const StackFrame frame = stack[i];
    out.push_back('\t');
    out += frame.function;
    piece << " @ 0x";
    piece.hex(frame.pc) << "\n\t\t";
    piece.flush(out);
    out += frame.file;
    piece << ":" << frame.line << "\n";
    piece.flush(out);
  }
}

void EventText::append(std::string& out, const Event& event) {
  const EventKind kind = event.kind();
  Piece piece;
  piece << "M=" << raw(event.thread()) << " P=" << raw(event.proc())
        << " G=" << raw(event.goroutine()) << " " << name_of(kind) << " Time=" << event.time();
  switch (kind) {
    case EventKind::Sync:
      begin_generation();
      append_sync(piece, out, event);
      break;
    case EventKind::Metric: {
      const Metric metric = event.metric();
      piece << " Name=\"" << metric.name << "\" Value=Value{Uint64(" << metric.value << ")}";
      break;
    }
    case EventKind::Label: {
      const Label label = event.label();
      piece << " Label=";
      piece.flush(out);
      append_go_quoted(out, label.label);
      piece << " Resource=" << label.resource;
      break;
    }
    case EventKind::RangeBegin:
    case EventKind::RangeActive:
    case EventKind::RangeEnd: append_range(piece, out, event, kind); break;
    case EventKind::TaskBegin:
    case EventKind::TaskEnd: {
      const Task task = event.task();
      piece << " ID=" << raw(task.id) << " Parent=" << raw(task.parent) << " Type=";
      piece.flush(out);
      append_go_quoted(out, task.type);
      break;
    }
    case EventKind::RegionBegin:
    case EventKind::RegionEnd: {
      const Region region = event.region();
      piece << " Task=" << raw(region.task) << " Type=";
      piece.flush(out);
      append_go_quoted(out, region.type);
      break;
    }
    case EventKind::Log: {
      const Log log = event.log();
      piece << " Task=" << raw(log.task) << " Category=";
      piece.flush(out);
      append_go_quoted(out, log.category);
      out += " Message=";
      append_go_quoted(out, log.message);
      break;
    }
    case EventKind::StateTransition: {
      const StateTransition change = event.state_transition();
      if (change.resource.kind == ResourceKind::Goroutine) {
        piece << " GoID=" << change.resource.id << " " << name_of(change.go_from()) << "->"
              << name_of(change.go_to());
      } else {
        piece << " ProcID=" << change.resource.id << " " << name_of(change.proc_from()) << "->"
              << name_of(change.proc_to());
      }
      piece << " Reason=";
      if (change.reason.empty()) {
        piece << "\"\"";
      } else {
        piece.flush(out);
        append_go_quoted(out, change.reason);
      }
      if (has_stack(change.stack)) {
        piece << "\nTransitionStack=\n";
        piece.flush(out);
        out += stacks_.text(change.stack);
      }
      break;
    }
    case EventKind::Experimental: append_experimental(piece, out, event); break;
    case EventKind::StackSample:
    case EventKind::Bad: break;
  }
  if (const Stack stack = event.stack(); has_stack(stack)) {
    piece << "\nStack=\n";
    piece.flush(out);
    out += stacks_.text(stack);
  }
  piece << "\n";
  piece.flush(out);
}

}  // namespace marey::exporting
