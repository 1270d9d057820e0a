// SPDX-License-Identifier: Apache-2.0
#include "src/source/byte_stream.h"

#include <cerrno>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include "src/source/fake_os.h"
#include "src/source/test_text.h"

namespace marey::source {
namespace {

TEST(ByteStream, FileInShortReads) {
  FakeOs os;
  os.files["file"].content.assign(10'000, 'a').append("end");
  os.largest_read = 7;
  {
    const auto stream = stream_file(FileHandle::owned(os, os.open("file").value()), "file");
    const Drained drained = drain(*stream);
    EXPECT_EQ(os.files["file"].content, drained.text);
    EXPECT_EQ("", drained.error);
    std::byte one[1];
    EXPECT_EQ(0u, stream->read(one).value());  // still at the end
    EXPECT_EQ(1, os.open_files);
  }
  EXPECT_EQ(0, os.open_files);
}

TEST(ByteStream, ErrorsStayAfterWhatWasRead) {
  FakeOs os;
  os.files["file"] = {.content = std::string(100, 'a')};
  os.largest_read = 10;
  os.read_error = EIO;
  os.read_error_after = 3;
  const auto stream = stream_file(FileHandle::owned(os, os.open("file").value()), "file");
  const Drained drained = drain(*stream);
  EXPECT_EQ(std::string(30, 'a'), drained.text);
  EXPECT_EQ("file: cannot read: input/output error", drained.error);
  os.read_error = 0;
  EXPECT_EQ("file: cannot read: input/output error", drain(*stream).error);
}

TEST(ByteStream, PipeThatIsSlow) {
  int ends[2];
  ASSERT_EQ(0, ::pipe(ends));
  std::thread writer([out = ends[1]] {
    for (int i = 0; i < 200; ++i) {
      const std::string line = std::to_string(i) + "\n";
      ASSERT_EQ(static_cast<ssize_t>(line.size()), ::write(out, line.data(), line.size()));
      if (i % 50 == 0) std::this_thread::yield();
    }
    ::close(out);
  });
  const auto stream = stream_file(FileHandle::owned(real_os(), ends[0]), "pipe");
  std::string expected;
  for (int i = 0; i < 200; ++i) expected += std::to_string(i) + "\n";
  EXPECT_EQ(expected, drain(*stream, 3).text);
  writer.join();
}

TEST(ByteStream, NonBlockingSocketIsWaitedFor) {
  int ends[2];
  ASSERT_EQ(0, ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  ASSERT_EQ(0, ::fcntl(ends[0], F_SETFL, O_NONBLOCK));
  const auto stream = stream_file(FileHandle::owned(real_os(), ends[0]), "socket");
  std::thread writer([out = ends[1]] {
    std::this_thread::yield();
    ASSERT_EQ(2, ::write(out, "ab", 2));
    std::this_thread::yield();
    ASSERT_EQ(1, ::write(out, "c", 1));
    ::close(out);
  });
  EXPECT_EQ("abc", drain(*stream).text);
  writer.join();
}

TEST(ByteStream, PushedBackBytesComeFirst) {
  const auto stream = push_back(to_bytes("go 1"), stream_bytes(to_bytes(".22 trace"), "name", 2));
  EXPECT_EQ("name", stream->name());
  EXPECT_EQ("go 1.22 trace", drain(*stream, 3).text);
  EXPECT_EQ("", drain(*push_back({}, stream_bytes({}, "name"))).text);
}

TEST(ByteStream, ReadAllStopsAtItsLimit) {
  PaddedBuffer buffer;
  const auto stream = stream_bytes(to_bytes("0123456789"), "name", 3);
  ASSERT_TRUE(read_all(*stream, buffer, 5).has_value());
  EXPECT_EQ("01234", to_text(buffer.bytes()));
  ASSERT_TRUE(read_all(*stream, buffer).has_value());
  EXPECT_EQ("0123456789", to_text(buffer.bytes()));
}

TEST(ByteStream, ReadAllKeepsWhatCameBeforeAnError) {
  FakeOs os;
  os.files["file"] = {.content = std::string(100, 'a')};
  os.largest_read = 10;
  os.read_error = EIO;
  os.read_error_after = 3;
  const auto stream = stream_file(FileHandle::owned(os, os.open("file").value()), "file");
  PaddedBuffer buffer;
  const Result<void> result = read_all(*stream, buffer);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ("file: cannot read: input/output error", result.error().message);
  EXPECT_EQ(30u, buffer.size());
}

}  // namespace
}  // namespace marey::source
