// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "src/wire/header.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto header = marey::wire::read_header(std::as_bytes(std::span(data, size)));
  if (header && header->minor < 11) std::abort();
  return 0;
}
