// SPDX-License-Identifier: Apache-2.0
#include "src/cli/trace_start.h"

#include <fmt/format.h>

#include "marey/trace.h"

#include "src/base/format.h"
#include "src/trace/clock.h"
#include "src/wire/tables.h"

namespace marey::cli {

std::string place_of(Time time, Time start) {
  Duration since_start = 0;
  // Damaged traces have any times.
  if (__builtin_sub_overflow(time, start, &since_start)) since_start = 0;
  return fmt::format("{} ({} ns on its clock)", base::format_duration(since_start), time);
}

TraceStart start_of(const Event& first) {
  const wire::Tables* const tables = first.record().tables;
  if (tables == nullptr) return {first.time(), {}};
  return {first.time(), trace::wall_time(tables->sync, first.time())};
}

Result<TraceStart> read_start(const std::string& path) {
  Result<Reader> reader = Reader::open(path);
  if (!reader) return std::unexpected(std::move(reader).error());
  Event first;
  if (reader->next(first) != Reader::Status::Event) return TraceStart{};
  return start_of(first);
}

}  // namespace marey::cli
