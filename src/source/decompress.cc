// SPDX-License-Identifier: Apache-2.0
#include "src/source/decompress.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#define ZLIB_CONST  // input is const
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "src/source/errors.h"
#include "src/source/window.h"

namespace marey::source {
namespace {

/// What gzip and zstd have in common: parts (members, frames) one after the other, each with its
/// magic number, and perhaps something else behind them.
class PartedStream : public ByteStream {
 public:
  PartedStream(std::unique_ptr<ByteStream> compressed, std::string_view format)
      : window_(std::move(compressed)), format_(format) {}

  Result<std::size_t> read(std::span<std::byte> into) final {
    assert(!into.empty());
    std::size_t produced = 0;
    while (!failure_ && !ended_ && produced < into.size()) {
      const std::size_t needed = in_part_ ? 1 : kMagicLength;
      if (window_.bytes().size() < needed && !window_.at_end()) {
        if (produced > 0) break;  // do not make anyone wait for more while there is something
        if (Result<void> filled = window_.fill(needed); !filled) {
          failure_ = std::move(filled).error();
          break;
        }
      }
      if (!in_part_) {
        next_part();
        continue;
      }
      const std::size_t more = step(into.subspan(produced));
      produced += more;
      produced_ += more;
      if (produced_ > kSmall && produced_ / kMostGrowth > window_.offset()) {
        fail(fmt::format("{} data grows to more than {} times its length, as no trace does",
                         format_, kMostGrowth));
      }
      // Nothing comes out though all input is in: the rest of the part is missing.
      if (more == 0 && in_part_ && !failure_ && window_.empty() && window_.at_end()) {
        fail(fmt::format("{} data ends early after {} bytes", format_, window_.offset()));
      }
    }
    if (produced == 0 && failure_) return std::unexpected(*failure_);
    return produced;
  }

  const std::string& name() const final { return window_.stream().name(); }

  std::vector<std::string> warnings() const final {
    std::vector<std::string> all = window_.stream().warnings();
    if (!warning_.empty()) all.push_back(warning_);
    return all;
  }

 protected:
  /// Whether a part begins here. If there are fewer than kMagicLength bytes, then no more come.
  virtual bool part_begins(std::span<const std::byte> front) const = 0;
  /// Gets ready for a part; false if there is no memory for it.
  virtual bool begin_part() = 0;
  /// Decompresses some of the window to `into` and returns how much came out; consumes what it
  /// used; calls end_part() or fail() when it has to.
  virtual std::size_t step(std::span<std::byte> into) = 0;

  Window& window() { return window_; }
  void end_part() { in_part_ = false; }
  void fail_for_memory() { failure_ = memory_error(name()).error(); }
  void fail(std::string what) { failure_ = Error{ErrorKind::Input, std::move(what)}; }

 private:
  // Traces shrink to a tenth. What is held in memory must not be out of proportion to the input.
  static constexpr std::uint64_t kSmall = 64 << 20;
  static constexpr std::uint64_t kMostGrowth = 100;

  void next_part() {
    if (part_begins(window_.bytes())) {
      in_part_ = begin_part();
      if (!in_part_) fail_for_memory();
      any_part_ = true;
      return;
    }
    if (!any_part_) {
      fail(fmt::format("this is not {} data", format_));
      return;
    }
    // Tapes and some writers pad with zeros.
    const std::uint64_t end_of_parts = window_.offset();
    while (true) {
      const std::span<const std::byte> bytes = window_.bytes();
      const auto zeros = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
      if (zeros != bytes.end()) break;
      window_.consume(bytes.size());
      Result<void> filled = window_.fill(1);
      if (!filled || window_.empty()) {
        ended_ = true;
        return;
      }
    }
    warning_ = fmt::format("the bytes after the end of the {} data, from byte {} on, are ignored",
                           format_, end_of_parts);
    ended_ = true;
  }

  Window window_;
  std::string_view format_;
  std::uint64_t produced_ = 0;
  bool in_part_ = false;
  bool any_part_ = false;
  bool ended_ = false;
  std::optional<Error> failure_;
  std::string warning_;
};

bool begins_with(std::span<const std::byte> front, std::string_view magic) {
  return front.size() >= magic.size() && std::memcmp(front.data(), magic.data(), magic.size()) == 0;
}

constexpr std::string_view kGzipMagic = "\x1f\x8b";
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

/// Also a skippable one, with which what pzstd writes begins: those have 16 magic numbers,
/// 0x184d2a50 to 0x184d2a5f, little endian.
bool begins_with_zstd_frame(std::span<const std::byte> front) {
  const bool skippable = front.size() >= kMagicLength &&
                         (front[0] & std::byte{0xf0}) == std::byte{0x50} &&
                         begins_with(front.subspan(1), "\x2a\x4d\x18");
  return skippable || begins_with(front, kZstdMagic);
}

class GzipStream final : public PartedStream {
 public:
  explicit GzipStream(std::unique_ptr<ByteStream> compressed)
      : PartedStream(std::move(compressed), "gzip") {}
  ~GzipStream() override {
    if (initialized_) inflateEnd(&inflater_);
  }

 private:
  bool part_begins(std::span<const std::byte> front) const override {
    return begins_with(front, kGzipMagic);
  }

  bool begin_part() override {
    if (initialized_) return inflateReset(&inflater_) == Z_OK;
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    initialized_ = inflateInit2(&inflater_, kGzipOnly) == Z_OK;
    return initialized_;
  }

  std::size_t step(std::span<std::byte> into) override {
    const std::span<const std::byte> input = window().bytes();
    const auto room = static_cast<uInt>(std::min(into.size(), std::size_t{1} << 30));
    inflater_.next_in = reinterpret_cast<const Bytef*>(input.data());
    inflater_.avail_in = static_cast<uInt>(input.size());
    inflater_.next_out = reinterpret_cast<Bytef*>(into.data());
    inflater_.avail_out = room;
    const int verdict = inflate(&inflater_, Z_NO_FLUSH);
    window().consume(input.size() - inflater_.avail_in);
    switch (verdict) {
      case Z_OK:
      case Z_BUF_ERROR:  // needs more input, or more room
        break;
      case Z_STREAM_END: end_part(); break;
      case Z_MEM_ERROR: fail_for_memory(); break;
      default: fail_for_damage(inflater_.msg != nullptr ? inflater_.msg : "unknown cause");
    }
    return room - inflater_.avail_out;
  }

  void fail_for_damage(std::string_view cause) {
    // zlib's words for what stands behind the data: all of the data has come out then.
    if (cause == "incorrect data check" || cause == "incorrect length check") {
      fail(
          fmt::format("the {} of the gzip data is wrong: all bytes are there, and some are damaged",
                      cause == "incorrect data check" ? "checksum" : "length"));
    } else {
      fail(fmt::format("gzip data is damaged near byte {} ({})", window().offset(), cause));
    }
  }

  z_stream inflater_ = {};
  bool initialized_ = false;
};

class ZstdStream final : public PartedStream {
 public:
  explicit ZstdStream(std::unique_ptr<ByteStream> compressed)
      : PartedStream(std::move(compressed), "zstd") {}

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };

  bool part_begins(std::span<const std::byte> front) const override {
    return begins_with_zstd_frame(front);
  }

  bool begin_part() override {
    if (!decoder_) {
      decoder_.reset(ZSTD_createDStream());
      if (!decoder_) return false;
      constexpr int kLargestWindowLog = 27;
      ZSTD_DCtx_setParameter(decoder_.get(), ZSTD_d_windowLogMax, kLargestWindowLog);
    }
    wanted_ = kMagicLength;
    return ZSTD_isError(ZSTD_DCtx_reset(decoder_.get(), ZSTD_reset_session_only)) == 0;
  }

  std::size_t step(std::span<std::byte> into) override {
    // No more than the decoder asks for: that is a block at a time, and the checksum behind the
    // last one on its own. What a call that fails has put out is lost.
    const std::span<const std::byte> input = window().bytes();
    ZSTD_inBuffer in{input.data(), std::min(input.size(), wanted_), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    const std::size_t verdict = ZSTD_decompressStream(decoder_.get(), &out, &in);
    window().consume(in.pos);
    if (ZSTD_isError(verdict) != 0) {
      switch (ZSTD_getErrorCode(verdict)) {
        case ZSTD_error_frameParameter_windowTooLarge:
          fail(
              "zstd data needs a window of more than 128 MiB; decompress it first with "
              "zstd -d --long=31");
          break;
        case ZSTD_error_memory_allocation: fail_for_memory(); break;
        default:
          fail(fmt::format("zstd data is damaged near byte {} ({})", window().offset(),
                           ZSTD_getErrorName(verdict)));
      }
    } else if (verdict == 0) {
      end_part();
    } else {
      wanted_ = verdict;
    }
    return out.pos;
  }

  std::unique_ptr<ZSTD_DStream, Free> decoder_;
  std::size_t wanted_ = 0;  // bytes of input
};

}  // namespace

Compression detect_compression(std::span<const std::byte> front) {
  if (begins_with(front, kGzipMagic)) return Compression::Gzip;
  if (begins_with_zstd_frame(front)) return Compression::Zstd;
  return Compression::None;
}

std::unique_ptr<ByteStream> gunzip(std::unique_ptr<ByteStream> compressed) {
  return std::make_unique<GzipStream>(std::move(compressed));
}

std::unique_ptr<ByteStream> unzstd(std::unique_ptr<ByteStream> compressed) {
  return std::make_unique<ZstdStream>(std::move(compressed));
}

Result<std::unique_ptr<ByteStream>> decompress(std::unique_ptr<ByteStream> stream) {
  std::vector<std::byte> front;
  while (front.size() < kMagicLength) {
    std::array<std::byte, kMagicLength> piece;
    const Result<std::size_t> count =
        stream->read(std::span(piece).first(kMagicLength - front.size()));
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
    front.insert(front.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*count));
  }
  const Compression compression = detect_compression(front);
  std::unique_ptr<ByteStream> whole = push_back(std::move(front), std::move(stream));
  switch (compression) {
    case Compression::Gzip: return gunzip(std::move(whole));
    case Compression::Zstd: return unzstd(std::move(whole));
    case Compression::None: break;
  }
  return whole;
}

}  // namespace marey::source
