// SPDX-License-Identifier: Apache-2.0
#include "src/cli/terminal.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

#include "src/cli/values.h"

namespace marey::cli {
namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string_view{} : value;
}

}  // namespace

bool is_terminal(int descriptor) { return ::isatty(descriptor) == 1; }

bool has_cursor() {
  const std::string_view term = environment("TERM");
  return !term.empty() && term != "dumb";
}

bool wants_color(int descriptor, Color color) {
  if (color != Color::Auto) return color == Color::Always;
  return is_terminal(descriptor) && environment("NO_COLOR").empty() && has_cursor();
}

bool wants_ascii() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = environment(name);
    if (locale.empty()) continue;
    if (locale == "C" || locale == "POSIX") return true;
    const std::size_t dot = locale.find('.');
    if (dot == std::string_view::npos) return false;
    std::string charset(locale.substr(dot + 1, locale.find('@', dot) - dot - 1));
    std::erase(charset, '-');
    std::ranges::transform(charset, charset.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return charset != "utf8";
  }
  return false;
}

std::size_t terminal_width(int descriptor) {
  if (!is_terminal(descriptor)) return 0;
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  const std::size_t columns = columns_variable();
  return columns != 0 ? columns : 80;
}

std::size_t columns_variable() {
  return parse_number(environment("COLUMNS"), kMostColumns).value_or(0);
}

}  // namespace marey::cli
