// SPDX-License-Identifier: Apache-2.0
#include "src/table/path.h"

#include <cstddef>

namespace marey::table {
namespace {

/// "/build/gopher/main.go", "C:/build/main.go"; Go writes slashes on all systems.
bool is_absolute(std::string_view path) {
  return path.starts_with('/') || (path.size() > 2 && path.substr(1, 2) == ":/");
}

/// What stands behind the last `root`; "": it is not there.
std::string_view behind(std::string_view path, std::string_view root) {
  const std::size_t at = path.rfind(root);
  return at == std::string_view::npos ? std::string_view() : path.substr(at + root.size());
}

}  // namespace

std::string_view short_path(std::string_view path) {
  if (!is_absolute(path)) return path;
  const std::string_view module = behind(path, "/pkg/mod/");
  // Which may be Go itself: a GOROOT, with packages in a folder of their own.
  if (!module.empty() && !module.starts_with("golang.org/toolchain@")) return module;
  for (const std::string_view root : {"/vendor/", "/src/"}) {
    const std::string_view package = behind(path, root);
    if (package.contains('/')) return package;
  }
  const std::size_t file = path.rfind('/');
  if (file == 0) return path;
  return path.substr(path.rfind('/', file - 1) + 1);
}

}  // namespace marey::table
