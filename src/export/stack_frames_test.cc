// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <iterator>
#include <ranges>
#include <string>
#include <vector>

#include "marey/event.h"

#include "src/wire/tables.h"

// Stack as a range, as those who print stacks use it.

namespace marey::exporting {
namespace {

static_assert(std::forward_iterator<Stack::Iterator>);
static_assert(std::ranges::forward_range<Stack>);

TEST(StackFrames, AreARange) {
  wire::Tables tables;
  tables.add_string(StringID{1}, "main.leaf");
  tables.add_string(StringID{2}, "main.main");
  const std::uint32_t leaf = tables.add_frame({0x401000, StringID{1}, StringID{}, 42});
  const std::uint32_t root = tables.add_frame({0x402000, StringID{2}, StringID{}, 7});
  tables.add_stack(StackID{5}, std::vector<std::uint32_t>{leaf, root});
  const Stack stack(&tables, StackID{5});

  std::vector<std::string> functions;
  for (const StackFrame& frame : stack) functions.emplace_back(frame.function);
  EXPECT_EQ(functions, (std::vector<std::string>{"main.leaf", "main.main"}));

  Stack::Iterator it = stack.begin();
  EXPECT_EQ((*it++).line, 42u);
  EXPECT_EQ((*it).line, 7u);
  EXPECT_EQ(std::next(it), stack.end());
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::distance(stack)), stack.size());
}

TEST(StackFrames, NoStackHasNone) {
  EXPECT_EQ(Stack().begin(), Stack().end());
  const wire::Tables tables;
  const Stack unknown(&tables, StackID{9});
  EXPECT_EQ(unknown.begin(), unknown.end());
}

}  // namespace
}  // namespace marey::exporting
