// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "marey/error.h"

#include "src/wire/tables.h"
#include "src/wire/writer.h"

namespace marey::simulation {

/// Pseudo-random numbers, the same on every machine: SplitMix64 (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators").
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }
  /// 0 to `limit` - 1; `limit` must not be 0.
  std::uint64_t below(std::uint64_t limit) { return ((next() >> 32) * limit) >> 32; }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

/// A text that the simulated program uses: a number for the whole trace, whose string id differs
/// from generation to generation.
enum class Word : std::uint32_t {};
/// A call stack of the simulated program, likewise. 0 is "no stack".
enum class CallStack : std::uint32_t {};

/// The texts and call stacks of the simulated program, and their ids in the current generation,
/// which are given out when they are first needed, as the runtime does.
class RandomWords {
 public:
  /// With `odd` texts, there are some that are hard to print, or as long as they can be.
  RandomWords(Random& random, bool odd);

  /// Begins a generation. `expected`, if not null, gets every string and stack, too.
  void begin_generation(wire::Writer* writer, wire::Tables* expected);

  std::string_view text(Word word) const { return texts_[raw(word)]; }
  Word reason() { return pick(reasons_); }
  Word stop_the_world_kind() { return pick(kinds_); }
  Word name() { return pick(names_); }
  CallStack stack() { return CallStack{static_cast<std::uint32_t>(random_.below(stacks_.size()))}; }

  StringID id(Word word);
  StackID id(CallStack stack);

  /// The first failure of the writer, if there was one.
  const Result<void>& status() const { return status_; }

 private:
  struct Frame {
    std::uint64_t pc;
    Word function;
    Word file;
    std::uint64_t line;
  };

  Word add(std::string text);
  Word pick(const std::vector<Word>& words) { return words[random_.below(words.size())]; }
  void make_stacks(bool odd);

  Random& random_;
  std::vector<std::string> texts_;
  std::vector<Word> reasons_;
  std::vector<Word> kinds_;
  std::vector<Word> names_;
  std::vector<Frame> frames_;
  std::vector<std::vector<std::uint32_t>> stacks_;  ///< indices of frames, leaf first

  wire::Writer* writer_ = nullptr;
  wire::Tables* expected_ = nullptr;
  std::vector<StringID> string_ids_;  ///< 0: not yet written in this generation
  std::vector<StackID> stack_ids_;
  Result<void> status_;
};

}  // namespace marey::simulation
