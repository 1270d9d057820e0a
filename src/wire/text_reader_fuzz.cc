// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/wire/text_reader.h"

// Whatever the text, the bytes are no more than it: every number takes at least two characters and
// at most ten bytes, and no escape is shorter than what it stands for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto trace = marey::wire::read_text_trace(text);
  if (trace && trace->size() > 16 + 4 * size) std::abort();
  (void)marey::wire::read_text_test(text);
  (void)marey::wire::read_fuzz_input(text);
  return 0;
}
