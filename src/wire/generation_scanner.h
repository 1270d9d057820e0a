// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "marey/error.h"
#include "marey/health.h"

#include "src/wire/batch_head.h"
#include "src/wire/generation_layout.h"
#include "src/wire/header.h"

namespace marey::wire {

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
  /// `health` gets the defects, and must outlive the scanner; nullptr for strict scanning. `begin`:
  /// offset of the first batch.
  GenerationScanner(Version version, Health* health, std::uint64_t begin = kHeaderSize)
      : version_(version), health_(health), position_(begin) {}

  enum class Status : std::uint8_t {
    NeedMore,    ///< call again with a longer window
    Generation,  ///< a generation is in the layout
    End,         ///< the trace ends here
    Error,       ///< strict only: see error(); nothing more can be read
  };

  /// Goes on scanning. The window must not begin behind keep_from().
  Status next(const Window& window, GenerationLayout& layout);

  /// Bytes from this offset on are still needed.
  std::uint64_t keep_from() const { return layout_.batches.empty() ? position_ : layout_.begin; }
  const Error& error() const { return *error_; }
  /// The generation that is being collected.
  const GenerationLayout& partial() const { return layout_; }

 private:
  enum class Step : std::uint8_t { More, Again, Generation, End, Error };

  Step take(const BatchHead& head, const Window& window);
  /// The file ends inside of a batch: what is whole of it is taken along.
  Step end_inside(const BatchHead& head, const Window& window);
  Step resync(const Window& window, const std::string& why);
  /// Whether reading may go on here: batches or another trace's header.
  bool is_resumable(const Window& window, std::uint64_t position) const;
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
  Place place_of(const BatchHead& head, const Window& window) const;
  /// Says that the generation that begins here does not follow the one before it.
  void report_gap(const BatchHead& head);
  void add(const BatchHead& head);
  Step finish(bool whole);
  Step fail(std::string message);
  void report(Defect defect, std::uint64_t offset, std::uint64_t bytes, std::string detail);

  Version version_;
  Health* health_;
  std::uint64_t position_;
  std::uint64_t last_start_ = 0;   // of the last batch that was added
  std::uint64_t resync_from_ = 0;  // where a search for the next batch began; 0: no search
  std::string resync_why_;
  std::optional<Version> unread_version_;  // the search goes over a v1 trace, which is left out
  std::uint64_t resumed_at_ = 0;           // where the last search ended
  GenerationLayout layout_;
  bool has_event_batches_ = false;
  bool has_padding_ = false;  // lengths are padded, as the runtime writes them
  bool ended_ = false;
  std::uint64_t last_number_ = 0;  // of the last generation that was delivered
  std::optional<Error> error_;
};

}  // namespace marey::wire
