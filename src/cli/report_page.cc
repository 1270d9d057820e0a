// SPDX-License-Identifier: Apache-2.0
#include "src/cli/report_page.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <vector>

#include "marey/trace.h"

#include "src/base/format.h"
#include "src/base/quote.h"
#include "src/cli/health_text.h"
#include "src/cli/passing.h"
#include "src/cli/time_range.h"
#include "src/cli/writers.h"
#include "src/table/display_width.h"
#include "src/table/html.h"
#include "src/table/html_page.h"

namespace marey::cli {
namespace {

/// The command that shows what a row's numbers come from.
std::string command_of(const table::Evidence& evidence, std::string_view file) {
  std::string command;
  if (evidence.goroutine != kNoGoroutine) {
    command = fmt::format("marey goroutine {}", raw(evidence.goroutine));
  } else if (evidence.range) {
    command = "marey events";
  } else {
    return {};
  }
  if (evidence.range) {
    Time behind = 0;  // --to leaves out its moment
    if (__builtin_add_overflow(evidence.range->end, 1, &behind)) return {};
    command += fmt::format(" --from {} --to {}", evidence.range->begin, behind);
  }
  return fmt::format("{} {}", command, file);
}

class Page {
 public:
  Page(std::string_view name, std::string_view file, const index::PassResult& result,
       std::string_view range, const analysis::Findings& findings)
      : name_(name), file_(file), result_(result), range_(range) {
    for (const table::Chart& chart : findings.charts) charts_.push_back(&chart);
    for (const table::Table& table : findings.tables) {
      (table.is_blank() ? blank_ : tables_).push_back(&table);
    }
  }

  std::string draw(std::span<const Fact> facts) {
    const std::string_view title = name_.substr(name_.rfind('/') + 1);
    table::begin_html_page(out_, fmt::format("{} - marey report", title));
    out_ += "<header>\n";
    element("h1", "", title);
    element("p", "lead", lead());
    draw_health();
    draw_facts(facts);
    out_ += "</header>\n";
    if (useful_events(result_) > 0) draw_findings();
    out_ += "<footer>";
    table::append_html_sentence(out_, fmt::format("Written by marey {}.", version()));
    out_ += "</footer>\n";
    table::end_html_page(out_);
    return std::move(out_);
  }

 private:
  void element(std::string_view tag, std::string_view style, std::string_view text) {
    out_ += fmt::format("<{}", tag);
    if (!style.empty()) out_ += fmt::format(" class=\"{}\"", style);
    out_ += '>';
    table::append_html(out_, text);
    out_ += fmt::format("</{}>\n", tag);
  }

  /// "Go 1.26 or 1.27 · 2.5s", "Go 1.26 or 1.27 · 2.5s · range: 0.500000s to 1.000000s (500ms)"
  std::string lead() const {
    std::string text = "Go ";
    const std::vector<std::string_view> writers = writers_of(result_.info.format);
    if (writers.empty()) text += fmt::format("1.{}", result_.info.format);
    for (std::size_t i = 0; i < writers.size(); i++) {
      text += i == 0 ? "" : " or ";
      text += writers[i];
    }
    if (useful_events(result_) > 0) {
      text += fmt::format(" · {}", base::format_duration(duration_of(result_)));
    }
    if (!range_.empty()) text += fmt::format(" · range: {}", range_);
    return text;
  }

  void draw_health() {
    const HealthFacts health = health_facts(result_);
    const bool is_empty = useful_events(result_) == 0;
    const bool is_bad = health.worst == Severity::Damage;
    out_ += fmt::format("<section class=\"health {}\" aria-label=\"Health\">",
                        is_bad                                 ? "bad"
                        : health.worst.has_value() || is_empty ? "note"
                                                               : "good");
    element("p", "", health_sentence(health, is_empty));
    if (!health.defects.empty() || !health.guesses.empty()) {
      out_ += "<ul>\n";
      for (const HealthFacts::Line& line : health.defects) {
        element("li", "", short_text(fmt::format("{}: {}", name_of(line.severity), line.text)));
      }
      if (!health.guesses.empty()) element("li", "", health.guesses);
      out_ += "</ul>\n";
    }
    out_ += "</section>\n";
  }

  std::string health_sentence(const HealthFacts& health, bool is_empty) const {
    if (result_.error) return short_text(health.summary);
    if (health.worst == Severity::Damage) {
      return fmt::format("The trace is damaged: {}. {}", health.summary,
                         is_empty ? "There is no event to report on." : "What is whole was read.");
    }
    if (is_empty) return health.summary;
    return health.worst ? "The trace is whole, but:" : "The trace is whole: nothing is lost.";
  }

  /// What comes from a trace may be of any length.
  static std::string short_text(std::string_view text) {
    constexpr std::size_t kMost = 1000;
    std::string escaped;
    base::append_escaped(escaped, text);
    return table::shorten(escaped, kMost, "…");
  }

  void draw_facts(std::span<const Fact> facts) {
    out_ += "<dl class=\"facts\">\n";
    for (const Fact& fact : facts) {
      out_ += "<div>";
      element("dt", "", fact.label);
      element("dd", "", fact.content);
      out_ += "</div>\n";
    }
    out_ += "</dl>\n";
  }

  void draw_findings() {
    out_ += "<div class=\"columns-page\">\n";
    draw_contents();
    out_ += "<main>\n";
    if (!charts_.empty()) {
      out_ += "<h2 id=\"over-time\">Over time</h2>\n<div class=\"charts\">\n";
      for (const table::Chart* const chart : charts_) table::draw_html(out_, *chart, options_);
      out_ += "</div>\n";
    }
    draw_tables();
    draw_blank();
    out_ += "</main>\n</div>\n";
  }

  void draw_contents() {
    out_ += "<nav aria-labelledby=\"contents\"><h2 id=\"contents\">On this page</h2>\n<ul>\n";
    if (!charts_.empty()) out_ += "<li><a href=\"#over-time\">Over time</a></li>\n";
    for (const table::Table* const table : tables_) {
      out_ += fmt::format("<li><a href=\"#{}\">", table->id());
      table::append_html(out_, table->title());
      out_ += "</a></li>\n";
    }
    out_ += "</ul></nav>\n";
  }

  void draw_tables() {
    if (tables_.empty()) return;
    out_ += "<h2>Tables</h2>\n";
    element("p", "help hint",
            "Numbers are rounded; pointed at, they show their exact value. Columns that are zero "
            "or empty in all rows are left out.");
    if (!range_.empty()) element("p", "help hint", kWhatCrossesRange);
    out_ +=
        "<p class=\"help hint scripted\" hidden>A click on the title of a column sorts by "
        "it.</p>\n";
    options_.command = [this](const table::Evidence& evidence) {
      return command_of(evidence, file_);
    };
    // What follows the tables is short.
    constexpr std::size_t kBehind = 50'000;
    const std::size_t taken = std::min(out_.size() + kBehind, kMostPageBytes);
    std::vector<std::string> drawn;
    drawn.reserve(tables_.size());
    for (const table::Table* const table : tables_) drawn.push_back(draw_table(*table));
    const std::size_t level = level_of(drawn, kMostPageBytes - taken);
    for (std::size_t i = 0; i < tables_.size(); i++) {
      if (drawn[i].size() > level) {
        options_.bytes = level;
        drawn[i] = draw_table(*tables_[i]);
      }
      out_ += drawn[i];
    }
  }

  std::string draw_table(const table::Table& table) const {
    std::string drawn;
    table::draw_html(drawn, table, options_);
    return drawn;
  }

  /// To how many bytes each table is to be cut, so that all of them have room: small ones stay
  /// whole, and large ones share what these leave.
  static std::size_t level_of(std::span<const std::string> drawn, std::size_t room) {
    std::vector<std::size_t> sizes;
    sizes.reserve(drawn.size());
    for (const std::string& table : drawn) sizes.push_back(table.size());
    std::ranges::sort(sizes);
    for (std::size_t i = 0; i < sizes.size(); i++) {
      const std::size_t share = room / (sizes.size() - i);
      if (sizes[i] > share) return share;
      room -= sizes[i];
    }
    return sizes.empty() ? 0 : sizes.back();
  }

  void draw_blank() {
    if (blank_.empty()) return;
    std::string text = result_.health.damaged() ? "Nothing to show, in what damage has left: "
                                                : "Nothing to show in this trace: ";
    for (std::size_t i = 0; i < blank_.size(); i++) {
      text += i == 0 ? "" : "; ";
      text += blank_[i]->title();
    }
    element("p", "nothing", text + ".");
  }

  std::string out_;
  std::string_view name_;
  std::string_view file_;
  const index::PassResult& result_;
  std::string_view range_;
  std::vector<const table::Chart*> charts_;
  std::vector<const table::Table*> tables_;
  std::vector<const table::Table*> blank_;
  table::HtmlOptions options_{.time_origin = result_.first_time};
};

}  // namespace

std::string report_page(std::string_view name, std::string_view file,
                        const index::PassResult& result, std::string_view range,
                        std::span<const Fact> facts, const analysis::Findings& findings) {
  return Page(name, file, result, range, findings).draw(facts);
}

}  // namespace marey::cli
