// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/profile.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "src/analysis/telling_frame.h"

namespace marey::analysis {
namespace {

GoState state_of(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::Net:
    case ProfileKind::Sync: return GoState::Waiting;
    case ProfileKind::Syscall: return GoState::Syscall;
    case ProfileKind::Sched: return GoState::Runnable;
  }
  return GoState::Waiting;
}

struct Words {
  const char* id;
  const char* title;
  const char* help;
};

Words words_of(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::Net:
      return {"net", "Waiting for the network",
              "Finished waits for the network, by where they began, the runtime's own last; as "
              "`-pprof=net` counts."};
    case ProfileKind::Sync:
      return {
          "sync", "Blocked on channels and locks",
          "Finished waits for channels, locks and select, by where they began, the runtime's own "
          "last; as `-pprof=sync` counts."};
    case ProfileKind::Syscall:
      return {"syscall", "In system calls",
              "Finished system calls, by where they began, the runtime's own last; as "
              "`-pprof=syscall` counts."};
    case ProfileKind::Sched: break;
  }
  return {"sched", "Waiting to run",
          "Time that goroutines were runnable, by the call that made them so ('-': a timer, the "
          "network or the runtime did, or the stack is lost), the runtime's own last. As "
          "`-pprof=sched` counts: without the waits before a goroutine first ran, which are in "
          "Scheduler latency."};
}

}  // namespace

std::optional<ProfileKind> profile_kind(std::string_view name) {
  if (name == "net") return ProfileKind::Net;
  if (name == "sync") return ProfileKind::Sync;
  if (name == "syscall") return ProfileKind::Syscall;
  if (name == "sched") return ProfileKind::Sched;
  return std::nullopt;
}

Interests Profile::interests() const {
  Interests interests;
  interests.states = {state_of(kind_)};
  return interests;
}

bool Profile::wants(Text reason) {
  return wait_kinds_[reason] == (kind_ == ProfileKind::Net ? WaitKind::Network : WaitKind::Sync);
}

void Profile::intervals(std::span<const Interval> intervals, const GoroutineTable&) {
  const GoState state = state_of(kind_);
  const bool all_reasons = kind_ == ProfileKind::Syscall || kind_ == ProfileKind::Sched;
  for (const Interval& interval : intervals) {
    if (interval.state == GoState::NotExist) end_life(interval);
    if (interval.state != state) continue;
    if (interval.is_guess()) continue;
    if (interval.end_edge != Edge::Seen && interval.end_edge != Edge::Range) continue;
    if (interval.end <= interval.seen || (!all_reasons && !wants(interval.reason))) continue;
    const Sum sum{1, elapsed(interval.seen, interval.end), interval.end};
    const bool counts = interval.ran != Ran::Later;
    if (interval.older || interval.callback) {
      open_.at(interval.slot, std::uint64_t{raw(interval.stack)} << 1 | (counts ? 1 : 0)).add(sum);
    } else if (counts) {
      sums_.at(interval.stack).add(sum);
    }
  }
}

void Profile::end_life(const Interval& life) {
  std::vector<Stay> stays;
  open_.take(life.slot, [&](std::uint64_t key, const Sum& sum) {
    stays.push_back({StackNumber{static_cast<std::uint32_t>(key >> 1)}, sum, (key & 1) != 0});
  });
  if (!life.callback) {
    for (const Stay& stay : stays) {
      if (stay.counts) sums_.at(stay.stack).add(stay.sum);
    }
    return;
  }
  Callbacks& callbacks = callbacks_[life.goroutine];
  for (const Stay& stay : stays) callbacks.all[stay.stack].add(stay.sum);
  if (callbacks.last_end > life.end) return;
  callbacks.last = std::move(stays);
  callbacks.last_end = life.end;
  callbacks.last_ran = life.ran != Ran::Never;
}

void Profile::merge(Analysis& next, const SlotMap& slots) {
  auto& other = static_cast<Profile&>(next);
  sums_.add(other.sums_);
  other.open_.for_each(
      slots, [&](Slot slot, std::uint64_t key, const Sum& sum) { open_.at(slot, key).add(sum); });
  for (auto& [goroutine, later] : other.callbacks_) {
    Callbacks& callbacks = callbacks_[goroutine];
    for (const auto& [stack, sum] : callbacks.all) later.all[stack].add(sum);
    callbacks = std::move(later);
  }
}

std::vector<ProfileSample> Profile::samples() const {
  Sums all = sums_;
  for (const auto& [goroutine, callbacks] : callbacks_) {
    if (!callbacks.last_ran) {
      for (const auto& [stack, sum] : callbacks.all) all.at(stack).add(sum);
      continue;
    }
    for (const Stay& stay : callbacks.last) {
      if (stay.counts) all.at(stay.stack).add(stay.sum);
    }
  }
  // Go tells stacks apart by their program counters, as if there were a row of zeros behind each,
  // and shows the frames of the stack that it met last.
  struct Group {
    ProfileSample sample;
    Time last = 0;
  };
  std::map<std::vector<std::uint64_t>, Group> groups;
  for (std::size_t i = 0; i < all.of.size(); i++) {
    const Sum& sum = all.of[i];
    if (sum.count == 0) continue;
    std::vector<ProfileSample::Frame> stack =
        profile_stack(vocabulary_, StackNumber{static_cast<std::uint32_t>(i)});
    std::vector<std::uint64_t> pcs;
    pcs.reserve(stack.size());
    for (const ProfileSample::Frame& frame : stack) pcs.push_back(frame.pc);
    while (!pcs.empty() && pcs.back() == 0) pcs.pop_back();
    Group& group = groups[std::move(pcs)];
    if (group.sample.count == 0 || sum.last > group.last ||
        (sum.last == group.last && text_of(stack) < text_of(group.sample.stack))) {
      group.sample.stack = std::move(stack);
      group.last = sum.last;
    }
    group.sample.count += sum.count;
    accumulate(group.sample.time, sum.delay);
  }
  std::vector<ProfileSample> samples;
  samples.reserve(groups.size());
  for (auto& [pcs, group] : groups) samples.push_back(std::move(group.sample));
  std::ranges::stable_sort(samples, std::ranges::greater{}, &ProfileSample::time);
  return samples;
}

void Profile::finish(const TraceContext&, Findings& findings) {
  const Words words = words_of(kind_);
  table::Table table(words.id, words.title, words.help);
  const auto total = table.add_duration("total", "Total", "Time in all.");
  const auto count = table.add_count("count", "Count", "How many times.");
  const auto function = table.add_text("function", "Function",
                                       "The innermost one outside Go's standard library, else the "
                                       "outermost; '-': no stack.");
  const auto place = table.add_path("place", "Place", "File and line.");
  const auto stacks = table.add_count(
      "stacks", "Stacks", "How many stacks this is; the evidence is the one with the most time.");

  struct Row {
    Duration delay = 0;
    std::uint64_t count = 0;
    std::uint64_t stacks = 0;
    std::size_t greatest = 0;  // of the samples
  };
  // The samples come with the greatest first, and so do the rows' first samples.
  const std::vector<ProfileSample> all = samples();
  std::map<std::pair<std::string_view, std::string>, Row> rows;
  for (std::size_t i = 0; i < all.size(); i++) {
    const auto frame = telling_frame(all[i].stack, std::mem_fn(&ProfileSample::Frame::function));
    std::pair<std::string_view, std::string> where;
    if (frame != all[i].stack.end()) {
      where.first = frame->function;
      // Where the strings are lost, a line alone says nothing.
      if (!frame->file.empty()) where.second = fmt::format("{}:{}", frame->file, frame->line);
    }
    Row& row = rows[std::move(where)];
    if (row.stacks++ == 0) row.greatest = i;
    accumulate(row.delay, all[i].time);
    row.count += all[i].count;
  }
  for (const auto& [where, row] : rows) {
    auto cells = table.add_row();
    cells.set(total, row.delay)
        .set(count, row.count)
        .set(function, where.first)
        .set(place, where.second)
        .set(stacks, row.stacks);
    const std::string stack = text_of(all[row.greatest].stack);
    if (!stack.empty()) cells.stack(stack);
  }
  table.sort_by(total, table::Order::Descending);
  table.put_last(function, is_of_runtime);
  findings.tables.push_back(std::move(table));
}

}  // namespace marey::analysis
