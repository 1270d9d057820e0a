// SPDX-License-Identifier: Apache-2.0
#include "src/source/byte_stream.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "src/source/errors.h"

namespace marey::source {
namespace {

class FileStream final : public ByteStream {
 public:
  FileStream(FileHandle file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}

  Result<std::size_t> read(std::span<std::byte> into) override {
    assert(!into.empty());
    if (failure_) return std::unexpected(*failure_);
    if (ended_) return 0;
    const OsResult<std::size_t> count = file_.os().read(file_.fd(), into);
    if (!count) {
      failure_ = system_error(name_, "read", count.error()).error();
      return std::unexpected(*failure_);
    }
    // A terminal can go on after an end; a stream does not.
    ended_ = *count == 0;
    return *count;
  }

  const std::string& name() const override { return name_; }

 private:
  FileHandle file_;
  std::string name_;
  bool ended_ = false;
  std::optional<Error> failure_;
};

class MemoryStream final : public ByteStream {
 public:
  MemoryStream(std::vector<std::byte> bytes, std::string name, std::size_t piece)
      : bytes_(std::move(bytes)), name_(std::move(name)), piece_(piece) {}

  Result<std::size_t> read(std::span<std::byte> into) override {
    assert(!into.empty());
    const std::size_t count = std::min({into.size(), bytes_.size() - position_, piece_});
    if (count > 0) std::memcpy(into.data(), bytes_.data() + position_, count);
    position_ += count;
    return count;
  }

  const std::string& name() const override { return name_; }

 private:
  std::vector<std::byte> bytes_;
  std::string name_;
  std::size_t piece_;
  std::size_t position_ = 0;
};

class PushedBackStream final : public ByteStream {
 public:
  PushedBackStream(std::vector<std::byte> front, std::unique_ptr<ByteStream> stream)
      : front_(std::move(front)), stream_(std::move(stream)) {}

  Result<std::size_t> read(std::span<std::byte> into) override {
    assert(!into.empty());
    if (taken_ == front_.size()) return stream_->read(into);
    const std::size_t count = std::min(into.size(), front_.size() - taken_);
    std::memcpy(into.data(), front_.data() + taken_, count);
    taken_ += count;
    return count;
  }

  const std::string& name() const override { return stream_->name(); }
  std::vector<std::string> warnings() const override { return stream_->warnings(); }

 private:
  std::vector<std::byte> front_;
  std::unique_ptr<ByteStream> stream_;
  std::size_t taken_ = 0;
};

}  // namespace

std::unique_ptr<ByteStream> stream_file(FileHandle file, std::string name) {
  return std::make_unique<FileStream>(std::move(file), std::move(name));
}

std::unique_ptr<ByteStream> stream_bytes(std::vector<std::byte> bytes, std::string name,
                                         std::size_t piece) {
  return std::make_unique<MemoryStream>(std::move(bytes), std::move(name), piece);
}

std::unique_ptr<ByteStream> push_back(std::vector<std::byte> front,
                                      std::unique_ptr<ByteStream> stream) {
  return std::make_unique<PushedBackStream>(std::move(front), std::move(stream));
}

Result<void> read_all(ByteStream& stream, PaddedBuffer& buffer, std::size_t most) {
  constexpr std::size_t kPiece = std::size_t{1} << 18;
  while (most > 0) {
    const std::span<std::byte> room = buffer.prepare(std::min(most, kPiece));
    if (room.empty()) return memory_error(stream.name());
    const Result<std::size_t> count = stream.read(room);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
    buffer.commit(*count);
    most -= *count;
  }
  return {};
}

}  // namespace marey::source
