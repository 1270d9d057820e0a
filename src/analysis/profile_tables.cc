// SPDX-License-Identifier: Apache-2.0
#include "src/analysis/profile_tables.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/format.h"

namespace marey::analysis {
namespace {

/// "[Waiting: chan receive]"; "" of profiles that do not tell states apart.
std::string state_frame(const ProfileSample& sample) {
  if (sample.state.empty()) return {};
  if (sample.reason.empty()) return fmt::format("[{}]", sample.state);
  return fmt::format("[{}: {}]", sample.state, sample.reason);
}

std::string_view name_of(const ProfileSample::Frame& frame) {
  return frame.function.empty() ? "?" : frame.function;
}

double percent(Duration part, Duration whole) {
  return whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : table::kNoReal;
}

Duration total_of(std::span<const ProfileSample> samples) {
  Duration total = 0;
  for (const ProfileSample& sample : samples) accumulate(total, sample.time);
  return total;
}

/// " In all 1.5s, 300 times, innermost in 20 functions."; "" of nothing.
std::string totals(std::span<const ProfileSample> samples) {
  if (samples.empty()) return {};
  std::int64_t count = 0;
  boost::unordered_flat_set<std::string_view> functions;
  for (const ProfileSample& sample : samples) {
    count += static_cast<std::int64_t>(sample.count);
    if (!sample.stack.empty()) functions.insert(name_of(sample.stack.front()));
  }
  const auto text = [](std::int64_t number, std::string_view one) {
    return fmt::format("{} {}{}", base::format_count(number), one, number == 1 ? "" : "s");
  };
  return fmt::format(" In all {}, {}, innermost in {}.", base::format_duration(total_of(samples)),
                     text(count, "time"),
                     text(static_cast<std::int64_t>(functions.size()), "function"));
}

/// A call and what it calls.
struct Node {
  Duration time = 0;
  Duration self = 0;
  std::map<std::string, std::unique_ptr<Node>, std::less<>> calls;

  Node& call(std::string_view name) {
    const auto it = calls.find(name);
    if (it != calls.end()) return *it->second;
    return *calls.emplace(name, std::make_unique<Node>()).first->second;
  }
};

}  // namespace

table::Table profile_top(std::span<const ProfileSample> samples) {
  struct Sum {
    Duration self = 0;
    Duration total = 0;
    std::uint64_t count = 0;
    const ProfileSample* greatest = nullptr;  // that has it innermost
  };
  std::map<std::string_view, Sum> functions;
  boost::unordered_flat_set<std::string_view> met;
  // The samples come with the greatest first.
  for (const ProfileSample& sample : samples) {
    met.clear();
    static constexpr std::string_view kNoStack = "";
    Sum& leaf = functions[sample.stack.empty() ? kNoStack : name_of(sample.stack.front())];
    accumulate(leaf.self, sample.time);
    leaf.count += sample.count;
    if (leaf.greatest == nullptr) leaf.greatest = &sample;
    if (sample.stack.empty()) accumulate(leaf.total, sample.time);
    for (const ProfileSample::Frame& frame : sample.stack) {
      if (met.insert(name_of(frame)).second) {
        accumulate(functions[name_of(frame)].total, sample.time);
      }
    }
  }
  table::Table table("top", "Functions",
                     "Where the time is, by function, the one with the most time innermost in the "
                     "stack first." +
                         totals(samples));
  const auto self = table.add_duration("self", "Self", "Time with the function innermost.");
  const auto self_share = table.add_percent("self_share", "Self %", "The part of all time.");
  const auto total = table.add_duration("total", "Total", "Time with the function in the stack.");
  const auto total_share = table.add_percent("total_share", "Total %", "The part of all time.");
  const auto count =
      table.add_count("count", "Count", "How many times, with the function innermost.");
  const auto function = table.add_text("function", "Function",
                                       "The function; '-': the trace has no stack; '?': its names "
                                       "are lost.");
  const Duration all = total_of(samples);
  for (const auto& [name, sum] : functions) {
    auto row = table.add_row();
    row.set(self, sum.self)
        .set(self_share, percent(sum.self, all))
        .set(total, sum.total)
        .set(total_share, percent(sum.total, all))
        .set(count, sum.count)
        .set(function, name);
    if (sum.greatest != nullptr && !sum.greatest->stack.empty())
      row.stack(text_of(sum.greatest->stack));
  }
  table.sort_by(total, table::Order::Descending);
  table.sort_by(self, table::Order::Descending);
  return table;
}

table::Table profile_tree(std::span<const ProfileSample> samples, double least_share) {
  Node root;
  for (const ProfileSample& sample : samples) {
    Node* node = &root;
    accumulate(node->time, sample.time);
    const auto descend = [&](std::string_view name) {
      node = &node->call(name);
      accumulate(node->time, sample.time);
    };
    if (sample.stack.empty()) descend("-");
    for (auto frame = sample.stack.rbegin(); frame != sample.stack.rend(); ++frame) {
      descend(name_of(*frame));
    }
    if (const std::string state = state_frame(sample); !state.empty()) descend(state);
    accumulate(node->self, sample.time);
  }
  table::Table table("tree", "Calls",
                     fmt::format("Where the time is, from the outermost call to the innermost, the "
                                 "most time first; what takes less than {} % is left out.{}",
                                 100 * least_share, totals(samples)));
  const auto total = table.add_duration("total", "Total", "Time of the call and what it calls.");
  const auto share = table.add_percent("total_share", "Total %", "The part of all time.");
  const auto self = table.add_duration("self", "Self", "Time of the call alone.");
  const auto depth = table.add_int("depth", "Depth", "How many calls are around it.");
  const auto function =
      table.add_text("function", "Function", "The function, below its caller; '-': no stack.");
  const auto least = static_cast<Duration>(least_share * static_cast<double>(total_of(samples)));
  const auto add = [&](auto& add_calls, const Node& node, int level) -> void {
    std::vector<std::pair<std::string_view, const Node*>> calls;
    for (const auto& [name, call] : node.calls) {
      if (call->time >= least) calls.emplace_back(name, call.get());
    }
    std::ranges::stable_sort(calls, std::ranges::greater{},
                             [](const auto& call) { return call.second->time; });
    for (const auto& [name, call] : calls) {
      table.add_row()
          .set(total, call->time)
          .set(share, percent(call->time, root.time))
          .set(self, call->self)
          .set(depth, level)
          .set(function, fmt::format("{:{}}{}", "", 2 * level, name));
      add_calls(add_calls, *call, level + 1);
    }
  };
  add(add, root, 0);
  return table;
}

std::string folded_stacks(std::span<const ProfileSample> samples) {
  std::map<std::string, Duration> lines;
  for (const ProfileSample& sample : samples) {
    std::string line;
    const auto append = [&line](std::string_view name) {
      if (!line.empty()) line += ';';
      // What separates frames may not stand in one.
      for (const char c : name) line += c == ';' || c == '\n' ? ':' : c;
    };
    if (sample.stack.empty()) append("-");
    for (auto frame = sample.stack.rbegin(); frame != sample.stack.rend(); ++frame) {
      append(name_of(*frame));
    }
    if (const std::string state = state_frame(sample); !state.empty()) append(state);
    accumulate(lines[line], sample.time);
  }
  std::string out;
  for (const auto& [line, time] : lines)
    fmt::format_to(std::back_inserter(out), "{} {}\n", line, time);
  return out;
}

}  // namespace marey::analysis
