// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace marey {

/// Whose fault an error is; decides the exit status of the command line.
enum class ErrorKind {
  Usage,   ///< the caller asked for something that makes no sense (exit status 2)
  Input,   ///< the trace is unusable, or damaged beyond use (exit status 1)
  System,  ///< the operating system refused: no such file, disk full, ... (exit status 1)
};

/// An error value: one sentence that says what is wrong, where, and what to do about it.
///
/// Where Go's own reader has a message for the same fault, `message` is that message, so that
/// the strict reader's verdict can be compared with Go's.
struct Error {
  ErrorKind kind = ErrorKind::Input;
  std::string message;  ///< UTF-8 but for what it quotes of the trace or a path; no full stop
};

/// A value, or why there is none.
template <class T>
using Result = std::expected<T, Error>;

/// Shorthand for returning an error about the input.
inline std::unexpected<Error> input_error(std::string message) {
  return std::unexpected(Error{ErrorKind::Input, std::move(message)});
}

}  // namespace marey
