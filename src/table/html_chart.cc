// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <fmt/format.h>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/format.h"
#include "src/table/cell.h"
#include "src/table/chart.h"
#include "src/table/html.h"
#include "src/table/tick.h"

namespace marey::table {
namespace {

constexpr std::size_t kMostValues = 480;
/// Units of the picture's height; its width has one for each value. The browser stretches both, so
/// text stands beside the picture, not in it.
constexpr double kHeight = 1000;

/// The least and greatest value that is known; both 0 if none is.
struct Extent {
  double least = 0;
  double greatest = 0;
};

Extent extent_of(std::span<const double> values) {
  Extent extent;
  bool any = false;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    extent.least = any ? std::min(extent.least, value) : value;
    extent.greatest = any ? std::max(extent.greatest, value) : value;
    any = true;
  }
  return extent;
}

class HtmlChart {
 public:
  HtmlChart(std::string& out, const Chart& chart, const HtmlOptions& options)
      : out_(out),
        chart_(chart),
        style_{.time_origin = options.time_origin},
        values_(resample(chart.values, std::min(chart.values.size(), kMostValues))),
        extent_(extent_of(chart.values)),
        ticks_(value_ticks(std::min(extent_.least, 0.0), std::max(extent_.greatest, 0.0),
                           chart.type)) {}

  void draw() {
    fmt::format_to(to(), "<figure class=\"chart\" id=\"{0}\" aria-labelledby=\"{0}-title\">\n",
                   chart_.id);
    draw_caption();
    out_ += "<div class=\"plot\" tabindex=\"0\" data-values=\"";
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (i > 0) out_ += '|';
      if (std::isfinite(values_[i])) append_html(out_, label(values_[i]));
    }
    fmt::format_to(to(), "\" data-begin=\"{}\" data-end=\"{}\" data-unit=\"",
                   since_origin(chart_.begin), since_origin(chart_.end));
    append_html(out_, unit());
    out_ += "\">\n";
    draw_value_axis();
    draw_picture();
    draw_time_axis();
    out_ += "</div>\n<p class=\"help\">";
    append_html_sentence(out_, chart_.help);
    out_ += "</p>\n</figure>\n";
  }

 private:
  std::back_insert_iterator<std::string> to() { return std::back_inserter(out_); }

  std::string label(double value) const { return number_text(chart_.type, value, style_); }
  /// What stands behind a label; "": it has its unit already.
  std::string_view unit() const {
    const bool has_unit = chart_.type == ColumnType::Bytes || chart_.type == ColumnType::Duration ||
                          chart_.type == ColumnType::Time || chart_.type == ColumnType::Percent;
    return has_unit ? std::string_view() : std::string_view(chart_.unit);
  }
  Duration since_origin(Time time) const {
    Duration since = 0;
    // Damaged traces have any times.
    if (__builtin_sub_overflow(time, style_.time_origin, &since)) return 0;
    return since;
  }

  double low() const { return ticks_.front(); }
  double high() const { return ticks_.back(); }
  /// From the picture's upper edge, 0 to 1.
  double depth_of(double value) const {
    const double height = high() - low();
    return height > 0 ? std::clamp((high() - value) / height, 0.0, 1.0) : 1;
  }

  void draw_caption() {
    fmt::format_to(to(), "<figcaption><span class=\"title\" id=\"{}-title\">", chart_.id);
    append_html(out_, chart_.title);
    out_ += "</span> <span class=\"extent\">";
    append_html(out_, extent_text());
    out_ += "</span></figcaption>\n";
  }

  std::string extent_text() const {
    const bool any = std::ranges::any_of(chart_.values, [](double v) { return std::isfinite(v); });
    if (!any) return "nothing is known";
    std::string text = label(extent_.greatest);
    if (extent_.least < extent_.greatest) text = label(extent_.least) + " to " + text;
    if (!unit().empty()) text += fmt::format(" {}", unit());
    return text;
  }

  void draw_value_axis() {
    out_ += "<div class=\"values\" aria-hidden=\"true\">";
    for (const double tick : ticks_) {
      fmt::format_to(to(), "<span style=\"top:{:.4g}%\">", 100 * depth_of(tick));
      append_html(out_, label(tick));
      out_ += "</span>";
    }
    out_ += "</div>\n";
  }

  void draw_picture() {
    const std::size_t width = std::max<std::size_t>(values_.size(), 1);
    fmt::format_to(
        to(), "<svg viewBox=\"0 0 {} {}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
        width, kHeight);
    append_html(out_, fmt::format("{}: {}", chart_.title, extent_text()));
    out_ += "\">";
    out_ += "<path class=\"grid\" d=\"";
    for (const double tick : ticks_) {
      fmt::format_to(to(), "M0 {}h{}", y_of(tick), width);
    }
    out_ += "\"/>";
    draw_runs();
    out_ += "</svg>\n";
  }

  long y_of(double value) const { return std::lround(kHeight * depth_of(value)); }

  /// Each run of values that are known as an area and a line.
  void draw_runs() {
    std::string area;
    std::string line;
    const long bottom = y_of(0);
    for (std::size_t i = 0; i < values_.size();) {
      if (!std::isfinite(values_[i])) {
        ++i;
        continue;
      }
      const std::size_t begin = i;
      std::string steps;
      for (; i < values_.size() && std::isfinite(values_[i]); ++i) {
        fmt::format_to(std::back_inserter(steps), "{}{}h1", i == begin ? "" : "V",
                       i == begin ? "" : fmt::format("{}", y_of(values_[i])));
      }
      fmt::format_to(std::back_inserter(line), "M{} {}{}", begin, y_of(values_[begin]), steps);
      fmt::format_to(std::back_inserter(area), "M{} {}V{}{}V{}Z", begin, bottom,
                     y_of(values_[begin]), steps, bottom);
    }
    fmt::format_to(to(), "<path class=\"area\" d=\"{}\"/><path class=\"line\" d=\"{}\"/>", area,
                   line);
  }

  void draw_time_axis() {
    out_ += "<div class=\"times\" aria-hidden=\"true\">";
    const Duration begin = since_origin(chart_.begin);
    const Duration end = since_origin(chart_.end);
    const auto length = static_cast<double>(end) - static_cast<double>(begin);
    for (const Duration tick : time_ticks(begin, end)) {
      const double place =
          length > 0 ? 100 * (static_cast<double>(tick) - static_cast<double>(begin)) / length : 0;
      // A label in a corner stays within the picture.
      constexpr double kCorner = 8;
      const std::string_view side = place < kCorner         ? " class=\"first\""
                                    : place > 100 - kCorner ? " class=\"last\""
                                                            : "";
      fmt::format_to(to(), "<span{} style=\"left:{:.4g}%\">", side, place);
      append_html(out_, cell_text(ColumnType::Duration, Value(tick), style_));
      out_ += "</span>";
    }
    out_ += "</div>\n";
  }

  std::string& out_;
  const Chart& chart_;
  CellStyle style_;
  std::vector<double> values_;
  Extent extent_;
  std::vector<double> ticks_;
};

}  // namespace

void draw_html(std::string& out, const Chart& chart, const HtmlOptions& options) {
  HtmlChart(out, chart, options).draw();
}

}  // namespace marey::table
