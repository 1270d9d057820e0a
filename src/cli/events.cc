// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/cli/command.h"
#include "src/cli/console.h"
#include "src/cli/reading.h"
#include "src/cli/totals.h"
#include "src/cli/trace_start.h"
#include "src/cli/values.h"
#include "src/export/event_json.h"
#include "src/export/event_text_line.h"

namespace marey::cli {
namespace {

/// Whether an event happened on a goroutine or says something about it.
bool concerns(const Event& event, GoID goroutine) {
  if (event.goroutine() == goroutine) return true;
  const ResourceID wanted{ResourceKind::Goroutine, raw(goroutine)};
  switch (event.kind()) {
    case EventKind::StateTransition: return event.state_transition().resource == wanted;
    case EventKind::RangeBegin:
    case EventKind::RangeActive:
    case EventKind::RangeEnd: return event.range().scope == wanted;
    case EventKind::Label: return event.label().resource == wanted;
    default: return false;
  }
}

/// "Log or TaskBegin".
std::string kinds_text(std::uint32_t kinds) {
  std::string text;
  for (std::uint32_t left = kinds; left != 0; left &= left - 1) {
    const auto kind = static_cast<EventKind>(std::countr_zero(left));
    text += fmt::format("{}{}", text.empty() ? "" : " or ", name_of(kind));
  }
  return text;
}

/// " of goroutine 7", " of goroutines 7 or 9".
std::string goroutines_text(std::span<const GoID> goroutines) {
  std::string text;
  for (const GoID goroutine : goroutines) {
    text += fmt::format("{}{}", text.empty() ? "" : " or ", raw(goroutine));
  }
  if (text.empty()) return text;
  return fmt::format(" of goroutine{} {}", goroutines.size() > 1 ? "s" : "", text);
}

/// Which events the flags ask for.
class Filter {
 public:
  explicit Filter(const Options& options) : options_(options) {}

  bool all() const {
    return !options_.from && !options_.to && options_.goroutines.empty() && options_.kinds == 0;
  }
  /// To be called with the trace's first event, before all else. Returns what to say about a flag
  /// that is not likely to mean what it says; "": nothing. Errors: Usage where the trace has no
  /// wall clock that a flag asks for.
  Result<std::string> begin(const Event& first) {
    const TraceStart start = start_of(first);
    start_ = start.time;
    if (options_.from) from_ = options_.from->on_clock(start);
    if (options_.to) to_ = options_.to->on_clock(start);
    if ((options_.from && !from_) || (options_.to && !to_)) {
      return std::unexpected(Error{ErrorKind::Usage, std::string(kNoWallClock)});
    }
    if (to_ && *to_ <= *start_) return "";  // why_none() tells
    return doubt_about("--from", options_.from, *start_);
  }
  bool has_begun() const { return start_.has_value(); }
  /// To be called with every event, in order.
  bool wants(const Event& event) {
    last_ = event.time();
    if (from_ && event.time() < *from_) return false;
    if (to_ && event.time() >= *to_) return false;
    in_time_ = true;
    if (options_.kinds != 0 && (options_.kinds & kind_bit(event.kind())) == 0) return false;
    if (!options_.goroutines.empty() &&
        std::ranges::none_of(options_.goroutines,
                             [&](GoID goroutine) { return concerns(event, goroutine); })) {
      return false;
    }
    any_ = true;
    return true;
  }
  /// Whether no event from this one on can be wanted.
  bool over(const Event& event) const { return to_ && event.time() >= *to_; }
  /// Why there was no event that they ask for; "": there was one, or none at all.
  std::string why_none() const {
    if (any_ || !start_) return {};
    if (to_ && *to_ <= *start_) {
      const std::string doubt = doubt_about("--to", options_.to, *start_);
      return "no events: " +
             (doubt.empty() ? "--to is no later than the trace's first event" : doubt);
    }
    // Reading may have ended with --to.
    if (from_ && last_ < *from_ && (!to_ || last_ < *to_)) {
      return fmt::format("no events: the trace ends at {}, before --from",
                         place_of(last_, *start_));
    }
    if (!in_time_) return "no events between --from and --to";
    return fmt::format("no {}events{}{}",
                       options_.kinds != 0 ? kinds_text(options_.kinds) + " " : "",
                       goroutines_text(options_.goroutines), from_ || to_ ? " in this time" : "");
  }

 private:
  const Options& options_;
  std::optional<Time> start_;
  std::optional<Time> from_;
  std::optional<Time> to_;
  Time last_ = 0;
  bool in_time_ = false;
  bool any_ = false;
};

/// Gives the events that the flags ask for to `printer`, and tells it where generations begin: the
/// texts of stacks that it has kept lose their meaning there.
template <class Printer>
int read_filtered(Printer printer, const Options& options, Console& console) {
  Filter filter(options);
  const std::string name = display_name(options.operands.back());
  Result<std::string> remark;
  const int status = read_events(options, console, [&](std::span<const Event> events) {
    if (!filter.has_begun() && !events.empty()) {
      remark = filter.begin(events.front());
      if (!remark) return false;
      if (!remark->empty()) console.say(fmt::format("{}: {}", name, *remark));
    }
    for (const Event& event : events) {
      if (event.kind() == EventKind::Sync) printer.begin_generation(event.time());
      if (filter.wants(event)) printer.append(console.out().text(), event);
    }
    return events.empty() || !filter.over(events.back());
  });
  if (!remark) return console.fail_usage(remark.error().message, "marey help events");
  if (const std::string why = filter.why_none(); status == kExitOk && !why.empty()) {
    console.say(fmt::format("{}: {}", name, why));
  }
  return status;
}

class JsonPrinter {
 public:
  void begin_generation(Time) { json_.begin_generation(); }
  void append(std::string& out, const Event& event) { json_.append(out, event); }

 private:
  exporting::EventJson json_;
};

class LinePrinter {
 public:
  explicit LinePrinter(bool stacks) : stacks_(stacks) {}

  void begin_generation(Time time) {
    // Times are shown from the trace's first event on, which is a Sync event.
    if (!line_) line_.emplace(time, stacks_);
    line_->begin_generation();
  }
  void append(std::string& out, const Event& event) { line_->append(out, event); }

 private:
  bool stacks_;
  std::optional<exporting::EventLine> line_;
};

class Counter {
 public:
  explicit Counter(EventCounts& counts) : counts_(counts) {}
  void begin_generation(Time) {}
  void append(std::string&, const Event& event) { counts_.add(event); }

 private:
  EventCounts& counts_;
};

}  // namespace

int run_events(const Options& options, Console& console) {
  if (!options.count) {
    if (options.json) return read_filtered(JsonPrinter(), options, console);
    return read_filtered(LinePrinter(options.stacks), options, console);
  }
  if (Filter(options).all()) return count_whole_trace(options, console);
  EventCounts counts;
  const int status = read_filtered(Counter(counts), options, console);
  print_totals(counts, options, console);
  return status;
}

}  // namespace marey::cli
