// SPDX-License-Identifier: Apache-2.0
#include "src/export/event_json.h"

#include "src/base/json_writer.h"
#include "src/export/event_text_piece.h"
#include "src/export/event_text_time.h"

namespace marey::exporting {
namespace {

void append_json_string(std::string& out, std::string_view bytes) {
  base::JsonWriter(out).value(bytes);
}

/// Fields of the object that is being written, each after a comma.
class Fields {
 public:
  explicit Fields(std::string& out) : out_(out) {}

  void number(std::string_view key, std::integral auto value) {
    piece_ << ",\"" << key << "\":" << value;
    piece_.flush(out_);
  }
  void string(std::string_view key, std::string_view value) {
    piece_ << ",\"" << key << "\":";
    piece_.flush(out_);
    append_json_string(out_, value);
  }
  void resource(const ResourceID& resource) {
    if (resource.kind == ResourceKind::None) return;
    piece_ << ",\"resource\":{\"kind\":\"" << name_of(resource.kind) << "\",\"id\":" << resource.id
           << "}";
    piece_.flush(out_);
  }
  /// An object of numbers.
  void open(std::string_view key) {
    piece_ << ",\"" << key << "\":{";
    piece_.flush(out_);
    first_ = true;
  }
  void member(std::string_view key, std::integral auto value) {
    piece_ << (first_ ? "\"" : ",\"") << key << "\":" << value;
    piece_.flush(out_);
    first_ = false;
  }
  void close() { out_ += '}'; }

 private:
  std::string& out_;
  Piece piece_;
  bool first_ = true;
};

void append_sync(std::string& out, Fields& fields, const Event& event) {
  const Sync sync = event.sync();
  fields.number("n", sync.n);
  if (sync.clock_snapshot) {
    const ClockSnapshot& clock = *sync.clock_snapshot;
    fields.open("clock");
    fields.member("trace", clock.trace);
    fields.member("mono", clock.mono);
    out += ",\"wall\":\"";
    append_wall_time(out, clock.wall_sec, clock.wall_nsec, Zone::UTC);
    out += '"';
    fields.close();
  }
  if (sync.experimental_batches.empty()) return;
  out += ",\"experimental_batches\":[";
  for (const ExperimentalBatch& batch : sync.experimental_batches) {
    if (&batch != sync.experimental_batches.data()) out += ',';
    out += "{\"experiment\":";
    append_json_string(out, batch.experiment);
    fields.number("thread", raw(batch.thread));
    fields.number("bytes", batch.data.size());
    out += '}';
  }
  out += ']';
}

void append_transition(std::string& out, Fields& fields, StackTexts& stacks, const Event& event) {
  const StateTransition change = event.state_transition();
  const bool goroutine = change.resource.kind == ResourceKind::Goroutine;
  fields.resource(change.resource);
  fields.string("from", goroutine ? name_of(change.go_from()) : name_of(change.proc_from()));
  fields.string("to", goroutine ? name_of(change.go_to()) : name_of(change.proc_to()));
  if (!change.reason.empty()) fields.string("reason", change.reason);
  if (change.stack) {
    out += ",\"transition_stack\":";
    out += stacks.text(change.stack);
  }
}

}  // namespace

void EventJson::render(std::string& out, const Stack& stack) {
  Piece piece;
  out += '[';
  const std::size_t size = stack.size();
  for (std::size_t i = 0; i < size; i++) {
    const StackFrame frame = stack[i];
    out += i == 0 ? "{\"function\":" : ",{\"function\":";
    append_json_string(out, frame.function);
    out += ",\"file\":";
    append_json_string(out, frame.file);
    piece << ",\"line\":" << frame.line << ",\"pc\":\"0x";
    piece.hex(frame.pc) << "\"}";
    piece.flush(out);
  }
  out += ']';
}

void EventJson::append(std::string& out, const Event& event) {
  const EventKind kind = event.kind();
  Piece piece;
  piece << "{\"time\":" << event.time();
  if (event.thread() != kNoThread) piece << ",\"thread\":" << raw(event.thread());
  if (event.proc() != kNoProc) piece << ",\"proc\":" << raw(event.proc());
  if (event.goroutine() != kNoGoroutine) piece << ",\"goroutine\":" << raw(event.goroutine());
  piece << ",\"kind\":\"" << name_of(kind) << "\"";
  if (event.guessed()) piece << ",\"guessed\":true";
  piece.flush(out);

  Fields fields(out);
  switch (kind) {
    case EventKind::Sync:
      begin_generation();
      append_sync(out, fields, event);
      break;
    case EventKind::Metric: {
      const Metric metric = event.metric();
      fields.string("name", metric.name);
      fields.number("value", metric.value);
      break;
    }
    case EventKind::Label: {
      const Label label = event.label();
      fields.string("label", label.label);
      fields.resource(label.resource);
      break;
    }
    case EventKind::RangeBegin:
    case EventKind::RangeActive:
    case EventKind::RangeEnd: {
      const Range range = event.range();
      fields.string("name", range.name);
      fields.resource(range.scope);
      const std::vector<RangeAttribute> attributes = event.range_attributes();
      if (attributes.empty()) break;
      fields.open("attributes");
      for (const RangeAttribute& attribute : attributes) {
        fields.member(attribute.name, attribute.value);
      }
      fields.close();
      break;
    }
    case EventKind::TaskBegin:
    case EventKind::TaskEnd: {
      const Task task = event.task();
      fields.number("task", raw(task.id));
      if (task.parent != kNoTask) fields.number("parent", raw(task.parent));
      fields.string("type", task.type);
      break;
    }
    case EventKind::RegionBegin:
    case EventKind::RegionEnd: {
      const Region region = event.region();
      fields.number("task", raw(region.task));
      fields.string("type", region.type);
      break;
    }
    case EventKind::Log: {
      const Log log = event.log();
      fields.number("task", raw(log.task));
      fields.string("category", log.category);
      fields.string("message", log.message);
      break;
    }
    case EventKind::StateTransition: append_transition(out, fields, stacks_, event); break;
    case EventKind::Experimental: {
      const ExperimentalEvent detail = event.experimental();
      fields.string("name", detail.name);
      fields.string("experiment", detail.experiment);
      fields.open("args");
      for (std::size_t i = 0; i < detail.args.size(); i++) {
        fields.member(detail.args[i], detail.values[i]);
      }
      fields.close();
      break;
    }
    case EventKind::StackSample:
    case EventKind::Bad: break;
  }
  if (const Stack stack = event.stack()) {
    out += ",\"stack\":";
    out += stacks_.text(stack);
  }
  out += "}\n";
}

}  // namespace marey::exporting
