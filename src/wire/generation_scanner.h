// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "marey/error.h"
#include "marey/health.h"
#include "marey/ids.h"

#include "src/wire/event_types.h"

namespace marey::wire {

/// What a batch holds, read off its first byte.
enum class BatchKind : std::uint8_t { Events, Strings, Stacks, CPUSamples, Sync, Experimental };

/// A batch, by where its content lies.
struct BatchRef {
  std::uint64_t offset = 0;  ///< byte offset of the content in the trace
  std::uint64_t time = 0;    ///< base time stamp, in ticks
  ThreadID thread = kNoThread;
  std::uint32_t size = 0;  ///< bytes of content, at least 1
  std::uint8_t experiment = 0;
  BatchKind kind = BatchKind::Events;
};
static_assert(sizeof(BatchRef) == 32);

/// The batches of one generation, in file order.
struct GenerationLayout {
  std::uint64_t number = 0;    ///< the runtime's number of the generation
  std::uint64_t begin = 0;     ///< byte offset of its first batch's header
  std::uint64_t end = 0;       ///< byte offset behind its last byte
  std::uint64_t min_time = 0;  ///< earliest base time stamp of its batches, in ticks
  std::vector<BatchRef> batches;
  Version version = kNewestVersion;
  bool whole = true;          ///< false: the file ends before the generation does
  bool starts_trace = false;  ///< a second trace's header lies before it: states start anew
};

/// Finds the generations of a v2 trace by the batches' length fields alone.
///
/// Bytes may be given as they come: the scanner says when it needs more. It looks at some ten bytes
/// of each batch (64 KiB), so its cost is nothing beside decoding.
///
/// Strict, it finds what Go's readGeneration and readGenerationWithSpill (internal/trace/
/// generation.go) find, and fails where and how they do. Tolerant, it never fails: bytes that are
/// no batch are skipped up to the next place where batches are beyond doubt (a chain of heads that
/// the runtime may have written, each where the one before ends) or another trace's header lies. A
/// batch that leads to none, and has either in its content, is cut there. A head with an unexpected
/// generation number needs others beside it that say the same; else it is left out.
class GenerationScanner {
 public:
  /// `health` gets the defects, and must outlive the scanner; nullptr for strict scanning.
  GenerationScanner(Version version, Health* health) : version_(version), health_(health) {}

  enum class Status : std::uint8_t {
    NeedMore,    ///< call again with a longer window
    Generation,  ///< a generation is in the layout
    End,         ///< the trace ends here
    Error,       ///< strict only: see error(); nothing more can be read
  };

  /// Goes on scanning. `window` are the bytes from trace offset `window_offset` on, which must not
  /// lie behind keep_from(); `is_last` says that nothing comes after them.
  Status next(std::span<const std::byte> window, std::uint64_t window_offset, bool is_last,
              GenerationLayout& layout);

  /// Bytes from this offset on are still needed.
  std::uint64_t keep_from() const { return layout_.batches.empty() ? position_ : layout_.begin; }
  const Error& error() const { return *error_; }
  /// The generation that is being collected.
  const GenerationLayout& partial() const { return layout_; }

 private:
  struct Scan;  // one look at a batch header
  enum class Step : std::uint8_t { More, Again, Generation, End, Error };

  Scan scan_batch(std::span<const std::byte> window, std::uint64_t position,
                  std::uint64_t window_offset) const;
  Step take(const Scan& scan, std::span<const std::byte> window, std::uint64_t window_offset,
            bool is_last);
  Step resync(std::span<const std::byte> window, std::uint64_t window_offset, bool is_last,
              const std::string& why);
  /// Whether a head may be that of a batch that the runtime has written.
  bool is_sound(const Scan& scan, std::span<const std::byte> window,
                std::uint64_t window_offset) const;
  /// Whether batches begin here: a chain of them, or one that may come here and ends with the file.
  bool plausible(std::span<const std::byte> window, std::uint64_t position,
                 std::uint64_t window_offset) const;
  /// Whether reading may go on here: batches or another trace's header.
  bool is_resumable(std::span<const std::byte> window, std::uint64_t position,
                    std::uint64_t window_offset) const;
  bool ends_at_last_batch() const;
  /// Makes the last batch end at position_.
  void cut_last_batch(const std::string& why);
  /// What a batch with an unexpected number is.
  enum class Place : std::uint8_t {
    Unknown,     // more bytes will tell
    Generation,  // the begin of another generation
    Stray,       // a lone batch of another generation, or with a wrong number
    Nowhere,     // nothing follows it: most likely no batch at all
  };
  Place place_of(const Scan& scan, std::span<const std::byte> window, std::uint64_t window_offset,
                 bool is_last) const;
  /// Says that the generation that begins here does not follow the one before it.
  void report_gap(const Scan& scan);
  void add(const Scan& scan);
  Step finish(bool whole);
  Step fail(std::string message);
  void report(Defect defect, std::uint64_t offset, std::uint64_t bytes, std::string detail);

  Version version_;
  Health* health_;
  std::uint64_t position_ = 16;    // behind the header
  std::uint64_t last_start_ = 0;   // of the last batch that was added
  std::uint64_t resync_from_ = 0;  // where a search for the next batch began; 0: no search
  std::string resync_why_;
  std::uint64_t resumed_at_ = 0;  // where the last search ended
  GenerationLayout layout_;
  bool has_event_batches_ = false;
  bool has_padding_ = false;  // lengths are padded, as the runtime writes them
  bool ended_ = false;
  std::uint64_t last_number_ = 0;  // of the last generation that was delivered
  std::optional<Error> error_;
};

}  // namespace marey::wire
