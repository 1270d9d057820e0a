// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "marey/error.h"

#include "src/wire/writer.h"

// Traces as text: the form of Go's internal/trace/raw, which `-d=wire` prints (without the first
// line) and in which the test data of Go's parser is written. One event a line, framing included;
// '#' begins a comment:
//
//     Trace Go1.26
//     EventBatch gen=1 m=18446744073709551615 time=100 size=9
//     Strings
//     String id=1
//         data="hello"
//     EventBatch gen=1 m=18446744073709551615 time=100 size=8
//     Stacks
//     Stack id=1 nframes=1
//         pc=4710307 func=1 file=1 line=282
//
// Nothing is checked but the form: `size` is what the text says, and the events may make no sense.

namespace marey::wire {

/// The trace that `text` describes, as bytes. Errors name the line. An event with data may lack
/// the line with it where the data is empty: Go prints it so, though it does not read it so.
Result<Bytes> read_text_trace(std::string_view text);

/// A test case of Go's parser: a txtar archive with the members "expect" and "trace".
struct TextTest {
  bool success = true;
  std::string message;  ///< otherwise: a regular expression that the error message must match
  Bytes trace;
};
Result<TextTest> read_text_test(std::string_view archive);

/// The input in a file of Go's fuzz corpus: "go test fuzz v1" and one []byte("...").
Result<std::string> read_fuzz_input(std::string_view file);

}  // namespace marey::wire
