// SPDX-License-Identifier: Apache-2.0
#include "src/cli/raw_dump.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "src/cli/command.h"
#include "src/cli/progress.h"
#include "src/cli/reading.h"
#include "src/export/footprint.h"
#include "src/export/wire_dump.h"
#include "src/source/input.h"
#include "src/source/known_formats.h"
#include "src/trace/unreadable.h"
#include "src/wire/header.h"

namespace marey::cli {
namespace {

/// Bytes taken from the file at a time.
constexpr std::size_t kPiece = std::size_t{1} << 20;

using Take = std::function<Result<void>(std::span<const std::byte>)>;

/// Gives the bytes of `input` to `take`, piece by piece, while somebody wants the output. `front`
/// gets the first of them.
Result<void> pump(source::Input& input, Console& console, Progress& progress,
                  std::vector<std::byte>& front, const Take& give) {
  const Take take = [&front, &give](std::span<const std::byte> piece) {
    const auto more = piece.first(std::min(piece.size(), source::kFrontLength - front.size()));
    front.insert(front.end(), more.begin(), more.end());
    return give(piece);
  };
  if (const auto* const file = std::get_if<source::MappedFile>(&input)) {
    std::span<const std::byte> rest = file->bytes();
    while (!rest.empty() && console.out().wanted()) {
      const auto piece = rest.first(std::min(rest.size(), kPiece));
      if (auto taken = take(piece); !taken) return taken;
      rest = rest.subspan(piece.size());
      progress.update(file->size() - rest.size(), file->size());
    }
    return {};
  }
  source::ByteStream& stream = *std::get<std::unique_ptr<source::ByteStream>>(input);
  // The dumps may look at a piece until they get the next one.
  std::vector<std::byte> pieces[2] = {std::vector<std::byte>(kPiece),
                                      std::vector<std::byte>(kPiece)};
  std::uint64_t done = 0;
  for (std::size_t turn = 0; console.out().wanted(); turn++) {
    const std::span<std::byte> buffer = pieces[turn % 2];
    const Result<std::size_t> count = stream.read(buffer);
    if (!count) return std::unexpected(count.error());
    if (*count == 0) break;
    if (auto taken = take(buffer.first(*count)); !taken) return taken;
    progress.update(done += *count, 0);
  }
  return {};
}

/// The error in the words of the other commands, unless Go's are wanted.
Error explain(Error error, const wire::RawReader& reader, std::span<const std::byte> front,
              const Options& options) {
  if (options.strict || error.kind != ErrorKind::Input) return error;
  if (!reader.header()) {
    if (error.message.starts_with("bad file")) {
      error.message = trace::why_unreadable(front);
    }
  } else if (wire::is_v1(reader.header()->version)) {
    error.message = fmt::format(
        "the raw events of this format (go 1.{}) cannot be shown, only those of Go 1.22 "
        "and later; -d=parsed shows the ordered ones",
        reader.header()->minor);
  } else {
    error.message = fmt::format("the raw events end here: {}; -d=parsed reads on", error.message);
  }
  return error;
}

/// What was ignored on the way, or was not there any more.
void say_warnings(std::string_view name, const source::Input& input, Console& console) {
  if (const auto* const stream = std::get_if<std::unique_ptr<source::ByteStream>>(&input)) {
    for (const std::string& warning : (*stream)->warnings()) {
      console.say(fmt::format("{}: {}", name, warning));
    }
  } else if (const auto offset = std::get<source::MappedFile>(input).shrunk_at()) {
    console.say(
        fmt::format("{}: the file was cut off at byte {} while it was being read", name, *offset));
  }
}

}  // namespace

int print_wire(const Options& options, Console& console) {
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  wait_for_input(path);
  Result<source::Input> input = source::open_input(path);
  if (!input) return fail_reading(name, input.error(), options, console);
  std::vector<std::byte> front;
  exporting::WireDump dump([&console](std::string_view text) {
    console.out().add(text);
    return console.out().wanted();
  });
  Result<void> result;
  {
    Progress progress(!console.out_is_terminal());
    result =
        pump(*input, console, progress, front, [&dump](auto piece) { return dump.feed(piece); });
  }
  say_warnings(name, *input, console);
  if (result) result = dump.finish();
  if (result || !console.out().wanted()) return kExitOk;
  return fail_reading(name, explain(std::move(result.error()), dump.reader(), front, options),
                      options, console);
}

int print_footprint(const Options& options, Console& console) {
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  wait_for_input(path);
  Result<source::Input> input = source::open_input(path);
  if (!input) return fail_reading(name, input.error(), options, console);
  std::vector<std::byte> front;
  exporting::Footprint footprint;
  Result<void> result;
  {
    Progress progress(true);
    result = pump(*input, console, progress, front,
                  [&footprint](auto piece) { return footprint.feed(piece); });
  }
  say_warnings(name, *input, console);
  Result<std::string> table;
  if (result) table = footprint.finish();
  if (result && table) {
    console.out().add(*table);
    return kExitOk;
  }
  Error error = result ? std::move(table.error()) : std::move(result.error());
  return fail_reading(name, explain(std::move(error), footprint.reader(), front, options), options,
                      console);
}

}  // namespace marey::cli
