// SPDX-License-Identifier: Apache-2.0
#include "src/cli/progress.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string_view>
#include <unistd.h>

#include "src/base/format.h"
#include "src/cli/terminal.h"

namespace marey::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 500ms;
constexpr auto kRefresh = 100ms;
constexpr std::size_t kBar = 20;

/// Losing a piece of this line does no harm.
void write_stderr(std::string_view text) {
  [[maybe_unused]] const ssize_t count = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace

std::string progress_line(std::uint64_t done, std::uint64_t total,
                          std::chrono::steady_clock::duration elapsed, std::size_t width) {
  const double seconds = std::max(1e-3, std::chrono::duration<double>(elapsed).count());
  const double rate = static_cast<double>(done) / seconds;
  std::string line;
  if (done == 0) {
    line = fmt::format("at work for {:.0f}s", std::floor(seconds));
    if (line.size() > width) line.resize(width);
    return line;
  }
  if (total > 0) {
    done = std::min(done, total);
    const double share = static_cast<double>(done) / static_cast<double>(total);
    const auto filled = static_cast<std::size_t>(share * kBar);
    line = fmt::format("[{}{}] {:2.0f}%  {} of {}",
                       std::string(filled, '=') + (filled < kBar ? ">" : ""),
                       std::string(filled < kBar ? kBar - filled - 1 : 0, ' '), share * 100,
                       base::format_bytes(done), base::format_bytes(total));
  } else {
    line = base::format_bytes(done);
  }
  line += fmt::format("  {}/s", base::format_bytes(static_cast<std::uint64_t>(rate)));
  if (total > 0) {
    line += fmt::format("  {:.0f}s left", static_cast<double>(total - done) / rate);
  }
  if (line.size() > width) line.resize(width);  // all of it is ASCII
  return line;
}

Progress::Progress(bool allowed)
    : on_(allowed && is_terminal(STDERR_FILENO) && has_cursor()),
      begin_(Clock::now()),
      next_(begin_ + kPatience) {}

/// `make_line`: gets what has passed so far, and the width.
template <class MakeLine>
void Progress::draw(MakeLine make_line) {
  if (!due()) return;
  const Clock::time_point now = Clock::now();
  next_ = now + kRefresh;
  drawn_ = true;
  // The last column stays free: some terminals break the line there.
  const std::size_t width = std::max<std::size_t>(terminal_width(STDERR_FILENO), 2) - 1;
  write_stderr(fmt::format("\r{}\x1b[K", make_line(now - begin_, width)));
}

void Progress::update(std::uint64_t done, std::uint64_t total) {
  draw([done, total](Clock::duration elapsed, std::size_t width) {
    return progress_line(done, total, elapsed, width);
  });
}

void Progress::wait() {
  draw([](Clock::duration /*elapsed*/, std::size_t width) {
    return std::string_view("waiting for standard input").substr(0, width);
  });
}

void Progress::clear() {
  if (drawn_) write_stderr("\r\x1b[K");
  drawn_ = false;
}

}  // namespace marey::cli
