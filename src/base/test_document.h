// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <string_view>

#include "src/base/test_files.h"

namespace marey::base {

/// Expects the document at `path`, from the repository's root, to be `text`, which is made from
/// `source`; with MAREY_WRITE_DOCS set, writes it in place of that.
inline void expect_document(std::string_view path, std::string_view text, std::string_view source) {
  if (std::getenv("MAREY_WRITE_DOCS") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream out(test_file(path), std::ios::binary);
    out << text;
    out.close();
    ASSERT_TRUE(out) << "cannot write " << test_file(path);
    return;
  }
  // Not EXPECT_EQ, which would print both.
  EXPECT_TRUE(read_test_file(path) == text)
      << path << " is not what " << source << " say; to write it anew, run this test "
      << "with MAREY_WRITE_DOCS=1 in its environment";
}

}  // namespace marey::base
