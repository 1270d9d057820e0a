// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes, decompressing ends, in little memory, and says the same for every size of
// pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/source/decompress.h"
#include "src/source/test_text.h"

namespace {

using marey::source::Drained;

Drained run(const std::vector<std::byte>& data, std::size_t in, std::size_t out) {
  auto stream = marey::source::decompress(marey::source::stream_bytes(data, "input", in));
  if (!stream) std::abort();  // memory does not fail
  // A bomb of a few bytes may go on for long; its beginning tells enough.
  Drained drained;
  std::vector<std::byte> buffer(out);
  while (drained.text.size() < (std::size_t{1} << 20)) {
    const auto count = (*stream)->read(buffer);
    if (!count) {
      drained.error = count.error().message;
      break;
    }
    if (*count == 0) break;
    drained.text += marey::source::to_text(std::span(buffer).first(*count));
  }
  drained.text.resize(std::min(drained.text.size(), std::size_t{1} << 20));
  return drained;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  const std::vector<std::byte> copy(bytes.begin(), bytes.end());
  const Drained whole = run(copy, static_cast<std::size_t>(-1), 65536);
  const Drained pieces = run(copy, 3, 100);
  // Where damage is noticed may depend on the pieces; what came before it may not.
  const std::size_t common = std::min(whole.text.size(), pieces.text.size());
  if (whole.text.compare(0, common, pieces.text, 0, common) != 0) std::abort();
  if (whole.error.empty() && pieces.error.empty() && whole.text != pieces.text) std::abort();
  return 0;
}
