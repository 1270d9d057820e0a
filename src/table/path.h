// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace marey::table {

/// What tells Go programmers which file it is, of "file:line" with the path of the machine that
/// compiled it: the path of the package in GOROOT, GOPATH, the module cache or a vendor folder
/// ("net/http/server.go:2092"), else the folder and the file ("server/main.go:33"). A path that is
/// not absolute, as -trimpath leaves it, stays whole. The result is an end of `path`.
std::string_view short_path(std::string_view path);

}  // namespace marey::table
