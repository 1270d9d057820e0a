// SPDX-License-Identifier: Apache-2.0
#include "src/source/mapped_file.h"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>
#include <utility>

#include "src/base/test_files.h"
#include "src/source/fake_os.h"
#include "src/source/test_text.h"

namespace marey::source {
namespace {

namespace fs = std::filesystem;

const std::size_t page = real_os().page_size();

std::string numbered(std::size_t length) {
  std::string text;
  while (text.size() < length) text += std::to_string(text.size()) + " ";
  text.resize(length);
  return text;
}

TEST(MappedFile, HasTheBytesAndSlackAfterThem) {
  const base::TemporaryDirectory directory;
  for (const std::size_t length :
       {std::size_t{1}, std::size_t{15}, page - 1, page, page + 1, 3 * page, 16 * page}) {
    const std::string content = numbered(length);
    Result<MappedFile> file = MappedFile::open(directory.write("file", content));
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_TRUE(file->is_mapped());
    EXPECT_EQ(length, file->size());
    EXPECT_EQ(content, to_text(file->bytes()));
    std::uint64_t words[2];
    std::memcpy(words, file->bytes().data() + length, sizeof words);  // no fault is the test
    EXPECT_EQ(0u, words[0] | words[1]);
    file->expect_sequential_read();
    EXPECT_EQ(content, to_text(file->bytes()));
  }
}

TEST(MappedFile, MayBeEmpty) {
  const base::TemporaryDirectory directory;
  Result<MappedFile> file = MappedFile::open(directory.write("file", ""));
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(0u, file->size());
  EXPECT_NE(nullptr, file->bytes().data());
  EXPECT_FALSE(file->changed_since_open());
}

TEST(MappedFile, KeepsItsBytesWhenMoved) {
  const base::TemporaryDirectory directory;
  Result<MappedFile> a = MappedFile::open(directory.write("a", "first"));
  Result<MappedFile> b = MappedFile::open(directory.write("b", "second"));
  ASSERT_TRUE(a && b);
  const std::span<const std::byte> bytes = b->bytes();
  a = std::move(b);
  EXPECT_EQ("second", to_text(a->bytes()));
  EXPECT_EQ("second", to_text(bytes));
  EXPECT_EQ(directory.path("b"), a->name());
}

TEST(MappedFile, ShrinkingGivesZerosAndAMark) {
  const base::TemporaryDirectory directory;
  const std::string path = directory.write("file", std::string(20 * page, 'x'));
  Result<MappedFile> opened = MappedFile::open(path);
  ASSERT_TRUE(opened.has_value());
  const MappedFile file = std::move(*opened);
  EXPECT_FALSE(file.changed_since_open());
  fs::resize_file(path, 3 * page + 100);
  const std::string text = to_text(file.bytes());
  EXPECT_EQ(20 * page, text.size());
  EXPECT_EQ(3 * page + 100, text.find('\0'));
  EXPECT_EQ(std::string::npos, text.find('x', 3 * page + 100));
  EXPECT_EQ(3 * page + 100, file.shrunk_at());
  EXPECT_TRUE(file.changed_since_open());
  EXPECT_FALSE(file.replaced_since_open());
}

TEST(MappedFile, CutToNothingWhileRead) {
  const base::TemporaryDirectory directory;
  const std::string path = directory.write("file", std::string(page + 1, 'x'));
  const Result<MappedFile> file = MappedFile::open(path);
  ASSERT_TRUE(file.has_value());
  fs::resize_file(path, 0);
  EXPECT_EQ(std::string(page + 1, '\0'), to_text(file->bytes()));
  EXPECT_EQ(0u, file->shrunk_at());
}

TEST(MappedFile, GrowingIsNoticedAndNotFollowed) {
  const base::TemporaryDirectory directory;
  const std::string path = directory.write("file", "begin");
  const Result<MappedFile> file = MappedFile::open(path);
  ASSERT_TRUE(file.has_value());
  std::ofstream(path, std::ios::app) << " and more";
  EXPECT_EQ("begin", to_text(file->bytes()));
  EXPECT_TRUE(file->changed_since_open());
  EXPECT_EQ(std::nullopt, file->shrunk_at());
}

TEST(MappedFile, OverwritingIsNoticed) {
  const base::TemporaryDirectory directory;
  const std::string path = directory.write("file", "begin");
  const Result<MappedFile> file = MappedFile::open(path);
  ASSERT_TRUE(file.has_value());
  fs::last_write_time(path, fs::last_write_time(path) + std::chrono::seconds(2));
  EXPECT_TRUE(file->changed_since_open());
}

TEST(MappedFile, ReplacingLeavesTheOldBytes) {
  const base::TemporaryDirectory directory;
  const std::string path = directory.write("file", "old");
  const Result<MappedFile> file = MappedFile::open(path);
  ASSERT_TRUE(file.has_value());
  fs::rename(directory.write("other", "new bytes"), path);
  EXPECT_EQ("old", to_text(file->bytes()));
  EXPECT_TRUE(file->replaced_since_open());
  fs::remove(path);
  EXPECT_EQ("old", to_text(file->bytes()));
  EXPECT_TRUE(file->replaced_since_open());
  EXPECT_EQ(std::nullopt, file->shrunk_at());
}

TEST(MappedFile, ErrorsSayWhatToDo) {
  const base::TemporaryDirectory directory;
  const std::string missing = directory.path("missing");
  EXPECT_EQ(missing + ": no such file; check the path", MappedFile::open(missing).error().message);
  EXPECT_EQ(ErrorKind::System, MappedFile::open(missing).error().kind);
  EXPECT_EQ(directory.path("") + ": is a directory; name a file in it",
            MappedFile::open(directory.path("")).error().message);
  EXPECT_EQ("the name of the file is empty; give the path of a trace",
            MappedFile::open("").error().message);
  EXPECT_EQ("/dev/null: is not a regular file and cannot be mapped",
            MappedFile::open("/dev/null").error().message);
  const std::string below = directory.write("file", "x") + "/below";
  EXPECT_EQ(below + ": a part of the path is not a directory; check the path",
            MappedFile::open(below).error().message);
}

TEST(MappedFileFaults, ReadsWhatCannotBeMapped) {
  for (const bool reserve_fails : {false, true}) {
    FakeOs os;
    os.files["file"] = {.content = numbered(3'000'000)};
    (reserve_fails ? os.reserve_error : os.map_error) = ENODEV;
    os.largest_read = 70'001;  // reads come short
    {
      Result<MappedFile> file = MappedFile::open("file", os);
      ASSERT_TRUE(file.has_value()) << file.error().message;
      EXPECT_FALSE(file->is_mapped());
      EXPECT_EQ(os.files["file"].content, to_text(file->bytes()));
      std::uint64_t words[2];
      std::memcpy(words, file->bytes().data() + file->size(), sizeof words);
      EXPECT_EQ(0u, words[0] | words[1]);
      const MappedFile moved = std::move(*file);
      EXPECT_EQ(os.files["file"].content, to_text(moved.bytes()));
      EXPECT_EQ(std::nullopt, moved.shrunk_at());
    }
    EXPECT_EQ(0, os.open_files);
    EXPECT_EQ(0, os.mappings);
  }
}

TEST(MappedFileFaults, ShorterThanItClaimed) {
  FakeOs os;
  os.files["file"] = {.content = "only this", .claimed_size = 1000};
  os.map_error = ENODEV;
  const Result<MappedFile> file = MappedFile::open("file", os);
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ("only this", to_text(file->bytes()));
  EXPECT_EQ(9u, file->shrunk_at());
}

TEST(MappedFileFaults, TooLongToBeRead) {
  for (const std::uint64_t size : {std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    FakeOs os;
    os.files["file"] = {.content = "x", .claimed_size = size};
    os.reserve_error = ENOMEM;
    const Result<MappedFile> file = MappedFile::open("file", os);
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(0u, file.error().message.find("file: cannot be mapped (")) << file.error().message;
    EXPECT_NE(std::string::npos, file.error().message.find("copy it to a local disk"));
    EXPECT_EQ(0, os.open_files);
  }
}

TEST(MappedFileFaults, EveryFailureIsAnErrorAndLeavesNothingOpen) {
  FakeOs os;
  os.files["file"] = {.content = std::string(5000, 'x')};

  os.open_error = EMFILE;
  EXPECT_EQ("file: too many files are open; close some, or raise the limit (ulimit -n)",
            MappedFile::open("file", os).error().message);
  os.open_error = EACCES;
  EXPECT_EQ("file: permission denied; the file must be readable and its directories searchable",
            MappedFile::open("file", os).error().message);
  os.open_error = 0;

  os.status_error = EIO;
  EXPECT_EQ("file: cannot examine: input/output error",
            MappedFile::open("file", os).error().message);
  os.status_error = 0;

  os.map_error = EACCES;
  os.read_error = EIO;
  os.read_error_after = 2;
  os.largest_read = 1000;
  EXPECT_EQ("file: cannot read: input/output error", MappedFile::open("file", os).error().message);
  EXPECT_EQ(0, os.open_files);
  EXPECT_EQ(0, os.mappings);
  EXPECT_EQ(1, os.maps_made);
}

}  // namespace
}  // namespace marey::source
