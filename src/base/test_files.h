// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

/// For tests only: files of the repository, wherever the test was started.
namespace marey::base {

/// The path of `relative` (from the root of the repository): below the MAREY_SOURCE_DIR that the
/// build defines, or below the working directory.
inline std::filesystem::path test_file(const std::filesystem::path& relative) {
#ifdef MAREY_SOURCE_DIR
  return std::filesystem::path(MAREY_SOURCE_DIR) / relative;
#else
  return relative;
#endif
}

/// The bytes of `relative`; empty if it cannot be read, which the tests check for.
inline std::string read_test_file(const std::filesystem::path& relative) {
  std::ifstream in(test_file(relative), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace marey::base
