// SPDX-License-Identifier: Apache-2.0
#include "marey/trace.h"

namespace marey {

std::string_view version() { return MAREY_VERSION; }

}  // namespace marey
