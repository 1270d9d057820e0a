// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace marey::table {

/// A page in one file, that needs nothing else and may load nothing else (its policy says so to the
/// browser): what stands above and below its body. It is of use without its script, which sorts
/// tables and reads out charts.
void begin_html_page(std::string& out, std::string_view title);
void end_html_page(std::string& out);

/// What a browser applies to the page: see page_assets.cc.
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;
/// Of kPageScript, in base64: no other script runs in the page.
extern const std::string_view kPageScriptSha256;

}  // namespace marey::table
