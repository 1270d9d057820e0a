// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "marey/ids.h"

/// Typed tables: what every analysis ends in and every face draws.
namespace marey::table {

/// What a column's values are; decides how they are stored and drawn.
enum class ColumnType {
  Int,       ///< a whole number
  Count,     ///< how many of something
  Bytes,     ///< a size in bytes
  Duration,  ///< nanoseconds
  Time,      ///< nanoseconds on the trace's clock
  Id,        ///< the number of a goroutine, proc, task, ...: never added up
  Percent,   ///< a share, 0 to 100
  Real,      ///< any other number
  Text,      ///< bytes; meant to be UTF-8, but traces hold anything
};

/// The type's name in JSON: "int", "count", "bytes", ...
std::string_view type_name(ColumnType type);

struct Column {
  std::string name;   ///< for machines: unique in its table, snake_case
  std::string title;  ///< for people
  ColumnType type;
  std::string
      unit;  ///< "ns", "bytes", "percent", "goroutine", ...; empty for plain numbers and text
  std::string help;      ///< one sentence
  bool is_path = false;  ///< a text of which the end tells most
  bool is_bar = false;   ///< a percentage that text draws a bar for
  bool is_key = false;   ///< somebody wants the rows in its order: text leaves others out first
};

/// Cells that hold nothing: drawn as "-", null in JSON, empty in CSV, last in every order. In
/// columns of numbers; a text without a value is empty.
inline constexpr std::int64_t kNoInteger = std::numeric_limits<std::int64_t>::min();
inline constexpr double kNoReal = std::numeric_limits<double>::quiet_NaN();

/// Which column of its table, and what is stored in it. Made by Table::add_...
template <class T>
struct ColumnOf {
  std::size_t index;
};
using IntegerColumn = ColumnOf<std::int64_t>;
using RealColumn = ColumnOf<double>;
using TextColumn = ColumnOf<std::string_view>;

/// Where in the trace a row's numbers come from. All of it optional.
struct Evidence {
  struct Range {
    Time begin;
    Time end;
  };
  std::optional<Range> range;
  GoID goroutine = kNoGoroutine;
  std::string_view stack;      ///< readable text, a frame a line; lives as long as the table
  std::string_view end_stack;  ///< the same, where a row has one for the end of its range, too

  bool empty() const {
    return !range && goroutine == kNoGoroutine && stack.empty() && end_stack.empty();
  }
};

/// What a cell holds; monostate for nothing.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view>;

enum class Order { Ascending, Descending };

/// A table, stored by column: 8 bytes a number, 16 bytes a text that another cell has, too, so that
/// millions of rows are fine.
///
///     Table table("goroutines", "Goroutines by start function", "What ...");
///     const auto function = table.add_text("function", "Start function", "Where it began.");
///     const auto total = table.add_duration("total", "Total", "From creation to end.");
///     table.add_row().set(function, "main.main").set(total, 1'500'000);
///     table.keep_top(total, 10);
///
/// All columns are added before the first row.
class Table {
 public:
  /// `id` is for machines (snake_case, stable between versions), `title` and `help` are for people.
  Table(std::string id, std::string title, std::string help);

  /// Takes another name for the same: where it stands beside other tables.
  void rename(std::string id, std::string title, std::string help);

  IntegerColumn add_int(std::string name, std::string title, std::string help,
                        std::string unit = "");
  IntegerColumn add_count(std::string name, std::string title, std::string help,
                          std::string unit = "");
  IntegerColumn add_bytes(std::string name, std::string title, std::string help);
  IntegerColumn add_duration(std::string name, std::string title, std::string help);
  IntegerColumn add_time(std::string name, std::string title, std::string help);
  IntegerColumn add_id(std::string name, std::string title, std::string help, std::string unit);
  RealColumn add_percent(std::string name, std::string title, std::string help);
  /// A percentage that text draws with a bar: in a histogram.
  RealColumn add_bar(std::string name, std::string title, std::string help);
  RealColumn add_real(std::string name, std::string title, std::string help, std::string unit);
  TextColumn add_text(std::string name, std::string title, std::string help);
  /// A text that is shown from its end on where there is no room for all of it.
  TextColumn add_path(std::string name, std::string title, std::string help);
  /// Says that the table is short by nature and of no use in part: nobody limits its rows.
  void be_summary() { is_summary_ = true; }
  /// Adds a sentence to the help.
  void add_help(std::string_view sentence);
  /// One sentence on how to read it: what is normal, what to look at, what goes deeper.
  void set_reading(std::string_view sentence) { reading_ = sentence; }

  /// Fills one row; good until the next row is added. Cells that are not set hold nothing.
  class Row {
   public:
    /// What is greater than a cell can be, as damaged traces have it, becomes the greatest.
    template <std::integral Integer>
    Row& set(IntegerColumn column, Integer value) {
      constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();
      return set_integer(column, std::in_range<std::int64_t>(value)
                                     ? static_cast<std::int64_t>(value)
                                     : kGreatest);
    }
    /// A GoID, ProcID, ...; the kNo... ids are nothing.
    template <class Id>
      requires std::is_enum_v<Id>
    Row& set(IntegerColumn column, Id id) {
      const auto value = static_cast<std::int64_t>(id);
      return set_integer(column, value == -1 ? kNoInteger : value);
    }
    Row& set(RealColumn column, double value);
    Row& set(TextColumn column, std::string_view value);

    /// Evidence.
    Row& range(Time begin, Time end);
    Row& goroutine(GoID id);
    Row& stack(std::string_view text);
    Row& end_stack(std::string_view text);

    std::size_t index() const { return index_; }

   private:
    friend class Table;
    Row(Table& table, std::size_t index) : table_(&table), index_(index) {}
    Row& set_integer(IntegerColumn column, std::int64_t value);

    Table* table_;
    std::size_t index_;
  };
  Row add_row();
  /// Takes the memory for `rows` rows at once, which is less than comes of growing.
  void reserve(std::size_t rows);

  const std::string& id() const { return id_; }
  const std::string& title() const { return title_; }
  const std::string& help() const { return help_; }
  const std::string& reading() const { return reading_; }  ///< "": nobody has set one
  std::span<const Column> columns() const { return columns_; }
  /// The column that goes by a name for machines, or by a title in letters of either case; of
  /// several a number. nullptr: there is none.
  const Column* find_column(std::string_view name_or_title) const;
  std::size_t row_count() const { return row_count_; }
  bool is_summary() const { return is_summary_; }
  /// Says that there were more rows, which have never been added.
  void add_omitted(std::uint64_t rows) { omitted_rows_ += rows; }
  /// Rows that add_omitted() tells of, and those that keep_first() and keep_top() have left out.
  std::size_t omitted_rows() const { return omitted_rows_; }

  /// Whether a column says nothing: each of its cells, also of the rows that have been left out, is
  /// empty or, of an amount, zero. An id or a time that is 0 is a value.
  bool is_blank(std::size_t column) const;
  /// Whether all columns are blank; so is a table without rows.
  bool is_blank() const;

  Value value(std::size_t column, std::size_t row) const;
  Evidence evidence(std::size_t row) const;
  /// A whole column; the values of nothing are kNoInteger, NaN and the empty text.
  std::span<const std::int64_t> values(IntegerColumn column) const;
  std::span<const double> values(RealColumn column) const;
  std::span<const std::string_view> values(TextColumn column) const;

  /// Sorts the rows; those that compare equal keep their order. Text goes by bytes.
  template <class T>
  void sort_by(ColumnOf<T> column, Order order) {
    arrange(column.index, order, row_count_);
  }
  /// The same by the column with the name, if there is one, which becomes a key.
  void sort_by(std::string_view name, Order order);
  /// Sorts as sort_by does, but keeps `count` rows only and takes less time for it.
  template <class T>
  void keep_top(ColumnOf<T> column, std::size_t count, Order order = Order::Descending) {
    arrange(column.index, order, count);
  }
  void keep_first(std::size_t count);
  /// Puts the rows whose text `is_last` says so of behind the others; both keep their order.
  void put_last(TextColumn column, const std::function<bool(std::string_view)>& is_last);

 private:
  using Cells =
      std::variant<std::vector<std::int64_t>, std::vector<double>, std::vector<std::string_view>>;

  /// Evidence by column, too; each is empty until a row has some of that kind.
  struct EvidenceColumns {
    std::vector<Evidence::Range> ranges;  // begin > end: none
    std::vector<GoID> goroutines;
    std::vector<std::string_view> stacks;
    std::vector<std::string_view> end_stacks;
  };

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Texts = std::unordered_set<std::string, TextHash, std::equal_to<>>;

  template <class T>
  ColumnOf<T> add(ColumnType type, std::string name, std::string title, std::string help,
                  std::string unit);
  template <class T>
  std::vector<T>& cells(ColumnOf<T> column);
  void arrange(std::size_t column, Order order, std::size_t keep);
  void leave_out(std::size_t rows);
  void pick(std::span<const std::size_t> rows);

  std::string id_;
  std::string title_;
  std::string help_;
  std::string reading_;
  std::vector<Column> columns_;
  /// The table's own copy of a text, which all cells with the same text share.
  std::string_view keep(std::string_view text);

  std::vector<Cells> cells_;
  std::shared_ptr<Texts> texts_;  // of cells; copies of the table share them
  std::vector<bool> had_values_;  ///< of each column: before rows were left out
  EvidenceColumns evidence_;
  std::size_t row_count_ = 0;
  std::size_t omitted_rows_ = 0;
  bool is_summary_ = false;
};

}  // namespace marey::table
