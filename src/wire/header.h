// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "marey/error.h"

#include "src/wire/event_types.h"

namespace marey::wire {

/// Every trace begins with these many bytes: "go 1.N trace", filled up with zeros.
inline constexpr std::size_t kHeaderSize = 16;

struct Header {
  std::uint32_t minor = 0;           ///< the N of "go 1.N" as it stands there
  Version version = kNewestVersion;  ///< the version to read it as
  bool known = true;                 ///< false: `version` is a guess
};

/// Reads the header at the start of `bytes`.
///
/// A version that Go's reader does not know gives a header with known == false: the newest format
/// for newer versions, the one before for versions in between. Fails, with Go's message, where
/// the bytes are no header or the version is older than 1.11.
Result<Header> read_header(std::span<const std::byte> bytes);

/// What to do about a trace of version `version` whose header begins at byte `offset` of a file and
/// that is not read, as it follows one of the other format.
std::string advice_for_unread(Version version, std::uint64_t offset);

/// Whether a whole header lies at the front of these bytes: of a v2 trace, or of a v1 trace of a
/// version that is known (then which), or of either.
bool begins_v2_trace(std::span<const std::byte> bytes);
std::optional<Version> version_of_v1_trace(std::span<const std::byte> bytes);
bool begins_trace(std::span<const std::byte> bytes);

}  // namespace marey::wire
