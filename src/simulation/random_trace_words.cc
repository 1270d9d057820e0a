// SPDX-License-Identifier: Apache-2.0
#include "src/simulation/random_trace_words.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace marey::simulation {
namespace {

constexpr std::size_t kFunctions = 150;
constexpr std::size_t kFrames = 600;
constexpr std::size_t kStacks = 300;

}  // namespace

RandomWords::RandomWords(Random& random, bool odd) : random_(random) {
  for (const char* text :
       {"chan receive", "chan send", "select", "sync", "network", "sleep", "sync.(*Cond).Wait",
        "GC mark assist wait for work", "preempted", "system goroutine wait", "runtime.Gosched"}) {
    reasons_.push_back(add(text));
  }
  for (const char* text : {"GC sweep termination", "GC mark termination", "start trace",
                           "stop trace", "GOMAXPROCS", "read mem stats"}) {
    kinds_.push_back(add(text));
  }
  for (const char* text : {"request", "query", "render", "cache miss", "retry", "commit"}) {
    names_.push_back(add(text));
  }
  if (odd) {
    reasons_.push_back(add(""));
    for (std::string text :
         {std::string(), std::string("quo\"te \\ back"), std::string("line\nfeed\ttab\x01"),
          std::string("not UTF-8: \xff\xc0\x80"), std::string("\u00fcml\u00e4ut \u2603 \U0001f600"),
          std::string("<script>&amp;"), std::string("zero\0byte", 9),
          std::string(wire::kMaxStringSize, 'x')}) {
      names_.push_back(add(std::move(text)));
    }
  }
  make_stacks(odd);
}

void RandomWords::make_stacks(bool odd) {
  constexpr std::array kPackages{
      "main",         "net/http", "runtime",       "sync",
      "database/sql", "os",       "internal/poll", "example.com/shop/cart"};
  constexpr std::array kNames{"Serve",  "readLoop",     "writeLoop",   "lock",  "wait",
                              "Handle", "(*Conn).Read", "(*Pool).Get", "func1", "Run"};
  std::vector<std::pair<Word, Word>> functions;
  for (std::size_t i = 0; i < kFunctions; i++) {
    const char* const package = kPackages[random_.below(kPackages.size())];
    const char* const name = kNames[random_.below(kNames.size())];
    functions.emplace_back(add(fmt::format("{}.{}{}", package, name, i)),
                           add(fmt::format("/src/{}/file{}.go", package, i % 20)));
  }
  for (std::size_t i = 0; i < kFrames; i++) {
    const auto [function, file] = functions[random_.below(functions.size())];
    frames_.push_back({0x40'0000 + 0x40 * i, function, file, 1 + random_.below(2000)});
  }
  stacks_.emplace_back();
  while (stacks_.size() < kStacks) {
    std::size_t depth = 1 + random_.below(12);
    if (odd && random_.chance(1)) depth = wire::kMaxFramesPerStack;
    auto& stack = stacks_.emplace_back();
    while (stack.size() < depth) {
      stack.push_back(static_cast<std::uint32_t>(random_.below(frames_.size())));
    }
  }
  stack_ids_.resize(stacks_.size());
}

Word RandomWords::add(std::string text) {
  texts_.push_back(std::move(text));
  string_ids_.push_back({});
  return Word{static_cast<std::uint32_t>(texts_.size() - 1)};
}

void RandomWords::begin_generation(wire::Writer* writer, wire::Tables* expected) {
  writer_ = writer;
  expected_ = expected;
  std::ranges::fill(string_ids_, StringID{});
  std::ranges::fill(stack_ids_, StackID{});
}

StringID RandomWords::id(Word word) {
  StringID& id = string_ids_[raw(word)];
  if (id != StringID{} || texts_[raw(word)].empty()) return id;
  const Result<StringID> written = writer_->string(texts_[raw(word)]);
  if (!written) {
    status_ = std::unexpected(written.error());
    return id;
  }
  id = *written;
  if (expected_ != nullptr) expected_->add_owned_string(id, texts_[raw(word)]);
  return id;
}

StackID RandomWords::id(CallStack stack) {
  StackID& id = stack_ids_[raw(stack)];
  if (id != StackID{} || raw(stack) == 0) return id;
  std::vector<wire::FrameRecord> frames;
  std::vector<std::uint32_t> indices;
  for (const std::uint32_t index : stacks_[raw(stack)]) {
    const Frame& frame = frames_[index];
    frames.push_back({frame.pc, this->id(frame.function), this->id(frame.file), frame.line});
    if (expected_ != nullptr) indices.push_back(expected_->add_frame(frames.back()));
  }
  const Result<StackID> written = writer_->stack(frames);
  if (!written) {
    status_ = std::unexpected(written.error());
    return id;
  }
  id = *written;
  if (expected_ != nullptr) expected_->add_stack(id, indices);
  return id;
}

}  // namespace marey::simulation
