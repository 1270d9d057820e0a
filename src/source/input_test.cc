// SPDX-License-Identifier: Apache-2.0
#include "src/source/input.h"

#include <cerrno>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <variant>

#include "src/base/test_files.h"
#include "src/source/fake_os.h"
#include "src/source/test_text.h"

namespace marey::source {
namespace {

using Stream = std::unique_ptr<ByteStream>;

struct Opened {
  bool mapped = false;
  std::string name;
  std::string text;
};

Opened open_and_read(const std::string& path, Os& os = real_os()) {
  Result<Input> input = open_input(path, os);
  if (!input) return {false, "error: " + input.error().message, ""};
  if (const auto* file = std::get_if<MappedFile>(&*input)) {
    return {true, file->name(), to_text(file->bytes())};
  }
  ByteStream& stream = *std::get<Stream>(*input);
  return {false, stream.name(), drain(stream).text};
}

TEST(Input, PlainFilesAreMapped) {
  const base::TemporaryDirectory directory;
  const std::string path = directory.write("trace.gz", "go 1.22 trace");  // the name is no matter
  const Opened opened = open_and_read(path);
  EXPECT_TRUE(opened.mapped);
  EXPECT_EQ(path, opened.name);
  EXPECT_EQ("go 1.22 trace", opened.text);
}

TEST(Input, CompressedFilesAreStreamed) {
  const base::TemporaryDirectory directory;
  for (const std::string& content : {gzipped("go 1.22 trace"), zstd_compressed("go 1.22 trace")}) {
    const Opened opened = open_and_read(directory.write("trace", content));
    EXPECT_FALSE(opened.mapped);
    EXPECT_EQ(directory.path("trace"), opened.name);
    EXPECT_EQ("go 1.22 trace", opened.text);
  }
}

TEST(Input, FilesWithoutALengthAreStreamed) {
  const base::TemporaryDirectory directory;
  EXPECT_EQ("", open_and_read(directory.write("empty", "")).text);
  EXPECT_EQ("", open_and_read("/dev/null").text);
  const Opened status = open_and_read("/proc/self/status");
  EXPECT_FALSE(status.mapped);
  EXPECT_NE(std::string::npos, status.text.find("Name:"));
}

TEST(Input, Fifos) {
  const base::TemporaryDirectory directory;
  const std::string path = directory.path("fifo");
  ASSERT_EQ(0, ::mkfifo(path.c_str(), 0600));
  for (const std::string& content : {std::string("plain"), gzipped("packed")}) {
    std::thread writer([&] { std::ofstream(path, std::ios::binary) << content; });
    const Opened opened = open_and_read(path);
    writer.join();
    EXPECT_FALSE(opened.mapped);
    EXPECT_EQ(content == "plain" ? "plain" : "packed", opened.text);
  }
}

TEST(Input, ErrorsNameTheFile) {
  const base::TemporaryDirectory directory;
  const std::string missing = directory.path("missing");
  EXPECT_EQ("error: " + missing + ": no such file; check the path", open_and_read(missing).name);
  EXPECT_EQ("error: " + directory.path("") + ": is a directory; name a file in it",
            open_and_read(directory.path("")).name);
}

class StandardInput : public ::testing::TestWithParam<const char*> {
 protected:
  Opened open(FakeOs::File file) {
    os_.files["<0>"] = std::move(file);
    const Opened opened = open_and_read(GetParam(), os_);
    EXPECT_EQ("standard input", opened.name);
    EXPECT_EQ(0, os_.open_files);  // it is not ours to close
    return opened;
  }

 private:
  FakeOs os_;
};

TEST_P(StandardInput, Pipe) {
  const Opened opened = open({.kind = FileKind::Pipe, .content = "from a pipe"});
  EXPECT_FALSE(opened.mapped);
  EXPECT_EQ("from a pipe", opened.text);
}

TEST_P(StandardInput, RegularFile) {
  const Opened opened = open({.content = "from a file"});
  EXPECT_TRUE(opened.mapped);
  EXPECT_EQ("from a file", opened.text);
}

TEST_P(StandardInput, CompressedFile) {
  const Opened opened = open({.content = gzipped("packed")});
  EXPECT_FALSE(opened.mapped);
  EXPECT_EQ("packed", opened.text);
}

INSTANTIATE_TEST_SUITE_P(Names, StandardInput, ::testing::Values("-", "/dev/stdin"));

TEST(Input, StandardInputThatSomebodyHasBegun) {
  FakeOs os;
  os.files["<0>"] = {.content = "seen: the rest"};
  std::byte seen[6];
  ASSERT_EQ(6u, os.read(0, seen).value());
  const Opened opened = open_and_read("-", os);
  EXPECT_FALSE(opened.mapped);
  EXPECT_EQ("the rest", opened.text);
}

TEST(Input, StandardInputThatCannotBe) {
  FakeOs os;
  os.files["<0>"] = {.kind = FileKind::Terminal, .content = ""};
  EXPECT_EQ("error: standard input is a terminal; pipe a trace in, or name a file",
            open_and_read("-", os).name);
  EXPECT_EQ(ErrorKind::Usage, open_input("-", os).error().kind);
  os.files["<0>"] = {.kind = FileKind::Directory, .content = ""};
  EXPECT_EQ("error: standard input: is a directory; name a file in it",
            open_and_read("-", os).name);
  os.status_error = EBADF;
  EXPECT_EQ("error: standard input: cannot examine: bad file descriptor",
            open_and_read("-", os).name);
}

TEST(InputFaults, EveryFailureIsAnErrorAndLeavesNothingOpen) {
  FakeOs os;
  os.files["file"] = {.content = "go 1.22 trace"};
  os.files["packed"] = {.content = gzipped("go 1.22 trace")};
  os.read_error = EIO;
  for (const std::size_t good_reads : {0u, 1u}) {
    os.read_error_after = good_reads;
    EXPECT_EQ("error: packed: cannot read: input/output error", open_and_read("packed", os).name);
  }
  os.read_error_after = 0;
  EXPECT_EQ("error: file: cannot read: input/output error", open_and_read("file", os).name);
  os.read_error = 0;
  os.status_error = EIO;
  EXPECT_EQ("error: file: cannot examine: input/output error", open_and_read("file", os).name);
  os.status_error = 0;
  os.map_error = ENODEV;
  os.largest_read = 3;  // not mapped, read in small pieces
  const Opened opened = open_and_read("file", os);
  EXPECT_TRUE(opened.mapped);
  EXPECT_EQ("go 1.22 trace", opened.text);
  EXPECT_EQ(0, os.open_files);
  EXPECT_EQ(0, os.mappings);
}

}  // namespace
}  // namespace marey::source
