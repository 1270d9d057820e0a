// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace marey::base {

/// A thread that runs `work`; none where the system has no more to give, which the standard library
/// tells by throwing.
template <class Work>
std::optional<std::jthread> start_thread(Work&& work) {
  try {
    return std::jthread(std::forward<Work>(work));
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

}  // namespace marey::base
