// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace marey::cli {

/// One line that tells how far a command is, at most `width` columns:
///
///     [=========>          ] 45%  270 MiB of 600 MiB  310 MiB/s  1.1s left
///
/// `total` 0 is unknown: "270 MiB  310 MiB/s". `done` 0, too: "at work for 3s", which tells at
/// least that something goes on.
std::string progress_line(std::uint64_t done, std::uint64_t total,
                          std::chrono::steady_clock::duration elapsed, std::size_t width);

/// That line on standard error, kept up to date if it is a terminal and the work takes longer than
/// half a second, and wiped away at the end. Not for two threads at once.
class Progress {
 public:
  /// `allowed`: false where the line would get between the lines of what is printed.
  explicit Progress(bool allowed);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  /// Bytes done and in all. May be called as often as one likes.
  void update(std::uint64_t done, std::uint64_t total);
  /// Says in its place that standard input has not said anything yet.
  void wait();
  /// Whether update() would draw now, for callers that have to find out what to tell it.
  bool due() const { return on_ && Clock::now() >= next_; }
  /// Whether it draws at all.
  bool on() const { return on_; }
  void clear();

 private:
  using Clock = std::chrono::steady_clock;

  template <class MakeLine>
  void draw(MakeLine make_line);

  bool on_;
  bool drawn_ = false;
  Clock::time_point begin_;
  Clock::time_point next_;  // when to draw again
};

}  // namespace marey::cli
