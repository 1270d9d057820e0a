// SPDX-License-Identifier: Apache-2.0
#include "src/cli/output.h"

#include <cerrno>
#include <unistd.h>

namespace marey::cli {

bool Output::flush() {
  std::string_view rest = text_;
  while (!rest.empty() && wanted()) {
    const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  text_.clear();
  return wanted();
}

}  // namespace marey::cli
