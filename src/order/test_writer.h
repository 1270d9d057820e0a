// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "src/wire/event_types.h"
#include "src/wire/writer.h"

/// For tests only: traces written by hand, event by event, and damaged.
namespace marey::order {

/// Writes a trace to memory. A tick is 64 ns.
class TestWriter {
 public:
  using Type = wire::EventType;

  explicit TestWriter(wire::Version version = wire::Version::Go126)
      : writer_(version, [this](std::span<const std::byte> more) -> Result<void> {
          bytes.append(reinterpret_cast<const char*>(more.data()), more.size());
          return {};
        }) {}

  /// Ends the generation at hand, if there is one, and begins the next.
  TestWriter& generation(std::uint64_t number, std::uint64_t ticks) {
    end();
    EXPECT_TRUE(
        writer_.begin_generation(number, 15'625'000, {ticks, 64 * ticks, 1'700'000'000, 0}));
    open_ = true;
    ticks_ = ticks;
    return *this;
  }
  /// The events that follow are of this thread.
  TestWriter& thread(std::int64_t thread) {
    thread_ = ThreadID{thread};
    return *this;
  }
  /// An event ten ticks behind the one before.
  TestWriter& event(Type type, std::initializer_list<std::uint64_t> args = {}) {
    return event_at(ticks_ + 10, type, args);
  }
  TestWriter& event_at(std::uint64_t ticks, Type type,
                       std::initializer_list<std::uint64_t> args = {}) {
    ticks_ = ticks;
    const auto result = writer_.event(thread_, ticks_, type, args);
    EXPECT_TRUE(result) << result.error().message;
    return *this;
  }
  /// That the thread runs proc 0.
  TestWriter& proc_running() { return event(Type::ProcStatus, {0, 1}); }
  TestWriter& begin_region(std::string_view type, std::uint64_t task = 0) {
    return event(Type::UserRegionBegin, {task, raw(*writer_.string(type)), 0});
  }
  TestWriter& end_region(std::string_view type, std::uint64_t task = 0) {
    return event(Type::UserRegionEnd, {task, raw(*writer_.string(type)), 0});
  }
  /// A stack, so that there is a batch of them; the runtime writes it last.
  TestWriter& stack() {
    const wire::FrameRecord frame{1, StringID{}, StringID{}, 1};
    EXPECT_TRUE(writer_.stack({&frame, 1}));
    return *this;
  }
  TestWriter& sample(std::uint64_t ticks) {
    EXPECT_TRUE(writer_.cpu_sample(ticks, thread_, ProcID{0}, GoID{1}, StackID{}));
    return *this;
  }
  TestWriter& end() {
    if (open_) {
      EXPECT_TRUE(writer_.end_generation());
    }
    open_ = false;
    return *this;
  }

  std::string bytes;

 private:
  wire::Writer writer_;
  ThreadID thread_{1};
  std::uint64_t ticks_ = 0;
  bool open_ = false;
};

}  // namespace marey::order
