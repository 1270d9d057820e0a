// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "marey/ids.h"

/// What is damaged in a trace, and what was done about it.
namespace marey {

// clang-format off
#define MAREY_DEFECTS(V) /* name, id, severity, sentence */ \
  V(NewerVersion,        "newer-version",         Note,    "The trace is of a newer format than this program knows; it was read as the newest known one.") \
  V(DamagedHeader,       "damaged-header",        Damage,  "The header is lost; the version was told from the batches behind it.") \
  V(TruncatedFile,       "truncated-file",        Damage,  "The file ends in the middle of a generation: the program was killed, or the copy is incomplete. Names and stacks, which stand at its end, and the last events of each thread may be missing.") \
  V(DamagedCompression,  "damaged-compression",   Damage,  "The compressed data is damaged or ends early; what came out of it was read.") \
  V(TrailingBytes,       "trailing-bytes",        Note,    "The bytes behind the compressed data were ignored.") \
  V(MissingEnd,          "missing-end",           Note,    "A generation has no end mark: the program ended without calling trace.Stop, or the copy is incomplete. Names and stacks, which stand at its end, and the last events of each thread may be missing.") \
  V(EmptyTrace,          "empty-trace",           Damage,  "The trace has a header and no events: the program ended before the first flush, or nothing happened.") \
  V(ForeignBytes,        "foreign-bytes",         Damage,  "Bytes that are no batch were skipped up to the next whole batch.") \
  V(SecondTrace,         "second-trace",          Note,    "Another trace begins in the same file; it was read as its continuation, its times moved on where its clock lies before the first one's end.") \
  V(UnreadTrace,         "unread-trace",          Damage,  "A trace of the other format, v1 or v2, follows in the same file; it was left out.") \
  V(InterleavedGeneration, "interleaved-generation", Damage, "A batch belongs to another generation than its neighbours.") \
  V(BadBatch,            "bad-batch",             Damage,  "The rest of a batch could not be decoded and was left out.") \
  V(BadTable,            "bad-table",             Damage,  "The rest of a table of strings, stacks or samples could not be decoded and was left out.") \
  V(DuplicateId,         "duplicate-id",          Damage,  "An id of a string or stack was given twice; the first one counts.") \
  V(UnknownString,       "unknown-string",        Damage,  "A string id that the generation does not define was read as the empty string, wherever it is used.") \
  V(UnknownStack,        "unknown-stack",         Damage,  "A stack id that the generation does not define was read as no stack, wherever it is used.") \
  V(NoFrequency,         "no-frequency",          Damage,  "A generation does not say how long a tick is, or not what can be true; its neighbour's or the usual length was taken.") \
  V(NoClockSnapshot,     "no-clock-snapshot",     Damage,  "A generation lacks the clock snapshot that its version demands.") \
  V(TimeRunsBackwards,   "time-runs-backwards",   Damage,  "The time stamps of a thread or of a generation run backwards; the events keep their order, and a generation its length.") \
  V(TimeLeaps,           "time-leaps",            Damage,  "A time stamp is far from those around it; it and the rest of its batch were left out.") \
  V(ImpossibleTransition, "impossible-transition", Damage, "An event contradicts the state of its goroutine or proc; it was delivered as if the state had been right.") \
  V(DroppedEvent,        "dropped-event",         Damage,  "An event without a known goroutine, proc or thread to happen on was left out.") \
  V(NoOrder,             "no-order",              Damage,  "No order of the threads' events is consistent; an event was taken that waits for one that is missing.") \
  V(MisnestedRegion,     "misnested-region",      Misuse,  "The program ended a region that was not the innermost one.") \
  V(UnclosedRegion,      "unclosed-region",       Misuse,  "A goroutine ended before its region did.") \
  V(TaskConflict,        "task-conflict",         Misuse,  "A task began twice under the same id.") \
  V(LostGeneration,      "lost-generation",       Damage,  "A generation could not be read and was left out.") \
  V(FileChanged,         "file-changed",          Damage,  "The file changed while it was being read.")
// clang-format on

enum class Defect : std::uint8_t {
#define MAREY_ENUMERATOR(name, id, severity, sentence) name,
  MAREY_DEFECTS(MAREY_ENUMERATOR)
#undef MAREY_ENUMERATOR
};

enum class Severity : std::uint8_t {
  Note,    ///< worth knowing; nothing is lost
  Misuse,  ///< the traced program uses the tracing API wrongly
  Damage,  ///< something is lost or had to be guessed
};
/// "note", "misuse" or "damage".
std::string_view name_of(Severity severity);

/// One row of the table of defects.
struct DefectSpec {
  std::string_view id;  ///< "truncated-file": does not change from version to version
  Severity severity;
  std::string_view sentence;  ///< what it means, for people
};

inline constexpr DefectSpec kDefectSpecs[] = {
#define MAREY_SPEC(name, id, severity, sentence) {id, Severity::severity, sentence},
    MAREY_DEFECTS(MAREY_SPEC)
#undef MAREY_SPEC
};
inline constexpr std::size_t kDefectCount = std::size(kDefectSpecs);

/// The row of a defect.
constexpr const DefectSpec& spec_of(Defect defect) {
  return kDefectSpecs[static_cast<std::size_t>(defect)];
}

/// One defect that was found.
struct DefectReport {
  Defect defect{};
  std::uint64_t offset = 0;      ///< byte offset in the (uncompressed) trace
  std::uint64_t generation = 0;  ///< number of the generation, 0: none or unknown
  std::uint64_t bytes_lost = 0;  ///< bytes of the trace that were left out
  /// Nanoseconds without events, where they are known for certain; 0: none, or unknown.
  ///   bad-batch, time-leaps  of one thread: from its last event that could be decoded to the base
  ///                          time of its next batch in the same generation; 0 if there is none
  ///   lost-generation        of the whole trace: from the last event before the missing
  ///                          generations to the Sync event behind them; 0 in Trace::health(),
  ///                          which knows no times
  /// Unknown in all others, in v1 traces too. Where several batches of a thread are damaged in a
  /// row, one report has the time of all. Times of several threads overlap: a sum of them may be
  /// longer than the trace.
  Duration time_lost = 0;
  std::string detail;  ///< what exactly, in the words of Go's reader where it has them
};

/// The defects of a trace: all counted, the first ones of each kind kept.
class Health {
 public:
  /// Reports kept of each kind; the others are only counted.
  static constexpr std::size_t kKept = 16;

  /// Sums over all reports of one defect, kept or not; units as in DefectReport.
  struct Count {
    std::uint64_t count = 0;
    std::uint64_t bytes_lost = 0;
    Duration time_lost = 0;
  };

  /// Counts a defect, and keeps the report if it is one of the first of its kind.
  void add(DefectReport report);
  /// Adds to the time that the last report of a defect has lost, which may be known only later.
  void add_time_lost(Defect defect, Duration time);
  /// Counts events whose place in time is a guess; see Event::guessed().
  void add_guessed(std::uint64_t events, Time time);
  /// Adds what another part of the same trace has; its reports come after this one's.
  void merge(const Health& other);

  /// The sums of one defect.
  const Count& of(Defect defect) const { return counts_[static_cast<std::size_t>(defect)]; }
  /// Kept reports, in the order in which they were found.
  const std::vector<DefectReport>& reports() const { return reports_; }
  /// Number of defects, of all kinds.
  std::uint64_t total() const;
  /// Bytes that were left out because of them.
  std::uint64_t bytes_lost() const;
  /// Events, among those that were delivered, whose place in time is a guess (Event::guessed()),
  /// and the time of the first one. A Trace that was only opened has none.
  std::uint64_t guessed_events() const { return guessed_events_; }
  Time first_guess() const { return first_guess_; }
  /// No defect at all, or only notes.
  bool whole() const { return !damaged() && !has_any(Severity::Misuse); }
  /// Something is lost or had to be guessed; misuse by the program is not that.
  bool damaged() const { return has_any(Severity::Damage); }

 private:
  bool has_any(Severity severity) const;

  std::array<Count, kDefectCount> counts_{};
  std::vector<DefectReport> reports_;
  std::uint64_t guessed_events_ = 0;
  Time first_guess_ = 0;
};

}  // namespace marey
