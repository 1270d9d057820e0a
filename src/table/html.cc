// SPDX-License-Identifier: Apache-2.0
#include "src/table/html.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <vector>

#include "src/base/format.h"
#include "src/base/quote.h"
#include "src/base/utf8.h"
#include "src/table/cell.h"
#include "src/table/path.h"

namespace marey::table {
namespace {

/// Of a text in a cell, and of a stack. Generic functions have names of some thousand bytes.
constexpr std::size_t kMostText = 400;
constexpr std::size_t kMostStack = 4000;

/// "": the rune means nothing to HTML.
std::string_view entity_of(char32_t rune) {
  switch (rune) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return {};
  }
}

/// What a browser is shown as it is, of ASCII.
bool is_plain(char c) {
  return c >= ' ' && c <= '~' && entity_of(static_cast<unsigned char>(c)).empty();
}

/// The first `count` bytes or a little less, so that no rune is cut.
std::string_view first_bytes(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text;
  while (count > 0 && (static_cast<unsigned char>(text[count]) & 0xc0U) == 0x80) count--;
  return text.substr(0, count);
}

/// The same from the end.
std::string_view last_bytes(std::string_view text, std::size_t count) {
  if (text.size() <= count) return text;
  std::size_t at = text.size() - count;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) at++;
  return text.substr(at);
}

/// A name, as of a function: a browser breaks lines behind slashes by itself, and is told that it
/// may behind dots, so that "http.(*conn).serve" is not broken within its words. Sentences have
/// blanks for that.
void append_name(std::string& out, std::string_view text) {
  if (text.contains(' ')) return append_html(out, text);
  while (!text.empty()) {
    const std::size_t dot = text.find('.');
    const std::size_t end = dot == std::string_view::npos ? text.size() : dot + 1;
    append_html(out, text.substr(0, end));
    text.remove_prefix(end);
    if (!text.empty()) out += "<wbr>";
  }
}

/// A text in a cell; of one that is very long, both ends.
void append_text(std::string& out, std::string_view text) {
  if (text.size() <= kMostText) return append_name(out, text);
  append_name(out, first_bytes(text, kMostText / 2));
  out += "…";
  append_name(out, last_bytes(text, kMostText / 2));
}

/// A path in a cell; of one that is very long, the end.
void append_path(std::string& out, std::string_view path) {
  if (path.size() > kMostText) out += "…";
  append_html(out, last_bytes(path, kMostText));
}

void append_stack(std::string& out, std::string_view stack) {
  out += "<pre>";
  std::string_view rest = first_bytes(stack, kMostStack);
  const bool is_cut = rest.size() < stack.size();
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    append_html(out, rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!rest.empty() || is_cut) out += '\n';
  }
  if (is_cut) out += "…";
  out += "</pre>";
}

/// Whether a text is a name or a path that has room in one line, if the page has some.
bool is_short(std::string_view text) {
  constexpr std::size_t kMostShort = 40;
  return text.size() <= kMostShort && !text.contains(' ');
}

class HtmlDrawing {
 public:
  HtmlDrawing(std::string& out, const Table& table, const HtmlOptions& options)
      : out_(out), table_(table), options_(options), style_{.time_origin = options.time_origin} {
    const std::size_t columns = table.columns().size();
    while (subjects_ < columns && is_text(subjects_)) ++subjects_;
    for (std::size_t c = 0; c < columns; ++c) {
      if (c < subjects_ || !table.is_blank(c)) shown_.push_back(c);
    }
    for (std::size_t row = 0; row < table.row_count() && !has_evidence_; ++row) {
      has_evidence_ = !table.evidence(row).empty();
    }
  }

  void draw() {
    const std::size_t begin = out_.size();
    fmt::format_to(to(), "<section class=\"table\" id=\"{0}\" aria-labelledby=\"{0}-title\">\n",
                   table_.id());
    fmt::format_to(to(), "<h3 id=\"{}-title\">", table_.id());
    append_html(out_, table_.title());
    out_ += "</h3>\n<p class=\"help\">";
    append_html_sentence(out_, table_.help());
    out_ += "</p>\n";
    if (!table_.reading().empty()) {
      out_ += "<p class=\"reading\">";
      append_html_sentence(out_, table_.reading());
      out_ += "</p>\n";
    }
    std::string columns;
    describe_columns(columns);
    // What stands below the rows has room in any case.
    constexpr std::size_t kBelow = 1000;
    const std::size_t taken = out_.size() - begin + columns.size() + kBelow;
    draw_rows(options_.bytes > taken ? options_.bytes - taken : 0);
    out_ += columns;
    out_ += "</section>\n";
  }

 private:
  std::back_insert_iterator<std::string> to() { return std::back_inserter(out_); }
  bool is_text(std::size_t column) const {
    return table_.columns()[column].type == ColumnType::Text;
  }

  void draw_rows(std::size_t bytes) {
    std::string head;
    draw_head(head);
    // Rows come first, since how many there are decides on what stands above them.
    std::string rows;
    std::string row;
    std::size_t drawn = 0;
    for (; drawn < std::min(table_.row_count(), options_.most); ++drawn) {
      row.clear();
      draw_row(row, drawn);
      if (head.size() + rows.size() + row.size() > bytes) break;
      if (drawn == options_.shown) rows += "</tbody>\n<tbody class=\"rest\">\n";
      rows += row;
    }
    const bool has_rest = drawn > options_.shown;
    if (has_rest) {
      fmt::format_to(to(), "<input type=\"checkbox\" class=\"all\" id=\"{}-all\">\n", table_.id());
    }
    out_ += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"";
    append_html(out_, table_.title());
    out_ += "\"><table>\n<caption>";
    append_html(out_, table_.title());
    out_ += "</caption>\n";
    out_ += head;
    fmt::format_to(to(), "<tbody>\n{}</tbody>\n</table></div>\n", rows);
    if (has_rest) {
      fmt::format_to(to(),
                     "<label class=\"all\" for=\"{}-all\"><span>Show {} more {}</span>"
                     "<span>Show the first {} rows only</span></label>\n",
                     table_.id(),
                     base::format_count(static_cast<std::int64_t>(drawn - options_.shown)),
                     drawn - options_.shown == 1 ? "row" : "rows", options_.shown);
    }
    const std::size_t omitted = table_.row_count() - drawn + table_.omitted_rows();
    if (omitted > 0) {
      fmt::format_to(to(), "<p class=\"omitted\">{} more {} left out.</p>\n",
                     base::format_count(static_cast<std::int64_t>(omitted)),
                     omitted == 1 ? "row is" : "rows are");
    }
  }

  void draw_head(std::string& out) const {
    out += "<thead><tr>";
    for (const std::size_t c : shown_) {
      const Column& column = table_.columns()[c];
      fmt::format_to(std::back_inserter(out), "<th scope=\"col\" data-name=\"{}\" data-sort=\"{}\"",
                     column.name, is_text(c) ? "text" : "number");
      if (is_text(c)) out += " class=\"text\"";
      out += " title=\"";
      append_html(out, column.help);
      out += "\">";
      append_html(out, column.title);
      out += "</th>";
    }
    if (has_evidence_) out += "<th scope=\"col\" class=\"evidence\">Evidence</th>";
    out += "</tr></thead>\n";
  }

  void draw_row(std::string& out, std::size_t row) const {
    out += "<tr>";
    for (const std::size_t c : shown_) draw_cell(out, c, row);
    if (has_evidence_) draw_evidence(out, table_.evidence(row));
    out += "</tr>\n";
  }

  void draw_cell(std::string& out, std::size_t c, std::size_t row) const {
    const Column& column = table_.columns()[c];
    const Value value = table_.value(c, row);
    const bool is_head = c == 0 && subjects_ > 0;
    if (const auto* const text = std::get_if<std::string_view>(&value)) {
      out += is_head ? "<th scope=\"row\" class=\"text" : "<td class=\"text";
      if (is_short(column.is_path ? short_path(*text) : *text)) out += " short";
      out += '"';
      if (text->empty()) {
        out += ">-";
      } else if (column.is_path) {
        draw_path(out, *text);
      } else {
        out += '>';
        append_text(out, *text);
      }
      out += is_head ? "</th>" : "</td>";
      return;
    }
    const std::string drawn = cell_text(column.type, value, style_);
    const std::string exact = exact_text(value);
    out += "<td";
    if (column.is_bar) draw_bar(out, RealColumn{c}, row);
    if (!exact.empty() && exact != drawn) {
      fmt::format_to(std::back_inserter(out), " title=\"{}", exact);
      if (!column.unit.empty()) out += ' ';
      append_html(out, column.unit);
      out += '"';
    }
    out += '>';
    append_html(out, drawn);
    out += "</td>";
  }

  /// What is shorter than it is has all of it as title.
  static void draw_path(std::string& out, std::string_view path) {
    const std::string_view shown = short_path(path);
    if (shown.size() < path.size()) {
      out += " title=\"";
      append_path(out, path);
      out += '"';
    }
    out += '>';
    append_path(out, shown);
  }

  /// As in JSON; "": nothing.
  static std::string exact_text(const Value& value) {
    if (const auto* const integer = std::get_if<std::int64_t>(&value)) {
      return fmt::format("{}", *integer);
    }
    const auto* const real = std::get_if<double>(&value);
    return real != nullptr && std::isfinite(*real) ? fmt::format("{}", *real) : std::string();
  }

  /// The greatest has the longest, and what is more than nothing shows, as in text.
  void draw_bar(std::string& out, RealColumn column, std::size_t row) const {
    const auto values = table_.values(column);
    const double share = values[row] / std::ranges::max(values);
    fmt::format_to(std::back_inserter(out), " class=\"bar\" style=\"--bar-length:{:.1f}%\"",
                   share > 0 && share <= 1 ? std::max(100 * share, 1.0) : 0.0);
  }

  void draw_evidence(std::string& out, const Evidence& evidence) const {
    const std::string command =
        options_.command && !evidence.empty() ? options_.command(evidence) : std::string();
    if (command.empty() && evidence.stack.empty()) {
      out += "<td class=\"evidence\"></td>";
      return;
    }
    fmt::format_to(std::back_inserter(out), "<td class=\"evidence\"><details><summary>{}</summary>",
                   evidence.stack.empty() ? "command" : "stack");
    if (!command.empty()) {
      out += "<code>";
      append_html(out, command);
      out += "</code>";
    }
    if (!evidence.stack.empty()) append_stack(out, evidence.stack);
    out += "</details></td>";
  }

  /// The titles of heads need a mouse.
  void describe_columns(std::string& out) const {
    out += "<details class=\"columns\"><summary>What the columns mean</summary><dl>\n";
    for (const std::size_t c : shown_) {
      out += "<dt>";
      append_html(out, table_.columns()[c].title);
      out += "</dt><dd>";
      append_html_sentence(out, table_.columns()[c].help);
      out += "</dd>\n";
    }
    out += "</dl></details>\n";
  }

  std::string& out_;
  const Table& table_;
  const HtmlOptions& options_;
  CellStyle style_;
  std::size_t subjects_ = 0;  // columns of text that the table begins with
  std::vector<std::size_t> shown_;
  bool has_evidence_ = false;
};

}  // namespace

void append_html(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const base::Rune rune = base::decode_rune(text);
    if (!rune.valid) {
      base::append_rune(out, base::kReplacementRune);
    } else if (const std::string_view entity = entity_of(rune.value); !entity.empty()) {
      out += entity;
    } else {
      base::append_escaped(out, text.substr(0, rune.width));
    }
    text.remove_prefix(rune.width);
  }
}

void append_html_sentence(std::string& out, std::string_view sentence) {
  const auto append_code = [&out](std::string_view code) {
    out += "<code>";
    append_html(out, code);
    out += "</code>";
  };
  while (!sentence.empty()) {
    const std::size_t begin = std::min(sentence.find('`'), sentence.find("'marey "));
    if (begin == std::string_view::npos) break;
    const std::size_t end = sentence.find(sentence[begin], begin + 1);
    if (end == std::string_view::npos) break;
    append_html(out, sentence.substr(0, begin));
    append_code(sentence.substr(begin + 1, end - begin - 1));
    sentence.remove_prefix(end + 1);
  }
  append_html(out, sentence);
}

void draw_html(std::string& out, const Table& table, const HtmlOptions& options) {
  HtmlDrawing(out, table, options).draw();
}

}  // namespace marey::table
