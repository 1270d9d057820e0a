// SPDX-License-Identifier: Apache-2.0
#include "src/export/event_text_line.h"

#include <array>
#include <charconv>

#include "src/base/quote.h"
#include "src/export/event_text_piece.h"
#include "src/export/event_text_time.h"
#include "src/trace/clock.h"

namespace marey::exporting {
namespace {

using base::append_escaped;

/// A name that the traced program chose; between quotation marks where it could be overlooked.
/// White space other than blanks is escaped, and so seen.
void append_name(std::string& out, std::string_view name) {
  if (!name.empty() && name.front() != ' ' && name.back() != ' ') {
    append_escaped(out, name);
  } else {
    base::append_go_quoted(out, name);
  }
}

/// "goroutine 5", "proc 0", or nothing.
Piece& append_resource(Piece& piece, const ResourceID& resource) {
  switch (resource.kind) {
    case ResourceKind::Goroutine: return piece << "goroutine " << resource.id;
    case ResourceKind::Proc: return piece << "proc " << resource.id;
    case ResourceKind::Thread: return piece << "thread " << resource.id;
    case ResourceKind::None: break;
  }
  return piece;
}

/// Seconds with nine decimals, right-aligned.
void append_time(Piece& piece, Time time, Time origin) {
  // Unsigned, because damaged traces can have any time.
  auto difference = static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(origin);
  const bool negative = time < origin;
  if (negative) difference = 0 - difference;
  constexpr std::uint64_t kPerSecond = 1'000'000'000;
  std::array<char, 20> digits;
  const char* const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), difference / kPerSecond).ptr;
  const auto count = static_cast<std::size_t>(end - digits.data());
  piece.pad_to(count < 6 ? 6 - count - (negative ? 1 : 0) : 0);
  piece << (negative ? "-" : "") << std::string_view(digits.data(), count) << ".";
  std::array<char, 9> decimals;
  std::uint64_t rest = difference % kPerSecond;
  for (std::size_t i = decimals.size(); i-- > 0; rest /= 10) {
    decimals[i] = static_cast<char>('0' + rest % 10);
  }
  piece << std::string_view(decimals.data(), decimals.size());
}

void append_range(Piece& piece, std::string& out, const Event& event, EventKind kind) {
  const Range range = event.range();
  piece.flush(out);
  append_escaped(out, range.name);
  piece << (kind == EventKind::RangeBegin    ? " begins"
            : kind == EventKind::RangeActive ? " is under way"
                                             : " ends");
  if (range.scope.kind != ResourceKind::None) append_resource(piece << " on ", range.scope);
  for (const RangeAttribute& attribute : event.range_attributes()) {
    piece << ", " << attribute.value << " " << attribute.name;
  }
}

void append_transition(Piece& piece, std::string& out, const StateTransition& change) {
  append_resource(piece, change.resource) << ": ";
  bool is_creation = false;
  if (change.resource.kind == ResourceKind::Goroutine) {
    piece << name_of(change.go_from()) << " -> " << name_of(change.go_to());
    is_creation = change.go_from() == GoState::NotExist;
  } else {
    piece << name_of(change.proc_from()) << " -> " << name_of(change.proc_to());
  }
  if (!change.reason.empty()) {
    piece << ", ";
    piece.flush(out);
    append_escaped(out, change.reason);
  }
  if (!is_creation) return;
  // The outermost frame is the function that the goroutine starts with.
  const std::size_t frames = change.stack.size();
  if (frames == 0) return;
  const std::string_view function = change.stack[frames - 1].function;
  if (function.empty()) return;
  piece << ", ";
  piece.flush(out);
  append_escaped(out, function);
}

/// Where the goroutine, proc and thread of an event stand, and what happened. Ids with more digits
/// than fit push the rest to the right.
constexpr std::size_t kGoroutineColumn = 33;
constexpr std::size_t kProcColumn = kGoroutineColumn + 7;   // " G12345"
constexpr std::size_t kThreadColumn = kProcColumn + 5;      // " P123"
constexpr std::size_t kDetailsColumn = kThreadColumn + 11;  // " M1234567" and two blanks

void append_context(Piece& piece, const Event& event) {
  piece.pad_to(kGoroutineColumn);
  if (event.goroutine() != kNoGoroutine) piece << " G" << raw(event.goroutine());
  piece.pad_to(kProcColumn);
  if (event.proc() != kNoProc) piece << " P" << raw(event.proc());
  piece.pad_to(kThreadColumn);
  if (event.thread() != kNoThread) piece << " M" << raw(event.thread());
  piece << "  ";
  piece.pad_to(kDetailsColumn);
  if (event.guessed()) piece << "(guessed) ";
}

void append_details(Piece& piece, std::string& out, const Event& event, EventKind kind) {
  switch (kind) {
    case EventKind::Sync: {
      const Sync sync = event.sync();
      piece << "number " << sync.n;
      if (!sync.clock_snapshot) break;
      // Of the event, as the time before it; the snapshot was taken some time later.
      const auto wall = trace::wall_time(event.record().tables->sync, event.time());
      if (!wall) break;
      piece << ", wall clock ";
      piece.flush(out);
      append_wall_time(out, wall->seconds, wall->nanoseconds, Zone::Local);
      break;
    }
    case EventKind::Metric: piece << event.metric().name << " = " << event.metric().value; break;
    case EventKind::Label: {
      const Label label = event.label();
      append_resource(piece, label.resource) << " is labelled ";
      piece.flush(out);
      append_name(out, label.label);
      break;
    }
    case EventKind::RangeBegin:
    case EventKind::RangeActive:
    case EventKind::RangeEnd: append_range(piece, out, event, kind); break;
    case EventKind::TaskBegin:
    case EventKind::TaskEnd: {
      const Task task = event.task();
      piece << "task " << raw(task.id);
      // Of a task that began before the trace the name is not known.
      if (kind == EventKind::TaskBegin || !task.type.empty()) {
        piece << " ";
        piece.flush(out);
        append_name(out, task.type);
      }
      if (task.parent != kNoTask) piece << ", part of task " << raw(task.parent);
      break;
    }
    case EventKind::RegionBegin:
    case EventKind::RegionEnd: {
      const Region region = event.region();
      piece.flush(out);
      append_name(out, region.type);
      if (region.task != kBackgroundTask) piece << ", task " << raw(region.task);
      break;
    }
    case EventKind::Log: {
      const Log log = event.log();
      piece.flush(out);
      if (!log.category.empty()) {
        append_name(out, log.category);
        out += ": ";
      }
      append_name(out, log.message);
      if (log.task != kBackgroundTask) piece << ", task " << raw(log.task);
      break;
    }
    case EventKind::StateTransition: append_transition(piece, out, event.state_transition()); break;
    case EventKind::Experimental: {
      const ExperimentalEvent detail = event.experimental();
      piece << detail.name;
      for (std::size_t i = 0; i < detail.args.size(); i++) {
        piece << " " << detail.args[i] << "=" << detail.values[i];
      }
      break;
    }
    case EventKind::StackSample:
      if (const Stack stack = event.stack(); stack.size() > 0) {
        piece.flush(out);
        append_escaped(out, stack[0].function);
      }
      break;
    case EventKind::Bad: break;
  }
  piece.flush(out);
}

}  // namespace

void EventLine::render(std::string& out, const Stack& stack) {
  Piece piece;
  const std::size_t size = stack.size();
  for (std::size_t i = 0; i < size; i++) {
    const StackFrame frame = stack[i];
    out += "                    ";
    append_escaped(out, frame.function);
    out += "  ";
    append_escaped(out, frame.file);
    piece << ":" << frame.line << "\n";
    piece.flush(out);
  }
}

void EventLine::append_stack(std::string& out, std::string_view title, const Stack& stack) {
  if (!stack) return;
  out += title;
  out += stacks_.text(stack);
}

void EventLine::append(std::string& out, const Event& event) {
  const EventKind kind = event.kind();
  if (kind == EventKind::Sync) begin_generation();
  Piece piece;
  append_time(piece, event.time(), origin_);
  piece << "  " << name_of(kind);
  append_context(piece, event);
  append_details(piece, out, event, kind);
  while (out.back() == ' ') out.pop_back();
  out += '\n';
  if (!with_stacks_) return;
  const Stack stack = event.stack();
  append_stack(out, "                  at\n", stack);
  if (kind != EventKind::StateTransition) return;
  const Stack other = event.state_transition().stack;
  if (other != stack) append_stack(out, "                  of it\n", other);
}

}  // namespace marey::exporting
