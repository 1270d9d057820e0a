// SPDX-License-Identifier: Apache-2.0
#include "src/cli/memory_limit.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <pthread.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <unistd.h>

#include "src/base/format.h"
#include "src/cli/command.h"
#include "src/cli/reading.h"

namespace marey::cli {
namespace {

/// Written before other threads begin, for fail_for_memory(), which must not ask for memory.
std::string message_of_limit;
std::atomic<bool> limited = false;

/// Addresses that a new thread's stack takes from now on: far more than our threads use, and little
/// enough that what a stack does not use makes no great difference to the limit.
void shrink_stacks() {
  constexpr std::size_t kStackSize = 512 << 10;
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return;
  std::size_t size = 0;
  ::pthread_attr_getstacksize(&attributes, &size);
  if (size > kStackSize && ::pthread_attr_setstacksize(&attributes, kStackSize) == 0) {
    ::pthread_setattr_default_np(&attributes);
  }
  ::pthread_attr_destroy(&attributes);
}

}  // namespace

std::string too_little_memory(const Options& options, bool threads) {
  std::string text = fmt::format("more than the {} of memory that --memory allows; allow more",
                                 base::format_bytes(options.memory));
  if (threads) text += ", or use fewer --threads";
  if (display_name(options.operands.back()) == kStandardInput) {
    text += ", or name an uncompressed file in place of '-', which takes none";
  }
  return text;
}

void limit_memory(const Options& options, bool threads) {
  // Of the first thread's stack, which does not count for the system.
  constexpr std::uint64_t kStack = 256 << 10;
  shrink_stacks();
  rlimit limit{};
  if (::getrlimit(RLIMIT_DATA, &limit) != 0) return;
  // What is private and writable, touched or not, and what is in use already among it.
  const std::uint64_t most = options.memory - std::min(kStack, options.memory / 2);
  if (most >= limit.rlim_cur) return;
  limit.rlim_cur = most;
  message_of_limit =
      fmt::format("marey: {}: this takes {}\n", display_name(options.operands.back()),
                  too_little_memory(options, threads));
  limited = ::setrlimit(RLIMIT_DATA, &limit) == 0;
}

void fail_for_memory() {
  static constexpr std::string_view kSystem = "marey: the system has no more memory to give\n";
  const std::string_view message = limited ? std::string_view(message_of_limit) : kSystem;
  [[maybe_unused]] const ssize_t count = ::write(STDERR_FILENO, message.data(), message.size());
  std::_Exit(kExitFailure);
}

}  // namespace marey::cli
