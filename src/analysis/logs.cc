// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/logs.h"

#include <iterator>

#include "src/analysis/call_site.h"
#include "src/order/record.h"
#include "src/wire/event_types.h"

namespace marey::analysis {

Interests Logs::interests() const {
  Interests interests;
  interests.events.set(order::type_number(wire::EventType::UserLog));
  return interests;
}

void Logs::events(std::span<const Event::Record* const> events, Translation& translation) {
  for (const Event::Record* const record : events) {
    const Event event(*record);
    const Log log = event.log();
    if (!scope_.has(log.task)) continue;
    if (filter_.category && log.category != *filter_.category) continue;
    if (filter_.wants && !filter_.wants(log.message)) continue;
    if (entries_.size() == most_) {
      left_out_++;
      continue;
    }
    entries_.push_back({record->time, record->goroutine, log.task,
                        translation.text(record->args[1]),
                        translation.stack(raw(event.stack().id())), std::string(log.message)});
  }
}

void Logs::merge(Analysis& next, const SlotMap&) {
  auto& other = static_cast<Logs&>(next);
  // Events come in order, so what comes first stays.
  for (Entry& entry : other.entries_) {
    if (entries_.size() == most_) {
      left_out_++;
    } else {
      entries_.push_back(std::move(entry));
    }
  }
  left_out_ += other.left_out_;
}

void Logs::finish(const TraceContext& context, Findings& findings) {
  const Vocabulary& vocabulary = context.vocabulary;
  table::Table table("logs", "Messages",
                     "What the program said with runtime/trace.Log, in the order of time.");
  const auto at = table.add_time("at", "At", "When it was said.");
  const auto category = table.add_text("category", "Category", "The program's word for it.");
  const auto message = table.add_text("message", "Message", "What was said.");
  const auto task = table.add_id("task", "Task", "That it belongs to, if any.", "task");
  const auto goroutine = table.add_id("goroutine", "Goroutine", "That said it.", "goroutine");
  const CallSiteColumns site(table);
  for (const Entry& entry : entries_) {
    auto row = table.add_row();
    row.set(at, entry.time)
        .set(category, vocabulary.of(entry.category))
        .set(message, entry.message)
        .set(goroutine, entry.goroutine)
        .range(entry.time, entry.time)
        .goroutine(entry.goroutine);
    if (entry.task != kBackgroundTask) row.set(task, entry.task);
    site.set(row, call_site_of(vocabulary, entry.stack));
    if (entry.stack != StackNumber::None) row.stack(vocabulary.text_of(entry.stack));
  }
  table.add_omitted(left_out_);
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
