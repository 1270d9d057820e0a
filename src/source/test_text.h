// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>
#include <zstd.h>

#include "src/source/byte_stream.h"

/// For tests only: bytes as text and back, and compressed text.
namespace marey::source {

inline std::vector<std::byte> to_bytes(std::string_view text) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline std::string to_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What a stream delivered until it ended or failed.
struct Drained {
  std::string text;
  std::string error;  ///< empty if it ended
};

inline Drained drain(ByteStream& stream, std::size_t piece = 1000) {
  Drained drained;
  std::vector<std::byte> buffer(piece);
  for (;;) {
    const Result<std::size_t> count = stream.read(buffer);
    if (!count) {
      drained.error = count.error().message;
      return drained;
    }
    if (*count == 0) return drained;
    drained.text += to_text(std::span(buffer).first(*count));
  }
}

/// What the gzip command would write.
inline std::string gzipped(std::string_view text) {
  z_stream deflater = {};
  deflateInit2(&deflater, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&deflater, text.size()) + 64, '\0');
  std::string in(text);
  deflater.next_in = reinterpret_cast<Bytef*>(in.data());
  deflater.avail_in = static_cast<uInt>(in.size());
  deflater.next_out = reinterpret_cast<Bytef*>(out.data());
  deflater.avail_out = static_cast<uInt>(out.size());
  deflate(&deflater, Z_FINISH);
  out.erase(out.size() - deflater.avail_out);  // resize() makes g++ 12 fear for its growing
  deflateEnd(&deflater);
  return out;
}

/// What the zstd command would write, with a checksum; `window_log` 0 is the usual one.
inline std::string zstd_compressed(std::string_view text, int window_log = 0) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (window_log != 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  }
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

}  // namespace marey::source
