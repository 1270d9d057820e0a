// SPDX-License-Identifier: Apache-2.0
// make_trace OUT MB: a valid trace of about MB megabytes, of a simulated busy server. What `make
// bench` measures where there is no Go to make real ones. The same MB always gives the same bytes.

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <span>

#include "src/simulation/random_trace.h"

namespace {

using marey::Result;

/// About a second of a busy program.
constexpr std::uint64_t kEventsPerGeneration = 2'000'000;

marey::simulation::RandomTraceOptions options(std::uint64_t generations, std::uint64_t events) {
  return {.workload = marey::simulation::RandomWorkload::Server,
          .generations = generations,
          .events_per_generation = events,
          .procs = 8,
          .threads = 16,
          .goroutines = 2000};
}

int fail(const char* what, const char* why) {
  std::fprintf(stderr, "make_trace: %s: %s\n", what, why);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t megabytes = 0;
  if (argc == 3) std::from_chars(argv[2], argv[2] + std::strlen(argv[2]), megabytes);
  if (megabytes == 0) {
    std::fputs("usage: make_trace OUT MB\n", stderr);
    return 2;
  }

  // How long an event is, from a small trial.
  constexpr std::uint64_t kTrial = 100'000;
  std::uint64_t trial_bytes = 0;
  const auto count = [&](std::span<const std::byte> bytes) -> Result<void> {
    trial_bytes += bytes.size();
    return {};
  };
  if (auto done = marey::simulation::write_random_trace(options(1, kTrial), count); !done) {
    return fail("trial", done.error().message.c_str());
  }
  const std::uint64_t events = megabytes * 1'000'000 * kTrial / trial_bytes;
  const std::uint64_t generations = 1 + events / kEventsPerGeneration;

  std::FILE* file = std::fopen(argv[1], "wb");
  if (file == nullptr) return fail(argv[1], std::strerror(errno));
  const auto write = [&](std::span<const std::byte> bytes) -> Result<void> {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size()) return {};
    return std::unexpected(marey::Error{marey::ErrorKind::System, std::strerror(errno)});
  };
  const auto done =
      marey::simulation::write_random_trace(options(generations, events / generations), write);
  const bool closed = std::fclose(file) == 0;
  if (!done) return fail(argv[1], done.error().message.c_str());
  return closed ? 0 : fail(argv[1], std::strerror(errno));
}
