// SPDX-License-Identifier: Apache-2.0
#include "src/wire/text_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/quote.h"
#include "src/wire/varint.h"

namespace marey::wire {
namespace {

constexpr std::string_view kSpaces = " \t\r\v\f\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// Takes the next token off `line`; "" at its end, where a comment begins, too.
std::string_view take_token(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kSpaces), line.size()));
  std::size_t size = line.find_first_of(kSpaces);
  size = std::min({size, line.find('#'), line.size()});
  const std::string_view token = line.substr(0, size);
  line.remove_prefix(size);
  return token;
}

/// Lines that have a token on them, numbered from 1.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  /// False at the end.
  bool next(std::string_view& line) {
    while (!rest_.empty()) {
      const std::size_t size = std::min(rest_.find('\n'), rest_.size());
      line = rest_.substr(0, size);
      rest_.remove_prefix(std::min(size + 1, rest_.size()));
      number_++;
      std::string_view copy = line;
      if (!take_token(copy).empty()) return true;
    }
    return false;
  }
  /// The next line, without taking it; "" at the end.
  std::string_view peek() const {
    Lines copy = *this;
    std::string_view line;
    return copy.next(line) ? line : std::string_view{};
  }
  std::size_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

class TextReader {
 public:
  explicit TextReader(std::string_view text) : lines_(text) {}

  Result<Bytes> run() {
    if (Result<void> result = read_header(); !result) return std::unexpected(result.error());
    std::string_view line;
    while (lines_.next(line)) {
      if (Result<void> result = read_event(line); !result) return std::unexpected(result.error());
    }
    return std::move(out_);
  }

 private:
  template <class... Args>
  std::unexpected<Error> error(fmt::format_string<Args...> format, Args&&... args) const {
    return input_error(fmt::format("line {}: {}", lines_.number(),
                                   fmt::format(format, std::forward<Args>(args)...)));
  }

  Result<void> read_header() {
    std::string_view line;
    constexpr std::string_view kPrefix = "Go1.";
    if (!lines_.next(line) || take_token(line) != "Trace") return error("failed to parse header");
    std::string_view version = take_token(line);
    if (!version.starts_with(kPrefix)) return error("failed to parse header Go version");
    version.remove_prefix(kPrefix.size());
    std::uint64_t minor = 0;
    if (!parse(version, minor)) return error("failed to parse header Go version");
    constexpr std::array kVersions{Version::Go122, Version::Go123, Version::Go125, Version::Go126};
    const auto known = std::ranges::find(kVersions, static_cast<Version>(minor));
    if (known == kVersions.end() || minor > 26) {
      return error("unknown or unsupported Go version 1.{}", minor);
    }
    if (Result<void> result = end_of_line(line); !result) return result;
    append_header(out_, *known);
    for (std::size_t type = 1; type < known_types(*known); type++) {
      if (kEventSpecs[type].event_class != EventClass::None) {
        types_.emplace(kEventSpecs[type].name, static_cast<EventType>(type));
      }
    }
    return {};
  }

  Result<void> read_event(std::string_view line) {
    const std::string_view name = take_token(line);
    const auto type = types_.find(name);
    if (type == types_.end()) return error("unidentified event: {}", name);
    const EventSpec& spec = spec_of(type->second);
    numbers_.clear();
    if (Result<void> result = read_args(line, std::span(spec.args).first(spec.arg_count));
        !result) {
      return result;
    }
    if (spec.event_class == EventClass::Data) return read_data(type->second);
    if (spec.event_class == EventClass::StackEntry) {
      constexpr std::array<std::string_view, 4> kFields{"pc", "func", "file", "line"};
      for (std::uint64_t left = numbers_[1]; left > 0; left--) {
        if (!lines_.next(line)) return error("unexpected EOF while reading stack");
        if (Result<void> result = read_args(line, kFields); !result) return result;
      }
    }
    append_event(out_, type->second, numbers_);
    return {};
  }

  Result<void> read_data(EventType type) {
    std::string data;
    std::string_view line = lines_.peek();
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos && trimmed(line.substr(0, equals)) == "data") {
      lines_.next(line);
      Result<std::string> text = base::unquote_go(trimmed(line.substr(equals + 1)));
      if (!text) return error("failed to parse data: {}", text.error().message);
      data = std::move(*text);
    }
    append_data_event(out_, type, numbers_, data);
    return {};
  }

  /// Appends the values of "name=value ..." to numbers_.
  Result<void> read_args(std::string_view line, std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
      const std::string_view token = take_token(line);
      const std::size_t equals = token.find('=');
      if (token.empty()) return error("no argument {}", name);
      if (equals == std::string_view::npos) return error("malformed argument: {}", token);
      if (token.substr(0, equals) != name) {
        return error("expected argument {}, but got {}", name, token.substr(0, equals));
      }
      std::uint64_t value = 0;
      if (!parse(token.substr(equals + 1), value)) {
        return error("failed to parse the value of argument {}", name);
      }
      numbers_.push_back(value);
    }
    return end_of_line(line);
  }

  Result<void> end_of_line(std::string_view line) const {
    const std::string_view token = take_token(line);
    if (!token.empty()) return error("unexpected {} at the end of the line", token);
    return {};
  }

  static bool parse(std::string_view digits, std::uint64_t& value) {
    const char* const end = digits.data() + digits.size();
    const auto [stop, code] = std::from_chars(digits.data(), end, value);
    return code == std::errc{} && stop == end && !digits.empty();
  }

  Lines lines_;
  Bytes out_;
  std::unordered_map<std::string_view, EventType> types_;
  std::vector<std::uint64_t> numbers_;
};

/// The content of a member of a txtar archive.
Result<std::string_view> member(std::string_view archive, std::string_view name) {
  const std::string marker = fmt::format("-- {} --\n", name);
  std::size_t begin = archive.find(marker);
  while (begin != 0 && begin != std::string_view::npos && archive[begin - 1] != '\n') {
    begin = archive.find(marker, begin + 1);
  }
  if (begin == std::string_view::npos) {
    return input_error(fmt::format("the archive has no member \"{}\"", name));
  }
  const std::string_view content = archive.substr(begin + marker.size());
  if (content.starts_with("-- ")) return std::string_view{};
  return content.substr(0, std::min(content.find("\n-- "), content.size() - 1) + 1);
}

}  // namespace

Result<Bytes> read_text_trace(std::string_view text) { return TextReader(text).run(); }

Result<TextTest> read_text_test(std::string_view archive) {
  const Result<std::string_view> expect = member(archive, "expect");
  if (!expect) return std::unexpected(expect.error());
  const Result<std::string_view> trace = member(archive, "trace");
  if (!trace) return std::unexpected(trace.error());
  TextTest test;
  std::string_view verdict = trimmed(*expect);
  constexpr std::string_view kFailure = "FAILURE";
  if (verdict.starts_with(kFailure)) {
    test.success = false;
    Result<std::string> message = base::unquote_go(trimmed(verdict.substr(kFailure.size())));
    if (!message) return std::unexpected(message.error());
    test.message = std::move(*message);
  } else if (verdict != "SUCCESS") {
    return input_error(fmt::format("expected SUCCESS or FAILURE, got {}", verdict));
  }
  Result<Bytes> bytes = read_text_trace(*trace);
  if (!bytes) return std::unexpected(bytes.error());
  test.trace = std::move(*bytes);
  return test;
}

Result<std::string> read_fuzz_input(std::string_view file) {
  constexpr std::string_view kHeader = "go test fuzz v1\n";
  constexpr std::string_view kBegin = "[]byte(";
  if (!file.starts_with(kHeader)) return input_error("not a file of Go's fuzz corpus");
  const std::string_view value = trimmed(file.substr(kHeader.size()));
  if (!value.starts_with(kBegin) || !value.ends_with(")")) {
    return input_error("the fuzz input is not one []byte");
  }
  return base::unquote_go(value.substr(kBegin.size(), value.size() - kBegin.size() - 1));
}

}  // namespace marey::wire
