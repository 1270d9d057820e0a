// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <initializer_list>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "marey/event.h"

#include "src/analysis/analysis_fold.h"
#include "src/order/record.h"
#include "src/wire/event_types.h"
#include "src/wire/tables.h"

/// For tests only: traces written by hand, and an analysis that keeps all that it is fed.
namespace marey::analysis {

/// One generation of a trace, event by event. Times are given, everything else goes where it must.
class TestTrace {
 public:
  using Record = Event::Record;
  using Type = wire::EventType;

  std::uint64_t string(std::string_view text) {
    if (text.empty()) return 0;
    for (std::size_t i = 0; i < strings_.size(); i++) {
      if (strings_[i] == text) return i + 1;
    }
    strings_.emplace_back(text);
    tables_->add_owned_string(StringID{strings_.size()}, std::string(text));
    return strings_.size();
  }
  /// A stack of these functions, leaf first; each function has its own program counter.
  std::uint64_t stack(std::initializer_list<std::string_view> functions) {
    if (functions.size() == 0) return 0;
    std::vector<std::uint32_t> frames;
    for (const std::string_view function : functions) {
      const std::uint64_t number = string(function);
      frames.push_back(
          tables_->add_frame({0x1000 + number, StringID{number}, StringID{string("file.go")}, 7}));
    }
    tables_->add_stack(StackID{++stacks_}, frames);
    return stacks_;
  }

  TestTrace& sync(Time time, std::uint64_t number = 1) {
    add(time, {}, {number});
    records_.back().type = order::kSyncType;
    return *this;
  }
  /// The last event was guessed.
  TestTrace& guessed() {
    records_.back().guessed = true;
    return *this;
  }
  /// Says that `g` is in the state `to`, and before was in `from`.
  TestTrace& status(Time time, std::int64_t g, GoState from, GoState to, std::int64_t p = -1) {
    wire::GoStatus status = wire::GoStatus::Waiting;
    if (to == GoState::Runnable) status = wire::GoStatus::Runnable;
    if (to == GoState::Running) status = wire::GoStatus::Running;
    if (to == GoState::Syscall) status = wire::GoStatus::Syscall;
    return add(
        time, {-1, p},
        {id(g), 0, static_cast<std::uint64_t>(from) << 32 | static_cast<std::uint64_t>(status)},
        Type::GoStatus);
  }
  TestTrace& restate(Time time, std::int64_t g, GoState state) {
    return status(time, g, state, state);
  }
  TestTrace& create(Time time, std::int64_t by, std::int64_t g, std::string_view function) {
    return add(time, {by, 0}, {id(g), stack({function}), stack({"go", "main"})}, Type::GoCreate);
  }
  TestTrace& create_callback(Time time, std::int64_t g) {
    return add(time, {-1, -1}, {id(g)}, Type::GoCreateSyscall);
  }
  TestTrace& start(Time time, std::int64_t g, std::int64_t p = 0) {
    return add(time, {-1, p}, {id(g)}, Type::GoStart);
  }
  TestTrace& stop(Time time, std::int64_t g, std::string_view reason = "preempted") {
    return add(time, {g, 0}, {string(reason), stack({"work", "start"})}, Type::GoStop);
  }
  TestTrace& block(Time time, std::int64_t g, std::string_view reason,
                   std::string_view function = "wait") {
    return add(time, {g, 0}, {string(reason), stack({function, "start"})}, Type::GoBlock);
  }
  TestTrace& unblock(Time time, std::int64_t by, std::int64_t g) {
    return add(time, {by, 0}, {id(g), 0, stack({"wake", "main"})}, Type::GoUnblock);
  }
  TestTrace& syscall(Time time, std::int64_t g, std::int64_t p = 0) {
    return add(time, {g, p}, {0, stack({"read", "start"})}, Type::GoSyscallBegin);
  }
  TestTrace& syscall_end(Time time, std::int64_t g, std::int64_t p = 0) {
    return add(time, {g, p}, {}, Type::GoSyscallEnd);
  }
  TestTrace& syscall_end_blocked(Time time, std::int64_t g) {
    return add(time, {g, -1}, {}, Type::GoSyscallEndBlocked);
  }
  TestTrace& destroy(Time time, std::int64_t g) { return add(time, {g, 0}, {}, Type::GoDestroy); }
  TestTrace& destroy_syscall(Time time, std::int64_t g) {
    return add(time, {g, -1}, {}, Type::GoDestroySyscall);
  }
  TestTrace& proc_status(Time time, std::int64_t p, ProcState from, wire::ProcStatus to) {
    return add(time, {-1, p},
               {id(p), static_cast<std::uint64_t>(to), static_cast<std::uint64_t>(from)},
               Type::ProcStatus);
  }
  TestTrace& proc_start(Time time, std::int64_t p) {
    return add(time, {-1, -1}, {id(p)}, Type::ProcStart);
  }
  TestTrace& proc_stop(Time time, std::int64_t p) { return add(time, {-1, p}, {}, Type::ProcStop); }
  TestTrace& proc_steal(Time time, std::int64_t p) {
    return add(time, {-1, -1}, {id(p), 0, 0, static_cast<std::uint64_t>(wire::ProcStatus::Syscall)},
               Type::ProcSteal);
  }
  TestTrace& assist(Time time, std::int64_t g, std::int64_t p = 0) {
    return add(time, {g, p}, {0}, Type::GCMarkAssistBegin);
  }
  TestTrace& assist_end(Time time, std::int64_t g, std::int64_t p = 0) {
    return add(time, {g, p}, {}, Type::GCMarkAssistEnd);
  }
  TestTrace& label(Time time, std::int64_t g, std::int64_t p, std::string_view label) {
    return add(time, {g, p}, {string(label)}, Type::GoLabel);
  }
  TestTrace& stop_the_world(Time time, std::int64_t g, std::string_view kind) {
    return add(time, {g, 0}, {string(kind), stack({"stopTheWorld", "main"})}, Type::STWBegin);
  }
  TestTrace& start_the_world(Time time, std::int64_t g, std::string_view kind) {
    return add(time, {g, 0}, {string(kind)}, Type::STWEnd);
  }
  /// Any other event.
  TestTrace& event(Time time, Type type, std::int64_t g = -1, std::int64_t p = -1,
                   std::array<std::uint64_t, 4> args = {}) {
    return add(time, {g, p}, args, type);
  }

  std::span<const Record> records() const { return records_; }
  const wire::Tables& tables() const { return *tables_; }

 private:
  struct Context {
    std::int64_t g = -1;
    std::int64_t p = -1;
  };
  static std::uint64_t id(std::int64_t number) { return static_cast<std::uint64_t>(number); }

  TestTrace& add(Time time, Context context, std::array<std::uint64_t, 4> args,
                 Type type = Type::None) {
    records_.push_back({time, GoID{context.g}, ProcID{context.p}, ThreadID{100 + context.p}, args,
                        tables_.get(), order::type_number(type)});
    return *this;
  }

  std::unique_ptr<wire::Tables> tables_ = std::make_unique<wire::Tables>();
  std::vector<std::string> strings_;
  std::uint64_t stacks_ = 0;
  std::vector<Record> records_;
};

/// Keeps everything. Numbers are made texts, so that what two passes found can be compared.
class Recorder final : public Analysis {
 public:
  explicit Recorder(const Vocabulary& vocabulary) : vocabulary_(&vocabulary) {}

  Interests interests() const override {
    Interests interests;
    using enum GoState;
    interests.states = {NotExist, Runnable, Running, Waiting, Syscall};
    interests.roots = true;
    interests.proc_lost = true;
    interests.stacks = true;
    interests.procs = true;
    interests.ranges = true;
    interests.threads = true;
    interests.collector = true;
    interests.events.set(order::type_number(wire::EventType::UserLog));
    return interests;
  }
  void intervals(std::span<const Interval> intervals, const GoroutineTable& goroutines) override {
    for (const Interval& interval : intervals) {
      if (interval.state == GoState::NotExist) {
        roots.emplace_back(interval.goroutine, interval.start,
                           vocabulary_->function_of(goroutines.at(interval.slot).root.frame));
        lives.push_back(interval);
      } else {
        stays.push_back(interval);
      }
    }
  }
  void procs(std::span<const ProcInterval> more) override {
    proc_intervals.insert(proc_intervals.end(), more.begin(), more.end());
  }
  void ranges(std::span<const RangeInterval> more) override {
    range_intervals.insert(range_intervals.end(), more.begin(), more.end());
  }
  void collector(std::span<const CollectorInterval> more) override {
    collector_intervals.insert(collector_intervals.end(), more.begin(), more.end());
  }
  void events(std::span<const Event::Record* const> events, Translation&) override {
    event_count += events.size();
  }
  void merge(Analysis& next, const SlotMap&) override {
    auto& other = static_cast<Recorder&>(next);
    const auto append = [](auto& to, auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(stays, other.stays);
    append(lives, other.lives);
    append(roots, other.roots);
    append(proc_intervals, other.proc_intervals);
    append(range_intervals, other.range_intervals);
    append(collector_intervals, other.collector_intervals);
    event_count += other.event_count;
  }
  /// Sorts by what does not depend on where the trace was cut.
  void finish(const TraceContext&, Findings&) override {
    const auto by_start = [](const auto& a, const auto& b) {
      return std::tuple(raw(a.goroutine), a.start, a.end) <
             std::tuple(raw(b.goroutine), b.start, b.end);
    };
    std::ranges::sort(stays, by_start);
    std::ranges::sort(lives, by_start);
    std::ranges::sort(roots);
    std::ranges::sort(proc_intervals, {},
                      [](const ProcInterval& p) { return std::tuple(p.proc, p.start, p.end); });
    std::ranges::sort(range_intervals, {}, [](const RangeInterval& r) {
      return std::tuple(static_cast<int>(r.kind), raw(r.goroutine), r.proc, r.start, r.end);
    });
    std::ranges::sort(collector_intervals, {}, [](const CollectorInterval& c) {
      return std::tuple(c.start, c.proc, raw(c.goroutine), c.end);
    });
  }

  std::string text_of(const Interval& i) const {
    std::string line =
        fmt::format("g{} {} {}{}..{}{}", raw(i.goroutine),
                    i.state == GoState::NotExist ? std::string_view("life") : name_of(i.state),
                    i.start, mark(i.start_edge), i.end, mark(i.end_edge));
    if (i.seen != i.start) line += fmt::format(" seen {}", i.seen);
    if (i.reason != Text::Empty) line += fmt::format(" '{}'", vocabulary_->of(i.reason));
    if (i.proc_lost != kNever) line += fmt::format(" lost {}", i.proc_lost);
    if (i.ran != Ran::Before) line += i.ran == Ran::Later ? " later" : " never";
    if (i.callback) line += " callback";
    return line;
  }
  /// All that there is, for comparing.
  std::string full_text_of(const Interval& i) const {
    const bool has_own = i.state != GoState::Running;
    return fmt::format("{} | {} {} {} {} {} at {} -> {} {} {} {} {}", text_of(i), raw(i.start_by),
                       raw(i.start_thread), raw(i.start_proc), static_cast<int>(i.start_event),
                       vocabulary_->text_of(i.stack),
                       has_own ? vocabulary_->text_of(i.own_stack) : "", raw(i.end_by),
                       raw(i.end_thread), raw(i.end_proc), static_cast<int>(i.end_event),
                       vocabulary_->text_of(i.end_stack));
  }
  std::string text_of(const RangeInterval& r) const {
    constexpr std::array<std::string_view, 4> kKinds{"mark", "assist", "sweep", "stop"};
    return fmt::format("{} g{} p{} {}{}..{}{}{}{}", kKinds[static_cast<std::size_t>(r.kind)],
                       raw(r.goroutine), r.proc, r.start, mark(r.start_edge), r.end,
                       mark(r.end_edge), r.name == Text::Empty ? "" : " ", vocabulary_->of(r.name));
  }
  std::string text_of(const CollectorInterval& c) const {
    constexpr std::array<std::string_view, 3> kWorks{"assist", "dedicated", "background"};
    return fmt::format("{} g{} p{} {}{}..{}{}", kWorks[static_cast<std::size_t>(c.work)],
                       raw(c.goroutine), c.proc, c.start, mark(c.start_edge), c.end,
                       mark(c.end_edge));
  }
  std::string text_of(const ProcInterval& p) const {
    return fmt::format("p{} {}{}..{}{}", p.proc, p.start, mark(p.start_edge), p.end,
                       mark(p.end_edge));
  }
  std::vector<std::string> stay_texts() const {
    std::vector<std::string> texts;
    for (const Interval& stay : stays) texts.push_back(text_of(stay));
    return texts;
  }
  /// All of it, a line each.
  std::string text() const {
    std::string text;
    for (const Interval& stay : stays) text += full_text_of(stay) + '\n';
    for (const Interval& life : lives) text += full_text_of(life) + '\n';
    for (const auto& [goroutine, start, root] : roots) {
      text += fmt::format("g{} {} {}\n", raw(goroutine), start, root);
    }
    for (const ProcInterval& proc : proc_intervals) text += text_of(proc) + '\n';
    for (const RangeInterval& range : range_intervals) text += text_of(range) + '\n';
    for (const CollectorInterval& work : collector_intervals) text += text_of(work) + '\n';
    return text + fmt::format("{} events\n", event_count);
  }

  std::vector<Interval> stays;
  std::vector<Interval> lives;
  std::vector<std::tuple<GoID, Time, std::string_view>> roots;
  std::vector<ProcInterval> proc_intervals;
  std::vector<RangeInterval> range_intervals;
  std::vector<CollectorInterval> collector_intervals;
  std::size_t event_count = 0;

 private:
  static std::string_view mark(Edge edge) {
    constexpr std::array<std::string_view, 6> kMarks{"", "~", "|", "^", "!", "?"};
    return kMarks[static_cast<std::size_t>(edge)];
  }

  const Vocabulary* vocabulary_;
};

/// A piece of a trace to be folded.
struct TestPiece {
  std::span<const Event::Record> records;
  const wire::Tables* tables;
  std::uint64_t generation;
};

/// The pieces, folded each on its own and merged. Pieces are merged from the left, or with `seed`
/// in random order.
inline std::unique_ptr<AnalysisFold> fold_pieces(const AnalysisFolds& folds,
                                                 std::span<const TestPiece> pieces,
                                                 unsigned seed = 0) {
  std::vector<std::unique_ptr<index::Fold>> parts;
  for (const TestPiece& piece : pieces) {
    parts.push_back(folds.make());
    parts.back()->begin(*piece.tables, piece.generation);
    parts.back()->events(piece.records);
    parts.back()->end(piece.records.empty() ? 0 : piece.records.back().time);
  }
  std::mt19937 random(seed);
  while (parts.size() > 1) {
    const std::size_t i = seed == 0 ? 0 : random() % (parts.size() - 1);
    parts[i]->merge(*parts[i + 1]);
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  return std::unique_ptr<AnalysisFold>(static_cast<AnalysisFold*>(parts.front().release()));
}

inline AnalysisFolds recorder_folds() {
  return AnalysisFolds([](const Vocabulary& vocabulary) {
    std::vector<std::unique_ptr<Analysis>> analyses;
    analyses.push_back(std::make_unique<Recorder>(vocabulary));
    return analyses;
  });
}

/// Ends the trace and gives what the recorder has.
inline Recorder& finish_recorder(AnalysisFold& fold, Time end, Time known_until = kNever) {
  fold.finish(Ending(end, known_until));
  auto& recorder = static_cast<Recorder&>(*fold.analyses().front());
  Findings findings;
  recorder.finish({0, end, fold.vocabulary()}, findings);
  return recorder;
}

}  // namespace marey::analysis
