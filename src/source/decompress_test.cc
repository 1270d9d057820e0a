// SPDX-License-Identifier: Apache-2.0
#include "src/source/decompress.h"

#include <cerrno>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <string_view>

#include "src/source/fake_os.h"
#include "src/source/test_text.h"

namespace marey::source {
namespace {

using namespace std::string_literals;

/// Text that compresses, but not to nothing; longer than every buffer on the way.
std::string sample(std::size_t length = 300'000) {
  std::string text;
  std::uint32_t x = 1;
  while (text.size() < length) {
    x = x * 1664525 + 1013904223;
    text += std::to_string(x >> 20) + (x % 7 == 0 ? "\n" : " ");
  }
  text.resize(length);
  return text;
}

struct Format {
  std::string name;
  std::function<std::string(std::string_view)> compress;
  std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>)> open;
};

// NOLINTNEXTLINE(readability-identifier-naming): the name is GoogleTest's
void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

class Decompress : public ::testing::TestWithParam<Format> {
 protected:
  static std::string compress(std::string_view text) { return GetParam().compress(text); }
  static std::unique_ptr<ByteStream> open(std::string_view compressed,
                                          std::size_t piece = static_cast<std::size_t>(-1)) {
    return GetParam().open(stream_bytes(to_bytes(compressed), "file", piece));
  }
};

TEST_P(Decompress, WholeWhateverThePieces) {
  const std::string text = sample();
  const std::string compressed = compress(text);
  for (const std::size_t in :
       {std::size_t{1}, std::size_t{3}, std::size_t{1000}, std::size_t{1} << 20}) {
    for (const std::size_t out : {std::size_t{1}, std::size_t{4096}, std::size_t{1} << 20}) {
      if (in == 1 && out == 1) continue;
      const auto stream = open(compressed, in);
      const Drained drained = drain(*stream, out);
      EXPECT_EQ("", drained.error);
      EXPECT_TRUE(text == drained.text) << in << " " << out << " " << drained.text.size();
      EXPECT_TRUE(stream->warnings().empty());
      EXPECT_EQ("file", stream->name());
    }
  }
}

TEST_P(Decompress, SeveralPartsAreOneText) {
  const std::string text = sample(50'000);
  const std::string compressed = compress(text) + compress("") + compress("x") + compress(text);
  const std::string expected = text + "x" + text;
  for (const std::size_t in : {std::size_t{1}, std::size_t{1} << 20}) {
    const Drained drained = drain(*open(compressed, in));
    EXPECT_EQ("", drained.error);
    EXPECT_TRUE(expected == drained.text);
  }
  EXPECT_EQ("", drain(*open(compress(""))).text);
}

TEST_P(Decompress, EveryCutKeepsWhatCameBefore) {
  const std::string text = sample(5'000);
  const std::string compressed = compress(text);
  for (std::size_t cut = 0; cut < compressed.size(); ++cut) {
    const auto stream = open(compressed.substr(0, cut), 100);
    const Drained drained = drain(*stream, 64);
    EXPECT_TRUE(text.starts_with(drained.text)) << cut;
    const std::size_t magic = GetParam().name == "gzip" ? 2 : 4;
    EXPECT_EQ(cut < magic
                  ? "this is not " + GetParam().name + " data"
                  : GetParam().name + " data ends early after " + std::to_string(cut) + " bytes",
              drained.error);
    EXPECT_EQ(drained.error, drain(*stream).error);  // and stays so
  }
  const std::string big = sample();
  const Drained drained = drain(*open(compress(big).substr(0, compress(big).size() - 1)));
  EXPECT_GT(drained.text.size(), big.size() / 2);
}

TEST_P(Decompress, EveryFlippedByteIsSurvived) {
  const std::string text = sample(300);
  const std::string compressed = compress(text) + compress(text);
  std::size_t noticed = 0;
  for (std::size_t i = 0; i < compressed.size(); ++i) {
    std::string damaged = compressed;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    const auto stream = open(damaged);
    const Drained drained = drain(*stream);
    EXPECT_LE(drained.text.size(), 100'000u);
    if (!drained.error.empty() || !stream->warnings().empty() || drained.text != text + text) {
      ++noticed;
    }
    EXPECT_FALSE(drained.error.contains("file: ")) << drained.error;
  }
  EXPECT_GT(noticed, compressed.size() / 2);
}

TEST(Gunzip, SaysThatOnlyTheChecksumIsWrong) {
  const std::string text = sample(5'000);
  const std::string compressed = gzipped(text);
  // RFC 1952: the last eight bytes are the checksum and the length.
  for (const auto& [place, word] : {std::pair{8, "checksum"}, std::pair{4, "length"}}) {
    std::string damaged = compressed;
    damaged[damaged.size() - static_cast<std::size_t>(place)] ^= 1;
    const Drained drained = drain(*gunzip(stream_bytes(to_bytes(damaged), "file")));
    EXPECT_EQ(text, drained.text);
    EXPECT_EQ(
        "the "s + word + " of the gzip data is wrong: all bytes are there, and some are damaged",
        drained.error);
  }
}

TEST_P(Decompress, TrailingBytes) {
  const std::string one = compress("text");
  const std::string warning = "the bytes after the end of the " + GetParam().name +
                              " data, from byte " + std::to_string(one.size()) + " on, are ignored";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
    for (const std::string& tail :
         {"garbage"s, "\x1f"s, "\0\0\0\0\0\0x"s, std::string(1000, '\0') + "x"}) {
      const auto stream = open(one + tail, piece);
      const Drained drained = drain(*stream);
      EXPECT_EQ("text", drained.text);
      EXPECT_EQ("", drained.error);
      ASSERT_EQ(1u, stream->warnings().size());
      EXPECT_EQ(warning, stream->warnings()[0]);
    }
    const auto padded = open(one + std::string(200'000, '\0'), piece);
    EXPECT_EQ("text", drain(*padded).text);
    EXPECT_TRUE(padded->warnings().empty());
  }
}

TEST_P(Decompress, BombsComeInPieces) {
  std::string long_one;
  long_one.resize(30'000'000, 'a');
  const auto stream = open(compress(long_one));
  std::vector<std::byte> buffer(4096);
  for (int i = 0; i < 10; ++i) {
    const Result<std::size_t> count = stream->read(buffer);
    ASSERT_TRUE(count.has_value());
    EXPECT_EQ(buffer.size(), *count);
  }
}

TEST_P(Decompress, DoesNotWaitWhileThereIsSomething) {
  // All of the part comes in the first read, and the second fails. What came out of the part must
  // be delivered before the second is tried: on a live pipe, it would wait.
  FakeOs os;
  os.files["file"] = {.content = compress("text")};
  os.read_error = EIO;
  os.read_error_after = 1;
  const auto stream =
      GetParam().open(stream_file(FileHandle::owned(os, os.open("file").value()), "file"));
  std::vector<std::byte> buffer(1000);
  EXPECT_EQ(4u, stream->read(buffer).value());
  EXPECT_EQ(0, os.failed_reads);
  EXPECT_EQ("file: cannot read: input/output error", drain(*stream).error);
  EXPECT_EQ(1, os.failed_reads);
}

TEST_P(Decompress, IsToldByItsFirstBytes) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
    Result<std::unique_ptr<ByteStream>> stream =
        decompress(stream_bytes(to_bytes(compress("text")), "file", piece));
    ASSERT_TRUE(stream.has_value());
    EXPECT_EQ("text", drain(**stream).text);
  }
}

std::string zstd_usual(std::string_view text) { return zstd_compressed(text); }

INSTANTIATE_TEST_SUITE_P(Formats, Decompress,
                         ::testing::Values(Format{"gzip", gzipped, gunzip},
                                           Format{"zstd", zstd_usual, unzstd}),
                         [](const auto& test) { return test.param.name; });

TEST(DecompressPlain, StaysAsItIs) {
  for (const std::string& text : {""s, "g"s, "go 1.22 trace\0\0\0"s, "\x28\xb5\x2f"s, "\x1f"s}) {
    Result<std::unique_ptr<ByteStream>> stream =
        decompress(stream_bytes(to_bytes(text), "file", 1));
    ASSERT_TRUE(stream.has_value());
    EXPECT_EQ(text, drain(**stream).text);
  }
}

TEST(DecompressPlain, FirstBytesMayFail) {
  FakeOs os;
  os.files["file"] = {.content = "go"};
  os.read_error = EIO;
  EXPECT_EQ("file: cannot read: input/output error",
            decompress(stream_file(FileHandle::owned(os, os.open("file").value()), "file"))
                .error()
                .message);
}

TEST(DecompressZstd, SkippableFramesAreSkipped) {
  const std::string skippable = "\x5f\x2a\x4d\x18\x05\0\0\0hello"s;
  const std::string compressed =
      skippable + zstd_compressed("a") + skippable + zstd_compressed("b") + skippable;
  const auto stream = unzstd(stream_bytes(to_bytes(compressed), "file", 1));
  EXPECT_EQ("ab", drain(*stream).text);
  EXPECT_TRUE(stream->warnings().empty());
  // As pzstd writes them: with one in front.
  const auto found = decompress(stream_bytes(to_bytes(compressed), "file"));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ("ab", drain(**found).text);
}

TEST(DecompressZstd, AWrongChecksumCostsNothing) {
  for (const std::size_t length : {std::size_t{10}, std::size_t{1'000'000}}) {
    std::string text;
    for (std::size_t i = 0; text.size() < length; i++) text += std::to_string(i * i);
    std::string compressed = zstd_compressed(text);
    compressed.back() ^= 1;
    const auto stream = unzstd(stream_bytes(to_bytes(compressed), "file"));
    const Drained drained = drain(*stream, 2'000'000);
    EXPECT_EQ(text, drained.text);
    EXPECT_NE(std::string::npos, drained.error.find("checksum"));
  }
}

TEST(DecompressZstd, WindowsHaveALimit) {
  const auto good = unzstd(stream_bytes(to_bytes(zstd_compressed("text", 27)), "file"));
  EXPECT_EQ("text", drain(*good).text);
  // A frame header that asks for a window of 2 GiB: magic, no flags, exponent 21, mantissa 0.
  const std::string greedy = "\x28\xb5\x2f\xfd\x00\xa8\x00\x00\x00"s;
  const auto stream = unzstd(stream_bytes(to_bytes(greedy), "file"));
  EXPECT_NE(std::string::npos, drain(*stream).error.find("more than 128 MiB"));
}

}  // namespace
}  // namespace marey::source
