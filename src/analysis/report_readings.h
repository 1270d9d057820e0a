// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace marey::analysis {

/// One sentence on how to read a table of the report: what is normal, what to look at, and which
/// command goes deeper. By the table's id; "": there is none. They are here, not with the tables,
/// since these are also what the commands show that the sentences lead to.
std::string_view reading_of(std::string_view table);

}  // namespace marey::analysis
