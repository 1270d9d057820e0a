// SPDX-License-Identifier: Apache-2.0
#include "src/trace/generation_feed.h"

#include <fmt/format.h>
#include <limits>
#include <utility>

#include "src/source/input.h"
#include "src/trace/unreadable.h"
#include "src/wire/lost_header.h"
#include "src/wire/table_reader.h"

namespace marey::trace {
namespace {

/// Bytes asked of a stream at a time.
constexpr std::size_t kPiece = 256 << 10;

}  // namespace

Result<std::unique_ptr<GenerationFeed>> GenerationFeed::open(const std::string& path, bool strict) {
  auto input = source::open_input(path);
  if (!input) return std::unexpected(std::move(input.error()));
  auto feed = std::unique_ptr<GenerationFeed>(new GenerationFeed(strict));
  if (auto* const file = std::get_if<source::MappedFile>(&*input)) {
    feed->info_.name = file->name();
    feed->info_.bytes = file->size();
    feed->file_ = std::move(*file);
    feed->ended_ = true;
  } else {
    feed->stream_ = std::move(std::get<std::unique_ptr<source::ByteStream>>(*input));
    feed->info_.name = feed->stream_->name();
    feed->buffer_ = std::make_shared<source::PaddedBuffer>();
  }
  if (feed->read_header() == Status::Error) return std::unexpected(feed->error());
  return feed;
}

std::unique_ptr<GenerationFeed> GenerationFeed::fed(bool strict) {
  auto feed = std::unique_ptr<GenerationFeed>(new GenerationFeed(strict));
  feed->info_.name = "trace";
  feed->buffer_ = std::make_shared<source::PaddedBuffer>();
  return feed;
}

void GenerationFeed::feed(std::span<const std::byte> bytes) {
  if (ended_ || stream_) return;
  info_.bytes += bytes.size();
  if (!buffer_->append(bytes)) {
    error_ = Error{ErrorKind::System, "out of memory for the bytes of one generation"};
  }
}

std::span<const std::byte> GenerationFeed::window() const {
  return file_ ? file_->bytes() : buffer_->bytes();
}

GenerationFeed::Status GenerationFeed::fail(Error error) {
  error_ = std::move(error);
  return Status::Error;
}

GenerationFeed::Status GenerationFeed::pull() {
  if (error_) return Status::Error;
  if (ended_) return Status::End;
  if (!stream_) return Status::NeedMore;
  const auto room = buffer_->prepare(kPiece);
  if (room.empty()) {
    return fail({ErrorKind::System,
                 fmt::format("{}: out of memory for the bytes of one generation", info_.name)});
  }
  auto count = stream_->read(room);
  if (!count) {
    // What came before is still good: end there, and say why if that is not enough.
    if (strict_ || !header_read_) return fail(std::move(count.error()));
    const bool damaged = count.error().kind == ErrorKind::Input;  // else the system's doing
    health_.add({damaged ? Defect::DamagedCompression : Defect::TruncatedFile, info_.bytes, 0, 0, 0,
                 count.error().message});
    ended_ = true;
    return Status::Ready;
  }
  buffer_->commit(*count);
  info_.bytes += *count;
  if (*count == 0) ended_ = true;
  return Status::Ready;
}

GenerationFeed::Status GenerationFeed::pull_up_to(std::size_t size) {
  while (window().size() < size) {
    const Status status = pull();
    if (status == Status::End) break;
    if (status != Status::Ready) return status;
  }
  return Status::Ready;
}

GenerationFeed::Status GenerationFeed::read_header() {
  if (header_read_) return Status::Ready;
  if (const Status status = pull_up_to(wire::kHeaderSize); status != Status::Ready) return status;
  if (auto header = wire::read_header(window())) {
    header_ = *header;
  } else if (strict_ || header.error().message.starts_with("unknown")) {
    return fail({ErrorKind::Input, (strict_ ? "" : info_.name + ": ") + header.error().message});
  } else if (const Status status = find_trace(); status != Status::Ready) {
    return status;
  }
  if (!header_.known) {
    if (strict_) {
      return fail({ErrorKind::Input,
                   fmt::format("unknown or unsupported trace version go 1.{}", header_.minor)});
    }
    health_.add({Defect::NewerVersion, 0, 0, 0, 0,
                 fmt::format("the header says go 1.{}, read as go 1.{}", header_.minor,
                             static_cast<unsigned>(header_.version))});
  }
  header_read_ = true;
  info_.format = header_.minor;
  info_.known_format = header_.known;
  info_.v1 = wire::is_v1(header_.version);
  if (!info_.v1) scanner_.emplace(header_.version, strict_ ? nullptr : &health_, first_batch_);
  return Status::Ready;
}

GenerationFeed::Status GenerationFeed::find_trace() {
  if (const Status status = pull_up_to(wire::kLostHeaderReach); status != Status::Ready) {
    return status;
  }
  const auto front = window().first(std::min(window().size(), wire::kLostHeaderReach));
  const bool is_all = ended_ && front.size() == window().size();
  const auto found = wire::find_trace({front, 0, is_all});
  if (!found) {
    return fail(
        {ErrorKind::Input, fmt::format("{}: {}{}", info_.name, why_unreadable(front),
                                       is_all ? "" : "; there is none in the first MiB either")});
  }
  header_ = found->header;
  first_batch_ = found->offset + (found->header_lost ? 0 : wire::kHeaderSize);
  if (found->header_lost) {
    health_.add({Defect::DamagedHeader, 0, 0, first_batch_, 0,
                 fmt::format("batches begin at byte {}, read as those of go 1.{}", first_batch_,
                             header_.minor)});
  } else {
    health_.add({Defect::ForeignBytes, 0, 0, found->offset, 0,
                 "the trace's header lies behind other bytes"});
  }
  return Status::Ready;
}

GenerationFeed::Status GenerationFeed::next(RawGeneration& generation) {
  const Status status = scan(generation);
  const bool is_over =
      status == Status::End || (status == Status::Error && error_->kind == ErrorKind::Input);
  // On its way there Go's reader has read the tables of a generation that does not end.
  if (strict_ && is_over && scanner_) {
    auto fault = wire::read_table_batches(scanner_->partial(), window(), buffer_offset_);
    if (fault) return fail(std::move(*fault));
  }
  return status;
}

GenerationFeed::Status GenerationFeed::scan(RawGeneration& generation) {
  if (const Status status = read_header(); status != Status::Ready) return status;
  for (;;) {
    const auto bytes = window();
    switch (scanner_->next({bytes, buffer_offset_, ended_}, generation.layout)) {
      case wire::GenerationScanner::Status::Generation: {
        generation.bytes = bytes;
        generation.offset = buffer_offset_;
        generation.health = std::exchange(health_, {});
        if (!file_) {
          // The generation takes the buffer; what lies behind it starts the next one.
          auto rest = std::make_shared<source::PaddedBuffer>();
          const std::uint64_t keep = scanner_->keep_from() - buffer_offset_;
          if (!rest->append(bytes.subspan(keep))) {
            return fail({ErrorKind::System, "out of memory for the bytes of one generation"});
          }
          generation.owner = std::exchange(buffer_, std::move(rest));
          buffer_offset_ += keep;
        }
        return Status::Ready;
      }
      case wire::GenerationScanner::Status::End: return Status::End;
      case wire::GenerationScanner::Status::Error: return fail(scanner_->error());
      case wire::GenerationScanner::Status::NeedMore: break;
    }
    if (const std::uint64_t passed = scanner_->keep_from() - buffer_offset_; passed > kPiece) {
      buffer_->drop_front(passed);  // foreign bytes that were skipped
      buffer_offset_ += passed;
    }
    if (const Status status = pull(); status == Status::NeedMore || status == Status::Error) {
      return status;
    }
  }
}

GenerationFeed::Status GenerationFeed::whole_trace(std::span<const std::byte>& bytes) {
  constexpr auto kAll = std::numeric_limits<std::size_t>::max();
  if (const Status status = pull_up_to(kAll); status != Status::Ready) return status;
  bytes = window();
  return Status::Ready;
}

Health GenerationFeed::rest_of_health() {
  Health health = std::exchange(health_, {});
  if (stream_) {
    for (const std::string& warning : stream_->warnings()) {
      health.add({Defect::TrailingBytes, info_.bytes, 0, 0, 0, warning});
    }
  }
  if (!file_) return health;
  if (const auto offset = file_->shrunk_at()) {
    health.add(
        {Defect::FileChanged, *offset, 0, 0, 0, "the file was cut off while it was being read"});
  } else if (file_->changed_since_open()) {
    health.add({Defect::FileChanged, 0, 0, 0, 0,
                "the file's length or time of change is not what it was when it was opened"});
  }
  return health;
}

}  // namespace marey::trace
