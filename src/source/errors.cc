// SPDX-License-Identifier: Apache-2.0
#include "src/source/errors.h"

#include <cerrno>
#include <fmt/format.h>
#include <utility>

#include "src/source/os.h"

namespace marey::source {
namespace {

std::unexpected<Error> refused(std::string message) {
  return std::unexpected(Error{ErrorKind::System, std::move(message)});
}

}  // namespace

std::unexpected<Error> open_error(std::string_view name, int error) {
  switch (error) {
    case ENOENT:
      if (name.empty()) return refused("the name of the file is empty; give the path of a trace");
      return refused(fmt::format("{}: no such file; check the path", name));
    case ENOTDIR:
      return refused(
          fmt::format("{}: a part of the path is not a directory; check the path", name));
    case EACCES:
      return refused(fmt::format(
          "{}: permission denied; the file must be readable and its directories searchable", name));
    case EISDIR: return directory_error(name);
    case EMFILE:
    case ENFILE:
      return refused(fmt::format(
          "{}: too many files are open; close some, or raise the limit (ulimit -n)", name));
    case ENXIO:
      return refused(
          fmt::format("{}: nothing to read from: a socket or device that cannot be "
                      "opened; pipe its data in and name the file \"-\"",
                      name));
    default: return system_error(name, "open", error);
  }
}

std::unexpected<Error> system_error(std::string_view name, std::string_view verb, int error) {
  return refused(fmt::format("{}: cannot {}: {}", name, verb, errno_text(error)));
}

std::unexpected<Error> directory_error(std::string_view name) {
  return refused(fmt::format("{}: is a directory; name a file in it", name));
}

std::unexpected<Error> memory_error(std::string_view name) {
  return refused(fmt::format("{}: not enough memory to hold it", name));
}

}  // namespace marey::source
