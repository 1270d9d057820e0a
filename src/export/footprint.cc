// SPDX-License-Identifier: Apache-2.0
#include "src/export/footprint.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "src/base/go_sort.h"

namespace marey::exporting {
namespace {

using Cells = std::array<std::string, 5>;

std::string percent(std::uint64_t part, std::uint64_t whole) {
  const double share = static_cast<double>(part) / static_cast<double>(whole) * 100;
  return std::isnan(share) ? "NaN%" : fmt::format("{:.2f}%", share);
}

/// The layout of Go's text/tabwriter with minimal width 3 and padding 2. The last column is not
/// filled up.
std::string lay_out(const std::vector<Cells>& rows) {
  std::array<std::size_t, 4> widths{3, 3, 3, 3};
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < widths.size(); i++) {
      widths[i] = std::max(widths[i], row[i].size() + 2);
    }
  }
  std::string text;
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < widths.size(); i++) {
      text += row[i];
      text.append(widths[i] - row[i].size(), ' ');
    }
    text += row.back();
    text += '\n';
  }
  return text;
}

}  // namespace

Result<void> Footprint::feed(std::span<const std::byte> piece) {
  file_size_ += piece.size();
  reader_.feed(piece);
  return count();
}

Result<std::string> Footprint::finish() {
  reader_.finish();
  if (Result<void> result = count(); !result) return std::unexpected(result.error());
  return draw();
}

Result<void> Footprint::count() {
  for (wire::RawEvent event;; event = {}) {
    switch (reader_.next(event)) {
      case wire::RawReader::Status::Event: {
        Row& row = rows_[static_cast<std::uint8_t>(event.type)];
        row.count++;
        row.bytes += wire::canonical_size(event);
        break;
      }
      case wire::RawReader::Status::NeedBytes:
      case wire::RawReader::Status::End: return {};
      case wire::RawReader::Status::Failed: return std::unexpected(reader_.error());
    }
  }
}

std::string Footprint::draw() const {
  std::array<Row, 256> rows = rows_;
  std::uint64_t events = 0;
  for (std::size_t type = 0; type < rows.size(); type++) {
    rows[type].type = type;
    events += rows[type].count;
  }
  base::go_sort(rows, [](const Row& a, const Row& b) { return b.bytes <=> a.bytes; });

  const wire::Version version = reader_.header()->version;
  const std::size_t known = wire::is_v1(version) ? 0 : wire::known_types(version);
  std::vector<Cells> cells{{"Event", "Bytes", "%", "Count", "%"}, {"-", "-", "-", "-", "-"}};
  for (const Row& row : rows) {
    // Go's bufio reader has read the whole file by now, so that is what the share is of.
    cells.push_back({row.type < known ? std::string(wire::kEventSpecs[row.type].name)
                                      : fmt::format("<unknown ({})>", row.type),
                     std::to_string(row.bytes), percent(row.bytes, file_size_),
                     std::to_string(row.count), percent(row.count, events)});
  }
  return lay_out(cells);
}

}  // namespace marey::exporting
