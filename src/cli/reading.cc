// SPDX-License-Identifier: Apache-2.0
#include "src/cli/reading.h"

#include <algorithm>
#include <cstdint>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include "marey/trace.h"

#include "src/cli/command.h"
#include "src/cli/health_text.h"
#include "src/cli/memory_limit.h"
#include "src/cli/progress.h"
#include "src/cli/terminal.h"

namespace marey::cli {
namespace {

/// Tells a Progress how far a Reader is. Each generation begins with a Sync event, so of a file
/// that can be opened again the places of the generations are looked up, when first wanted.
class Whereabouts {
 public:
  Whereabouts(const std::string& path, const Reader& reader) : path_(path), reader_(reader) {}

  /// `syncs`: Sync events that have come so far.
  void tell(Progress& progress, std::uint64_t syncs) {
    if (!progress.due()) return;
    if (!looked_up_) look_up();
    if (!is_file_) {
      progress.update(reader_.info().bytes, 0);  // a stream: what has come so far
    } else if (begins_.size() < 2) {
      progress.update(0, 0);  // nobody knows how far within a generation
    } else if (syncs > 0) {
      progress.update(begins_[std::min<std::size_t>(syncs, begins_.size()) - 1],
                      reader_.info().bytes);
    }
  }

 private:
  void look_up() {
    looked_up_ = true;
    is_file_ = is_plain_file(path_, reader_.info().bytes);
    if (!is_file_ || reader_.info().v1) return;
    if (const Result<Trace> trace = Trace::open(path_)) {
      for (const GenerationInfo& generation : trace->generations()) {
        begins_.push_back(generation.begin);
      }
    }
  }

  const std::string& path_;
  const Reader& reader_;
  bool looked_up_ = false;
  bool is_file_ = false;
  std::vector<std::uint64_t> begins_;  // byte offsets
};

/// What the system says of the file; all zeros if it cannot.
struct stat status_of(const std::string& path) {
  struct stat status{};
  const int failed = path == "-" ? ::fstat(STDIN_FILENO, &status) : ::stat(path.c_str(), &status);
  if (failed != 0) status = {};
  return status;
}

/// Whether what comes from there may be written only just now.
bool is_pipe(const std::string& path) {
  const mode_t mode = status_of(path).st_mode;
  return S_ISFIFO(mode) || S_ISSOCK(mode);
}

}  // namespace

std::string display_name(const std::string& path) {
  return path == "-" || path == "/dev/stdin" ? std::string(kStandardInput) : path;
}

bool is_plain_file(const std::string& path, std::uint64_t bytes) {
  const struct stat status = status_of(path);
  return S_ISREG(status.st_mode) && static_cast<std::uint64_t>(status.st_size) == bytes;
}

void wait_for_input(const std::string& path) {
  if (display_name(path) != kStandardInput || is_terminal(STDIN_FILENO)) return;
  Progress progress(true);  // nothing has been printed that the line could get between
  if (!progress.on()) return;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  constexpr int kMilliseconds = 100;
  while (::poll(&input, 1, kMilliseconds) == 0) progress.wait();
}

int fail_reading(std::string_view name, const Error& error, const Options& options,
                 Console& console) {
  if (options.strict && error.kind == ErrorKind::Input) {
    console.say_bare(error.message);
    return kExitFailure;
  }
  if (options.memory > 0 && error.kind == ErrorKind::System &&
      error.message.contains("out of memory")) {
    return console.fail(name, {error.kind, "the bytes of one generation take " +
                                               too_little_memory(options, false)});
  }
  return console.fail(name, error);
}

int read_events(const Options& options, Console& console,
                const std::function<bool(std::span<const Event>)>& take) {
  const std::string& path = options.operands.back();
  const std::string name = display_name(path);
  wait_for_input(path);
  Result<Reader> reader = Reader::open(path, {.strict = options.strict});
  if (!reader) return fail_reading(name, reader.error(), options, console);

  std::uint64_t useful_events = 0;
  std::uint64_t syncs = 0;
  bool enough = false;
  const bool is_live = is_pipe(path);
  Reader::Status status = Reader::Status::Event;
  {
    Progress progress(!console.out_is_terminal());
    Whereabouts whereabouts(path, *reader);
    std::span<const Event> events;
    while (!enough && (status = reader->next_block(events)) == Reader::Status::Event) {
      const auto in_block = static_cast<std::uint64_t>(std::ranges::count(
          events, EventKind::Sync, [](const Event& event) { return event.kind(); }));
      syncs += in_block;
      useful_events += events.size() - in_block;
      // Of a program that runs, what has come is shown before the rest is waited for.
      enough = !take(events) || !(is_live ? console.out().flush() : console.out().relieve());
      whereabouts.tell(progress, syncs);
    }
  }
  if (!console.out().wanted()) return kExitOk;  // Console::finish() knows if it is an error
  if (status == Reader::Status::Error)
    return fail_reading(name, *reader->error(), options, console);
  if (options.strict) return kExitOk;
  return report_health(name, reader->health(), useful_events, console);
}

}  // namespace marey::cli
