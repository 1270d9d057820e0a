// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

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
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// A directory that is gone, with all that is in it, at the end of the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "marey-test-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  std::string path(std::string_view name) const { return (path_ / name).string(); }

  /// Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view content) const {
    std::ofstream(path(name), std::ios::binary)
        .write(content.data(), static_cast<std::streamsize>(content.size()));
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace marey::base
