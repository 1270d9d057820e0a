// SPDX-License-Identifier: Apache-2.0
#include "src/cli/suggest.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <vector>

#include "src/base/quote.h"

namespace marey::cli {
namespace {

/// The optimal string alignment distance (Damerau-Levenshtein without repeated edits).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); j++) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); i++) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); j++) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

}  // namespace

std::string_view closest(std::string_view word, std::span<const std::string_view> candidates) {
  constexpr std::size_t kLongest = 64;  // nobody mistypes a name by that much
  if (word.empty() || word.size() > kLongest) return {};
  constexpr std::size_t kLeastBeginning = 3;
  std::string_view best;
  std::size_t beginning = 0;
  for (const std::string_view candidate : candidates) {
    if (word.size() >= kLeastBeginning && 3 * word.size() > candidate.size() &&
        candidate.starts_with(word)) {
      best = candidate;
      beginning++;
    }
  }
  if (beginning == 1) return best;

  best = {};
  std::size_t least = kLongest;
  for (const std::string_view candidate : candidates) {
    const std::size_t slips = distance(word, candidate);
    if (slips < least && 3 * slips < std::max(word.size(), candidate.size())) {
      best = candidate;
      least = slips;
    }
  }
  return best;
}

std::string file_argument(std::string_view path) {
  // What a message has to escape cannot be typed as it is shown.
  std::string shown;
  base::append_escaped(shown, path);
  if (shown != path) return "FILE";
  const bool is_like_a_flag = path.size() > 1 && path.starts_with('-');
  return base::shell_word(is_like_a_flag ? fmt::format("./{}", path) : std::string(path));
}

std::string marked_command(std::string_view command, std::string_view path) {
  const std::string line = fmt::format("{} {}", command, file_argument(path));
  return line.contains('\'') ? fmt::format("`{}`", line) : fmt::format("'{}'", line);
}

}  // namespace marey::cli
