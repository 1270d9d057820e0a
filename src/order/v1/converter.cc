// SPDX-License-Identifier: Apache-2.0
#include "src/order/v1/converter.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "src/order/record.h"

namespace marey::order::v1 {
namespace {

using V2 = wire::EventType;
using Record = marey::Event::Record;

constexpr std::uint64_t kNoId = ~std::uint64_t{0};
constexpr ProcNumber kNoNumber = ~ProcNumber{0};
constexpr std::uint64_t kStwReasons = 17;  // of Go 1.21, the unknown one included

}  // namespace

Converter::Converter(const BatchIndex& index, const MergeResult& merged, wire::Version version,
                     Clock clock, TableBuilder& tables)
    : merged_(&merged),
      builder_(&tables),
      tables_(tables.tables()),
      clock_(clock),
      version_(version),
      procs_(index.procs.size() + 1),
      in_preface_(merged.has_preface) {
  for (std::size_t i = 0; i < index.procs.size(); i++) procs_[i].id = index.procs[i].id;
  stw_reason_ = tables.builtin(BuiltinString::StwUnknown);
  for (std::size_t i = 0; i < made_up_procs_.size(); i++) {
    const std::int32_t id = kTimerProc + static_cast<std::int32_t>(i);
    const auto proc =
        std::lower_bound(index.procs.begin(), index.procs.end(), id,
                         [](const BatchIndex::Proc& a, std::int32_t b) { return a.id < b; });
    made_up_procs_[i] = proc != index.procs.end() && proc->id == id
                            ? static_cast<ProcNumber>(proc - index.procs.begin())
                            : kNoNumber;
  }
}

ThreadID Converter::thread_of_made_up(std::int32_t proc) const {
  if (proc < kTimerProc || proc > kGCProc) return kNoThread;
  const ProcNumber number = made_up_procs_[static_cast<std::size_t>(proc - kTimerProc)];
  return number == kNoNumber ? kNoThread : procs_[number].thread;
}

void Converter::more(Record& out) {
  if (has_second_) {
    out = second_;
    has_second_ = false;
    return;
  }
  out = {};
  out.time = runnable_time_;
  out.type = type_number(V2::GoStatus);
  out.args = {runnable_.back(), kNoId, static_cast<std::uint64_t>(wire::GoStatus::Runnable)};
  out.tables = &tables_;
  runnable_.pop_back();
}

/// What is left of the goroutines created in the preface is neither running nor waiting.
void Converter::end_preface(Time time) {
  in_preface_ = false;
  runnable_time_ = time;
  runnable_.assign(created_.begin(), created_.end());
  std::sort(runnable_.begin(), runnable_.end(), std::greater<>());
  created_ = {};
}

std::uint64_t Converter::stw_reason(std::uint64_t kind) const {
  // Before Go 1.21 there were two kinds, and they are the first two of the known ones now.
  std::uint64_t reason = 0;
  if (version_ < wire::Version::Go121) {
    if (kind < 2) reason = kind + 1;
  } else if (kind < kStwReasons) {
    reason = kind;
  }
  const auto first = static_cast<std::uint64_t>(BuiltinString::StwUnknown);
  return builder_->builtin(static_cast<BuiltinString>(first + reason));
}

}  // namespace marey::order::v1
