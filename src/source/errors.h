// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "marey/error.h"

namespace marey::source {

/// "NAME: no such file; check the path" and the like, for an errno of opening NAME.
std::unexpected<Error> open_error(std::string_view name, int error);

/// "NAME: cannot VERB: ...", for an errno of anything else.
std::unexpected<Error> system_error(std::string_view name, std::string_view verb, int error);

std::unexpected<Error> directory_error(std::string_view name);

std::unexpected<Error> memory_error(std::string_view name);

}  // namespace marey::source
