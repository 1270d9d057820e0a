// SPDX-License-Identifier: Apache-2.0
#include "src/index/pass.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/format.h"
#include "src/base/thread.h"
#include "src/base/wrapping.h"
#include "src/index/commit.h"
#include "src/index/fold_thread.h"
#include "src/index/generation_pass.h"
#include "src/order/record.h"
#include "src/order/v1/v1_trace.h"
#include "src/trace/chain.h"
#include "src/trace/clock.h"

// How a pass works side by side.
//
// A generation can only be ordered for certain when the state in which the one before ended is
// known. But each generation restates all statuses, so workers order generations on their own
// ("derived" runs), noting what they assume; the pass then takes the results in the trace's order,
// checks the assumptions against the true state (commit.h), and where they fail orders that
// generation again from the true state. In a whole trace they never fail.
//
// Two things depend on the generation before even so. Its last event may be later than this one's
// first events (threads change generations one by one), whose times are then pushed behind it: so
// the events up to that time are kept apart as a prefix, timed when the true end is known, and
// folded as a part of their own. And the names of tasks that began earlier are not known: folds
// must find them by id (see fold.h).

namespace marey::index {
namespace {

using order::Scheduler;

/// Worker threads that speculate; results come back in the order of the work.
class Workers {
 public:
  Workers(std::shared_ptr<order::NameTable> names, bool strict, const FoldMaker* maker)
      : names_(std::move(names)), strict_(strict), maker_(maker) {}
  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

  enum class Stage : std::uint8_t { Waiting, Begun, Reserved };
  struct Job {
    Work work;
    Stage stage = Stage::Waiting;
    std::optional<Speculation> result;
  };

  /// Sees to it that there are `count` threads, or as many as the system gives; maybe none.
  void grow_to(std::size_t count) {
    while (threads_.size() < count) {
      auto thread = base::start_thread([this] { run(); });
      if (!thread) return;
      threads_.push_back(std::move(*thread));
    }
  }
  std::size_t waiting() const { return jobs_.size(); }

  void add(Work work) { add({std::move(work), Stage::Waiting, {}}); }
  /// Work that no worker is to do: take() gives it back as it is.
  void reserve(Work work) { add({std::move(work), Stage::Reserved, {}}); }

  /// The oldest job. It has a result, unless it was reserved or there are no threads.
  std::unique_ptr<Job> take() {
    std::unique_lock lock(mutex_);
    const Job& oldest = *jobs_.front();
    changed_.wait(
        lock, [&] { return oldest.result || oldest.stage == Stage::Reserved || threads_.empty(); });
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    return job;
  }

 private:
  void add(Job job) {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::make_unique<Job>(std::move(job)));
    changed_.notify_all();
  }
  void run() {
    for (;;) {
      Job* job = nullptr;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return closed_ || (job = next()) != nullptr; });
        if (job == nullptr) return;
        job->stage = Stage::Begun;
      }
      Speculation result = speculate(job->work, names_, strict_, maker_);
      {
        const std::lock_guard lock(mutex_);
        job->result = std::move(result);
      }
      changed_.notify_all();
    }
  }
  Job* next() {
    const auto it =
        std::ranges::find_if(jobs_, [](const auto& job) { return job->stage == Stage::Waiting; });
    return it == jobs_.end() ? nullptr : it->get();
  }

  const std::shared_ptr<order::NameTable> names_;
  const bool strict_;
  const FoldMaker* const maker_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Job>> jobs_;
  bool closed_ = false;
  std::vector<std::jthread> threads_;  // last: they end before the rest does
};

/// Blocks of events on their way into a fold: on this thread, or behind it on another.
class BlockSink {
 public:
  BlockSink(Fold& fold, bool behind) : fold_(fold) {
    if (behind) thread_.emplace(fold);
    if (thread_ && !thread_->runs()) thread_.reset();
  }
  trace::RecordBlock& block() { return thread_ ? thread_->block() : own_; }
  void push() {
    if (thread_) {
      thread_->push();
    } else {
      if (!own_.records().empty()) fold_.events(own_.records());
      own_.clear();
    }
  }
  void finish() { thread_.reset(); }

 private:
  Fold& fold_;
  trace::RecordBlock own_;
  std::optional<FoldThread> thread_;
};

/// One pass over one trace.
class Pass {
 public:
  Pass(const PassOptions& options, const FoldMaker* maker)
      : options_(options), maker_(maker), workers_(chain_.names(), options.strict, maker) {}

  Result<PassResult> run(const std::string& path);

 private:
  /// Looks for the next generation; false at the end, or where the file can be read no further.
  bool find(Work& work);
  /// Adds a generation to the result; false where (strict) the trace breaks in it.
  bool add(Work& work, std::optional<Speculation> speculation);
  bool add_oldest();
  bool commit_speculation(const Work& work, Speculation& speculation);
  bool order_from_state(Work& work, bool damaged);
  void run_v1();
  void run_v2();
  void finish();

  unsigned threads() const {
    return options_.threads != 0 ? options_.threads
                                 : std::max(1u, std::thread::hardware_concurrency());
  }
  void add_fold(std::unique_ptr<Fold> fold) {
    if (result_.fold == nullptr) {
      result_.fold = std::move(fold);
    } else {
      result_.fold->merge(*fold);
    }
  }
  void note_begin(const order::Generation& generation, Time time);
  bool fail(Error error) {
    if (!result_.error) result_.error = std::move(error);
    return false;
  }

  const PassOptions& options_;
  const FoldMaker* maker_;
  PassResult result_;
  Totals totals_;
  std::unique_ptr<trace::GenerationFeed> feed_;
  trace::Chain chain_{options_.strict};
  std::optional<trace::RawGeneration> tail_;  // of the generation that was found last
  std::optional<Error> feed_error_;
  std::optional<Error> refusal_;
  std::uint64_t memory_waiting_ = 0;  // of the generations that workers have
  double nanoseconds_per_tick_ = 0;   // of the generation added last; 0: none yet
  std::optional<Time> cut_since_;     // begin of the generation found last, if the file ends in it
  std::uint64_t syncs_ = 0;
  bool previous_damaged_ = false;
  Workers workers_;  // last: its threads end before the rest does
};

Result<PassResult> Pass::run(const std::string& path) {
  auto feed = trace::GenerationFeed::open(path, options_.strict);
  if (!feed) return std::unexpected(std::move(feed.error()));
  feed_ = std::move(*feed);
  result_.info = feed_->info();
  if (result_.info.v1) {
    run_v1();
  } else {
    run_v2();
  }
  if (refusal_) return std::unexpected(std::move(*refusal_));
  result_.known_until = cut_since_.value_or(result_.last_time);
  result_.events = totals_.events;
  result_.events_by_type = totals_.by_type;
  return std::move(result_);
}

void Pass::run_v2() {
  Work work;
  bool more = true;
  while (more && find(work)) {
    const bool is_first = result_.generations == 0 && workers_.waiting() == 0;
    const bool streams = work.raw.owner != nullptr;  // and the next one may take its time
    if (threads() == 1 || (is_first && streams)) {
      more = add(work, std::nullopt);
      continue;
    }
    const std::uint64_t memory = memory_for(work.raw.layout);
    while (more && workers_.waiting() > 0 &&
           (workers_.waiting() > threads() ||
            (options_.memory != 0 && memory_waiting_ + memory > options_.memory))) {
      more = add_oldest();
    }
    if (!more) break;
    memory_waiting_ += memory;
    // Nothing is known before the first generation: it is ordered on this thread, while the others
    // have those behind it.
    if (is_first) {
      workers_.reserve(std::exchange(work, {}));
    } else {
      workers_.grow_to(threads() - (result_.generations == 0 ? 1 : 0));
      workers_.add(std::exchange(work, {}));
    }
  }
  while (more && workers_.waiting() > 0) more = add_oldest();
  if (more) finish();
}

bool Pass::add_oldest() {
  auto job = workers_.take();
  memory_waiting_ -= memory_for(job->work.raw.layout);
  return add(job->work, std::move(job->result));
}

bool Pass::find(Work& work) {
  switch (feed_->next(work.raw)) {
    case trace::GenerationFeed::Status::Ready: break;
    case trace::GenerationFeed::Status::Error: {
      if (feed_->error().kind == ErrorKind::System) {
        refusal_ = feed_->error();
        return false;
      }
      feed_error_ = feed_->error();
      return false;
    }
    default: return false;
  }
  const std::uint64_t memory = memory_for(work.raw.layout);
  if (options_.memory != 0 && memory > options_.memory) {
    refusal_ =
        Error{ErrorKind::System,
              fmt::format("{}: the tables of generation {} take about {} of memory, more than "
                          "allowed; allow more",
                          result_.info.name, work.raw.layout.number, base::format_bytes(memory))};
    return false;
  }
  work.previous_tail =
      std::exchange(tail_, maker_ == nullptr ? std::nullopt : std::optional(tail_of(work.raw)));
  return true;
}

void Pass::note_begin(const order::Generation& generation, Time time) {
  if (syncs_ == 1) result_.first_time = time;
  if (!result_.wall_start) {
    result_.wall_start = trace::wall_time(generation.tables.sync, result_.first_time);
  }
  cut_since_ = generation.layout.whole ? std::nullopt : std::optional(time);
}

bool Pass::add(Work& work, std::optional<Speculation> speculation) {
  if (options_.progress) options_.progress(work.raw.layout.end, result_.info.bytes);
  const bool damaged = work.raw.health.damaged() || std::exchange(previous_damaged_, false);
  result_.generations++;
  if (speculation && speculation->usable && chain_.continues(work.raw.layout, damaged) &&
      commit_speculation(work, *speculation)) {
    return true;
  }
  if (speculation) result_.ordered_again++;
  return order_from_state(work, damaged);
}

bool Pass::commit_speculation(const Work& work, Speculation& speculation) {
  order::State& before = chain_.state();
  const order::Generation& generation = *speculation.generation;
  // Time the prefix; it must not reach what has been timed already.
  Time last = before.last_time;
  const auto rise = [&last](Time time) { return last = order::risen(time, last); };
  // It was ordered without knowing how long its neighbour's ticks are.
  const double tick = generation.tables.sync.nanoseconds_per_tick;
  if (!options_.strict && nanoseconds_per_tick_ != tick) return false;
  if (!options_.strict && !chain_.fits(generation)) return false;
  const Time begin = rise(generation.begin_time());
  if (maker_ == nullptr) {
    // Each event that is pushed behind `last` may be so by a nanosecond more: all of them, for all
    // that is known, unless the generation goes on long enough.
    const Time pushed = last + static_cast<Time>(speculation.totals.events);
    if (speculation.state->last_time <= pushed) return false;
  } else {
    for (Event::Record& record : speculation.prefix) record.time = rise(record.time);
    if (speculation.first_after_prefix != 0 && last >= speculation.first_after_prefix) return false;
  }
  if (!commit(before, *speculation.state, speculation.assumptions)) return false;

  speculation.state->last_time = std::max(last, speculation.state->last_time);
  chain_.advance(std::move(speculation.state), generation.layout.number);
  nanoseconds_per_tick_ = tick;
  result_.health.merge(work.raw.health);
  result_.health.merge(speculation.health);
  if (!options_.strict) {
    for (const order::EndedGoroutine& ended : speculation.assumptions.ended_goroutines) {
      order::report_unclosed_regions(ended, *chain_.names(), generation.layout.number,
                                     result_.health);
    }
  }
  totals_.merge(speculation.totals);
  totals_.add(order::kSyncType);
  syncs_++;
  note_begin(generation, begin);
  if (maker_ != nullptr) {
    auto fold = maker_->make();
    trace::RecordBlock sync;
    sync.set_tables(&generation.tables);
    sync.emit_sync(begin, syncs_);
    fold->begin(generation.tables, generation.layout.number);
    fold->events(sync.records());
    if (!speculation.prefix.empty()) fold->events(speculation.prefix);
    fold->end(last);
    add_fold(std::move(fold));
    add_fold(std::move(speculation.fold));
  }
  return true;
}

bool Pass::order_from_state(Work& work, bool damaged) {
  Health health;
  Health* const defects = options_.strict ? nullptr : &health;
  auto prepared = order::prepare(std::move(work.raw.layout), work.raw.bytes, work.raw.offset,
                                 nanoseconds_per_tick_, chain_.names(), defects);
  if (!prepared) {
    fail(std::move(prepared.error()));  // before what was found further on
    finish();
    return false;
  }
  order::Generation generation = std::move(*prepared);
  nanoseconds_per_tick_ = generation.tables.sync.nanoseconds_per_tick;
  const auto start = chain_.start(generation.layout, damaged);
  const Duration shift = chain_.shift_of(generation, defects);
  generation.tables.sync.time_shift = shift;
  order::Assumptions assumptions;
  order::Ordering ordering(generation, chain_.state(), *chain_.names(), start, defects,
                           start == Scheduler::Start::Derived ? &assumptions : nullptr, shift);
  const Time last = chain_.state().last_time;
  if (auto begun = ordering.begin(); !begun) return fail(std::move(begun.error()));
  const Time begin = ordering.rise(generation.begin_time());
  if (syncs_ > 0) trace::note_lost_time(work.raw.health, last, begin);
  result_.health.merge(work.raw.health);
  syncs_++;
  totals_.add(order::kSyncType);
  note_begin(generation, begin);

  auto outcome = order::Ordering::Outcome::Done;
  if (maker_ == nullptr) {
    CountingSink sink{totals_};
    outcome = ordering.run(sink);
  } else {
    auto fold = maker_->make();
    fold->begin(generation.tables, generation.layout.number);
    // Where the workers have something to do, they do it better than one that folds behind.
    BlockSink sink(*fold, threads() > 1 && workers_.waiting() == 0);
    sink.block().set_tables(&generation.tables);
    sink.block().emit_sync(begin, syncs_);
    const EventTypes wanted = options_.strict ? EventTypes().set() : fold->types();
    do {
      FoldSink filter(sink.block(), totals_, wanted);
      outcome = ordering.run(filter);
      sink.push();
      sink.block().set_tables(&generation.tables);
    } while (outcome == order::Ordering::Outcome::Full);
    sink.finish();
    fold->end(chain_.state().last_time);
    add_fold(std::move(fold));
  }
  previous_damaged_ = health.damaged();
  result_.health.merge(health);
  if (outcome == order::Ordering::Outcome::Broken) {
    result_.last_time = chain_.state().last_time;
    return fail({ErrorKind::Input, ordering.message()});
  }
  return true;
}

void Pass::finish() {
  // The last Sync event.
  result_.info = feed_->info();
  result_.last_time = ++chain_.state().last_time;
  totals_.add(order::kSyncType);
  if (syncs_ == 0) result_.first_time = result_.last_time;
  if (feed_error_) fail(std::move(*feed_error_));
  if (options_.strict) return;
  result_.health.merge(feed_->rest_of_health());
  if (result_.generations == 0) {
    result_.health.add(
        {Defect::EmptyTrace, result_.info.bytes, 0, 0, 0, "there is no event in the trace"});
  }
}

void Pass::run_v1() {
  std::span<const std::byte> bytes;
  if (feed_->whole_trace(bytes) == trace::GenerationFeed::Status::Error) {
    if (feed_->error().kind == ErrorKind::System) refusal_ = feed_->error();
    fail(feed_->error());
    return;
  }
  result_.info = feed_->info();
  auto opened = order::V1Trace::open(
      bytes, feed_->first_batch(), feed_->header().version,
      options_.strict ? order::Judgement::Strict : order::Judgement::Tolerant, result_.health);
  if (!opened) {
    fail(std::move(opened.error()));
    return;
  }
  std::unique_ptr<Fold> fold;
  std::optional<BlockSink> sink;
  const wire::Tables* tables = nullptr;
  const auto end_fold = [&] {
    if (fold == nullptr) return;
    sink.reset();
    fold->end(result_.last_time);
    add_fold(std::move(fold));
  };
  Event::Record record;
  bool more = opened->next(record);
  result_.first_time = record.time;
  trace::RecordBlock ignored;
  while (more) {
    // A block has events of one set of tables; each trace in a file of several has its own. The
    // last Sync event has none.
    const wire::Tables* const block_tables = record.tables;
    if (maker_ != nullptr && block_tables != nullptr && block_tables != tables) {
      end_fold();
      fold = maker_->make();
      fold->begin(*block_tables, 0);
      sink.emplace(*fold, threads() > 1);
      tables = block_tables;
    }
    const bool folded = maker_ != nullptr && block_tables != nullptr;
    trace::RecordBlock& block = folded ? sink->block() : ignored;
    block.clear();
    do {
      block.add(record);
      if (record.guessed) [[unlikely]]
        result_.health.add_guessed(1, record.time);
      totals_.add(record.type);
      result_.last_time = record.time;
      more = opened->next(record);
    } while (more && !block.full() && record.tables == block_tables);
    if (folded) sink->push();
  }
  end_fold();
  if (opened->error()) fail(*opened->error());
  result_.generations = 1;
  if (!options_.strict) result_.health.merge(feed_->rest_of_health());
}

}  // namespace

Result<PassResult> run_pass(const std::string& path, const PassOptions& options,
                            const FoldMaker& maker) {
  return Pass(options, &maker).run(path);
}

Result<PassResult> count_events(const std::string& path, const PassOptions& options) {
  return Pass(options, nullptr).run(path);
}

}  // namespace marey::index
