// SPDX-License-Identifier: Apache-2.0
#include "src/order/generation.h"

#include <unordered_map>
#include <utility>

namespace marey::order {

Result<Generation> prepare(wire::GenerationLayout layout, std::span<const std::byte> trace,
                           std::uint64_t trace_offset, double fallback_nanoseconds_per_tick,
                           std::shared_ptr<wire::NameTable> names, Health* health) {
  auto read = wire::read_tables(layout, trace, trace_offset, fallback_nanoseconds_per_tick, health);
  if (!read) return std::unexpected(std::move(read.error()));
  Generation generation;
  generation.tables = std::move(read->tables);
  generation.tables.share_names(std::move(names));
  generation.samples = std::move(read->samples);
  generation.trace = trace;
  generation.trace_offset = trace_offset;
  std::unordered_map<std::int64_t, std::size_t> place_of_thread;
  for (std::uint32_t i = 0; i < layout.batches.size(); i++) {
    const wire::BatchRef& batch = layout.batches[i];
    if (batch.kind != wire::BatchKind::Events) continue;
    const auto [it, is_new] =
        place_of_thread.try_emplace(raw(batch.thread), generation.threads.size());
    if (is_new) generation.threads.push_back({batch.thread, {}});
    generation.threads[it->second].batches.push_back(i);
  }
  generation.layout = std::move(layout);
  return generation;
}

}  // namespace marey::order
