// SPDX-License-Identifier: Apache-2.0
#include "src/export/wire_dump.h"

#include <array>

#include "src/base/quote.h"
#include "src/export/event_text_piece.h"
#include "src/wire/varint.h"

namespace marey::exporting {
namespace {

/// Text that is passed on at once.
constexpr std::size_t kTextSize = std::size_t{256} << 10;

void append_frames(std::string& out, Piece& piece, const wire::RawEvent& event) {
  constexpr std::array<std::string_view, 4> kFields{"\n\tpc=", " func=", " file=", " line="};
  const std::byte* p = event.frames.data();
  const std::byte* const end = p + event.frames.size();
  for (std::size_t field = 0; p != end; field = (field + 1) % kFields.size()) {
    std::uint64_t value = 0;
    p = wire::read_varint(p, end, value);
    piece << kFields[field] << value;
    if (field == kFields.size() - 1) piece.flush(out);
  }
}

}  // namespace

void append_raw_event(std::string& out, const wire::RawEvent& event) {
  const wire::EventSpec& spec = event.spec();
  Piece piece;
  piece << spec.name;
  for (std::size_t i = 0; i < spec.arg_count; i++) {
    piece << " " << spec.args[i] << "=" << event.args[i];
  }
  if (spec.event_class == wire::EventClass::StackEntry) append_frames(out, piece, event);
  if (!event.data.empty() && spec.event_class == wire::EventClass::Data) {
    piece << "\n\tdata=";
    piece.flush(out);
    base::append_go_quoted(out, event.data);
  }
  piece << "\n";
  piece.flush(out);
}

Result<void> WireDump::feed(std::span<const std::byte> piece) {
  reader_.feed(piece);
  return print();
}

Result<void> WireDump::finish() {
  reader_.finish();
  return print();
}

Result<void> WireDump::print() {
  for (wire::RawEvent event; !stopped_; event = {}) {
    switch (reader_.next(event)) {
      case wire::RawReader::Status::Event:
        append_raw_event(text_, event);
        if (text_.size() >= kTextSize && !flush()) return {};
        break;
      case wire::RawReader::Status::NeedBytes: return {};
      case wire::RawReader::Status::End: flush(); return {};
      case wire::RawReader::Status::Failed: flush(); return std::unexpected(reader_.error());
    }
  }
  return {};
}

bool WireDump::flush() {
  stopped_ = !sink_(text_);
  text_.clear();
  return !stopped_;
}

}  // namespace marey::exporting
