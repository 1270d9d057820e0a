// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Typed ids, named as in golang.org/x/exp/trace. Each kind is a type of its own, so that a
/// goroutine can never be looked up in a table of procs.
namespace marey {

/// Nanoseconds on the trace's clock. v2 traces (Go 1.22 and later) use the machine's monotonic
/// clock; v1 traces start at 0. Only differences mean something without a clock snapshot.
using Time = std::int64_t;

/// Nanoseconds between two Times.
using Duration = std::int64_t;

/// A goroutine ("G"). An id is given once within one program, but for calls from C: their
/// goroutines use the same ids again, each after the other's end.
enum class GoID : std::int64_t {};
/// No goroutine: nothing was running, or it is not known what.
inline constexpr GoID kNoGoroutine{-1};

/// A proc ("P"): the right to run Go code. There are GOMAXPROCS of them.
enum class ProcID : std::int64_t {};
/// No proc: the thread held none.
inline constexpr ProcID kNoProc{-1};

/// An operating system thread ("M"). The operating system may reuse ids.
enum class ThreadID : std::int64_t {};
/// No thread: the event is not a thread's, as Sync.
inline constexpr ThreadID kNoThread{-1};

/// A runtime/trace.Task.
enum class TaskID : std::uint64_t {};
/// No task, or an unknown one.
inline constexpr TaskID kNoTask{~std::uint64_t{0}};
/// The task of what belongs to no other: context.Background().
inline constexpr TaskID kBackgroundTask{0};

/// Index of a string in its generation's string table. 0 is the empty string.
enum class StringID : std::uint64_t {};

/// Index of a stack in its generation's stack table. 0 is "no stack".
enum class StackID : std::uint64_t {};

/// The number of an id.
template <class Id>
  requires __is_enum
(Id) constexpr auto raw(Id id) {
  return static_cast<__underlying_type(Id)>(id);
}

}  // namespace marey
