// SPDX-License-Identifier: Apache-2.0
#include "src/table/path.h"

#include <gtest/gtest.h>

namespace marey::table {
namespace {

TEST(ShortPath, BeginsWithThePackage) {
  EXPECT_EQ(short_path("/usr/local/go/src/net/http/server.go:2092"), "net/http/server.go:2092");
  EXPECT_EQ(short_path("/build/g/src/go/src/runtime/proc.go:435"), "runtime/proc.go:435");
  EXPECT_EQ(short_path("C:/Program Files/Go/src/sync/mutex.go:9"), "sync/mutex.go:9");
  EXPECT_EQ(short_path("/go/pkg/mod/go.uber.org/zap@v1.27.0/sink.go:1"),
            "go.uber.org/zap@v1.27.0/sink.go:1");
  EXPECT_EQ(short_path("/build/g/shop/vendor/example.com/cart/cart.go:8"),
            "example.com/cart/cart.go:8");
  EXPECT_EQ(short_path("/go/pkg/mod/example.com/x@v1.0.0/src/y/z.go:3"),
            "example.com/x@v1.0.0/src/y/z.go:3");
  EXPECT_EQ(
      short_path("/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.27.0.linux-amd64/src/net/net.go"),
      "net/net.go");
}

TEST(ShortPath, ElseIsFolderAndFile) {
  EXPECT_EQ(short_path("/build/g/shop/cmd/server/main.go:33"), "server/main.go:33");
  EXPECT_EQ(short_path("/app/main.go:33"), "app/main.go:33");
  EXPECT_EQ(short_path("/build/g/shop/src/main.go:33"), "src/main.go:33");
  EXPECT_EQ(short_path("C:/main.go:33"), "C:/main.go:33");
}

TEST(ShortPath, LeavesWhatIsNotAbsolute) {
  for (const char* const path : {"", "-", "example.com/shop/cart/cart.go:8", "net/http/server.go:1",
                                 "/main.go:33", "_cgo_gotypes.go:44", "???"}) {
    EXPECT_EQ(short_path(path), path);
  }
}

}  // namespace
}  // namespace marey::table
