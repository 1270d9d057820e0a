// SPDX-License-Identifier: Apache-2.0
#include "src/table/table.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

namespace marey::table {
namespace {

constexpr Evidence::Range kNoRange{1, 0};

[[maybe_unused]] bool is_name(std::string_view name) {
  const auto fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && std::ranges::all_of(name, fine);
}

template <class T>
T nothing() {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    return kNoInteger;
  } else if constexpr (std::is_same_v<T, double>) {
    return kNoReal;
  } else {
    return {};
  }
}

template <class T>
bool is_nothing(const T& value) {
  if constexpr (std::is_same_v<T, std::int64_t>) {
    return value == kNoInteger;
  } else if constexpr (std::is_same_v<T, double>) {
    return std::isnan(value);
  } else {
    return value.empty();
  }
}

/// Whether two texts are the same but for capitals of ASCII.
bool equal_letters(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// `none` stands for rows that a column of evidence does not reach.
template <class T>
void pick_from(std::vector<T>& values, std::span<const std::size_t> rows, const T& none) {
  if (values.empty()) return;
  std::vector<T> picked;
  picked.reserve(rows.size());
  for (const std::size_t row : rows) {
    picked.push_back(row < values.size() ? std::move(values[row]) : none);
  }
  values = std::move(picked);
}

/// Makes room in a column of evidence for `row`.
template <class T>
T& evidence_at(std::vector<T>& values, std::size_t row, const T& none) {
  if (values.size() <= row) values.resize(row + 1, none);
  return values[row];
}

}  // namespace

std::string_view type_name(ColumnType type) {
  switch (type) {
    case ColumnType::Int: return "int";
    case ColumnType::Count: return "count";
    case ColumnType::Bytes: return "bytes";
    case ColumnType::Duration: return "duration";
    case ColumnType::Time: return "time";
    case ColumnType::Id: return "id";
    case ColumnType::Percent: return "percent";
    case ColumnType::Real: return "real";
    case ColumnType::Text: return "text";
  }
  assert(false);
  return "";
}

Table::Table(std::string id, std::string title, std::string help)
    : id_(std::move(id)),
      title_(std::move(title)),
      help_(std::move(help)),
      texts_(std::make_shared<Texts>()) {
  assert(is_name(id_));
}

void Table::rename(std::string id, std::string title, std::string help) {
  id_ = std::move(id);
  title_ = std::move(title);
  help_ = std::move(help);
  assert(is_name(id_));
}

void Table::add_help(std::string_view sentence) {
  help_ += ' ';
  help_ += sentence;
}

const Column* Table::find_column(std::string_view name_or_title) const {
  const Column* text = nullptr;
  // Names first: they tell columns apart, titles may not.
  for (const bool by_name : {true, false}) {
    for (const Column& column : columns_) {
      const bool is_called =
          by_name ? column.name == name_or_title : equal_letters(column.title, name_or_title);
      if (!is_called) continue;
      if (column.type != ColumnType::Text) return &column;
      if (text == nullptr) text = &column;
    }
  }
  return text;
}

template <class T>
ColumnOf<T> Table::add(ColumnType type, std::string name, std::string title, std::string help,
                       std::string unit) {
  assert(row_count_ == 0 && is_name(name) && name != "evidence");
  assert(std::ranges::none_of(columns_, [&](const Column& c) { return c.name == name; }));
  columns_.push_back(
      {std::move(name), std::move(title), type, std::move(unit), std::move(help), false});
  cells_.emplace_back(std::vector<T>());
  had_values_.push_back(false);
  return {columns_.size() - 1};
}

IntegerColumn Table::add_int(std::string name, std::string title, std::string help,
                             std::string unit) {
  return add<std::int64_t>(ColumnType::Int, std::move(name), std::move(title), std::move(help),
                           std::move(unit));
}

IntegerColumn Table::add_count(std::string name, std::string title, std::string help,
                               std::string unit) {
  return add<std::int64_t>(ColumnType::Count, std::move(name), std::move(title), std::move(help),
                           std::move(unit));
}

IntegerColumn Table::add_bytes(std::string name, std::string title, std::string help) {
  return add<std::int64_t>(ColumnType::Bytes, std::move(name), std::move(title), std::move(help),
                           "bytes");
}

IntegerColumn Table::add_duration(std::string name, std::string title, std::string help) {
  return add<std::int64_t>(ColumnType::Duration, std::move(name), std::move(title), std::move(help),
                           "ns");
}

IntegerColumn Table::add_time(std::string name, std::string title, std::string help) {
  return add<std::int64_t>(ColumnType::Time, std::move(name), std::move(title), std::move(help),
                           "ns");
}

IntegerColumn Table::add_id(std::string name, std::string title, std::string help,
                            std::string unit) {
  return add<std::int64_t>(ColumnType::Id, std::move(name), std::move(title), std::move(help),
                           std::move(unit));
}

RealColumn Table::add_percent(std::string name, std::string title, std::string help) {
  return add<double>(ColumnType::Percent, std::move(name), std::move(title), std::move(help),
                     "percent");
}

RealColumn Table::add_bar(std::string name, std::string title, std::string help) {
  const RealColumn column = add_percent(std::move(name), std::move(title), std::move(help));
  columns_.back().is_bar = true;
  return column;
}

RealColumn Table::add_real(std::string name, std::string title, std::string help,
                           std::string unit) {
  return add<double>(ColumnType::Real, std::move(name), std::move(title), std::move(help),
                     std::move(unit));
}

TextColumn Table::add_text(std::string name, std::string title, std::string help) {
  return add<std::string_view>(ColumnType::Text, std::move(name), std::move(title), std::move(help),
                               "");
}

TextColumn Table::add_path(std::string name, std::string title, std::string help) {
  const TextColumn column = add_text(std::move(name), std::move(title), std::move(help));
  columns_.back().is_path = true;
  return column;
}

template <class T>
std::vector<T>& Table::cells(ColumnOf<T> column) {
  assert(column.index < cells_.size());
  return *std::get_if<std::vector<T>>(&cells_[column.index]);
}

std::string_view Table::keep(std::string_view text) {
  if (text.empty()) return {};
  const auto it = texts_->find(text);
  return it != texts_->end() ? *it : *texts_->emplace(text).first;
}

Table::Row Table::add_row() {
  for (Cells& column : cells_) {
    std::visit(
        [](auto& values) {
          values.push_back(nothing<typename std::decay_t<decltype(values)>::value_type>());
        },
        column);
  }
  return {*this, row_count_++};
}

void Table::reserve(std::size_t rows) {
  for (Cells& column : cells_) {
    std::visit([rows](auto& values) { values.reserve(rows); }, column);
  }
}

Table::Row& Table::Row::set_integer(IntegerColumn column, std::int64_t value) {
  table_->cells(column)[index_] = value;
  return *this;
}

Table::Row& Table::Row::set(RealColumn column, double value) {
  table_->cells(column)[index_] = value;
  return *this;
}

Table::Row& Table::Row::set(TextColumn column, std::string_view value) {
  table_->cells(column)[index_] = table_->keep(value);
  return *this;
}

Table::Row& Table::Row::range(Time begin, Time end) {
  assert(begin <= end);
  evidence_at(table_->evidence_.ranges, index_, kNoRange) = {begin, end};
  return *this;
}

Table::Row& Table::Row::goroutine(GoID id) {
  evidence_at(table_->evidence_.goroutines, index_, kNoGoroutine) = id;
  return *this;
}

Table::Row& Table::Row::stack(std::string_view text) {
  evidence_at(table_->evidence_.stacks, index_, std::string_view()) = table_->keep(text);
  return *this;
}

Table::Row& Table::Row::end_stack(std::string_view text) {
  evidence_at(table_->evidence_.end_stacks, index_, std::string_view()) = table_->keep(text);
  return *this;
}

bool Table::is_blank(std::size_t column) const {
  if (had_values_[column]) return false;
  const ColumnType type = columns_[column].type;
  const bool is_amount = type != ColumnType::Id && type != ColumnType::Time;
  return std::visit(
      [is_amount](const auto& values) {
        using T = typename std::decay_t<decltype(values)>::value_type;
        return std::ranges::all_of(values, [is_amount](const T& value) {
          if constexpr (!std::is_same_v<T, std::string_view>) {
            if (is_amount && value == 0) return true;
          }
          return is_nothing(value);
        });
      },
      cells_[column]);
}

bool Table::is_blank() const {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (!is_blank(c)) return false;
  }
  return true;
}

Value Table::value(std::size_t column, std::size_t row) const {
  assert(column < cells_.size() && row < row_count_);
  return std::visit(
      [row](const auto& values) -> Value {
        using T = typename std::decay_t<decltype(values)>::value_type;
        if constexpr (std::is_same_v<T, std::string_view>) {
          return values[row];
        } else {
          if (is_nothing(values[row])) return std::monostate();
          return values[row];
        }
      },
      cells_[column]);
}

Evidence Table::evidence(std::size_t row) const {
  Evidence found;
  const EvidenceColumns& all = evidence_;
  if (row < all.ranges.size() && all.ranges[row].begin <= all.ranges[row].end) {
    found.range = all.ranges[row];
  }
  if (row < all.goroutines.size()) found.goroutine = all.goroutines[row];
  if (row < all.stacks.size()) found.stack = all.stacks[row];
  if (row < all.end_stacks.size()) found.end_stack = all.end_stacks[row];
  return found;
}

std::span<const std::int64_t> Table::values(IntegerColumn column) const {
  return *std::get_if<std::vector<std::int64_t>>(&cells_[column.index]);
}

std::span<const double> Table::values(RealColumn column) const {
  return *std::get_if<std::vector<double>>(&cells_[column.index]);
}

std::span<const std::string_view> Table::values(TextColumn column) const {
  return *std::get_if<std::vector<std::string_view>>(&cells_[column.index]);
}

void Table::arrange(std::size_t column, Order order, std::size_t keep) {
  std::vector<std::size_t> rows(row_count_);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  keep = std::min(keep, rows.size());
  std::visit(
      [&](const auto& values) {
        using T = typename std::decay_t<decltype(values)>::value_type;
        const auto comes_first = [&](std::size_t a, std::size_t b) {
          const T& x = values[a];
          const T& y = values[b];
          const bool no_x = is_nothing(x);
          const bool no_y = is_nothing(y);
          if (no_x != no_y) return no_y;
          if (!no_x && x < y) return order == Order::Ascending;
          if (!no_x && y < x) return order == Order::Descending;
          return a < b;
        };
        if (keep == rows.size()) {
          std::sort(rows.begin(), rows.end(), comes_first);
        } else {
          const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(keep);
          std::partial_sort(rows.begin(), middle, rows.end(), comes_first);
        }
      },
      cells_[column]);
  leave_out(rows.size() - keep);
  rows.resize(keep);
  pick(rows);
}

void Table::sort_by(std::string_view name, Order order) {
  const auto it = std::ranges::find(columns_, name, &Column::name);
  if (it == columns_.end()) return;
  it->is_key = true;
  arrange(static_cast<std::size_t>(it - columns_.begin()), order, row_count_);
}

void Table::keep_first(std::size_t count) {
  if (count >= row_count_) return;
  std::vector<std::size_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  leave_out(row_count_ - count);
  pick(rows);
}

void Table::put_last(TextColumn column, const std::function<bool(std::string_view)>& is_last) {
  std::vector<std::size_t> rows(row_count_);
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  const std::span texts = values(column);
  std::ranges::stable_partition(rows, [&](std::size_t row) { return !is_last(texts[row]); });
  pick(rows);
}

/// Called before the rows go.
void Table::leave_out(std::size_t rows) {
  if (rows == 0) return;
  for (std::size_t c = 0; c < columns_.size(); ++c) had_values_[c] = !is_blank(c);
  omitted_rows_ += rows;
}

void Table::pick(std::span<const std::size_t> rows) {
  for (Cells& column : cells_) {
    std::visit(
        [rows](auto& values) {
          using T = typename std::decay_t<decltype(values)>::value_type;
          pick_from(values, rows, nothing<T>());
        },
        column);
  }
  pick_from(evidence_.ranges, rows, kNoRange);
  pick_from(evidence_.goroutines, rows, kNoGoroutine);
  pick_from(evidence_.stacks, rows, std::string_view());
  pick_from(evidence_.end_stacks, rows, std::string_view());
  row_count_ = rows.size();
}

}  // namespace marey::table
