// SPDX-License-Identifier: Apache-2.0
#include "src/table/html_page.h"

#include <fmt/format.h>
#include <iterator>

#include "src/table/html.h"

namespace marey::table {

void begin_html_page(std::string& out, std::string_view title) {
  out += "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  fmt::format_to(std::back_inserter(out),
                 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                 "style-src 'unsafe-inline'; script-src 'sha256-{}'; base-uri 'none'; "
                 "form-action 'none'\">\n",
                 kPageScriptSha256);
  out +=
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";
  append_html(out, title);
  fmt::format_to(std::back_inserter(out), "</title>\n<style>{}</style>\n</head>\n<body>\n",
                 kPageStyle);
}

void end_html_page(std::string& out) {
  fmt::format_to(std::back_inserter(out), "<script>{}</script>\n</body>\n</html>\n", kPageScript);
}

}  // namespace marey::table
