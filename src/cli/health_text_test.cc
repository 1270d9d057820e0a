// SPDX-License-Identifier: Apache-2.0
#include "src/cli/health_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "src/cli/command.h"
#include "src/cli/reading.h"

namespace marey::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(DefectLine, SaysWhoseTimeIsLost) {
  Health health;
  health.add({Defect::LostGeneration, 100, 2, 0, 1'500'000'000, "generation 2 is missing"});
  health.add({Defect::BadBatch, 200, 1, 2048, 3'000'000, "found invalid uvarint"});
  EXPECT_THAT(defect_line(Defect::LostGeneration, health),
              EndsWith("(lost-generation; at byte 100 in generation 2: generation 2 is missing; "
                       "1.5s without events)"));
  EXPECT_THAT(
      defect_line(Defect::BadBatch, health),
      EndsWith("(bad-batch; at byte 200 in generation 1: found invalid uvarint; 2 KiB lost; "
               "3ms without events on its thread)"));
  health.add({Defect::BadBatch, 300, 1, 0, 1'000'000, ""});
  EXPECT_THAT(defect_line(Defect::BadBatch, health),
              EndsWith("; 2 KiB lost; 4ms without events on threads)"));
}

TEST(DefectLine, SaysNothingOfTimeThatIsUnknown) {
  Health health;
  health.add({Defect::BadBatch, 200, 1, 0, 0, ""});
  EXPECT_THAT(defect_line(Defect::BadBatch, health),
              EndsWith("(bad-batch; at byte 200 in generation 1)"));
}

std::string said_of(const Health& health, std::string_view name) {
  testing::internal::CaptureStderr();
  Console console;
  EXPECT_EQ(report_health(name, health, 1, console), kExitOk);
  return testing::internal::GetCapturedStderr();
}

TEST(ReportHealth, MisuseCostsNothing) {
  Health health;
  health.add({Defect::UnclosedRegion, 100, 1, 0, 0, ""});
  EXPECT_FALSE(health.damaged());
  EXPECT_THAT(said_of(health, "trace.out"), Not(HasSubstr("what is whole was read")));
  health.add({Defect::BadBatch, 200, 1, 0, 0, ""});
  EXPECT_TRUE(health.damaged());
  EXPECT_THAT(said_of(health, "trace.out"),
              EndsWith("\nmarey: what is whole was read; 'marey info --json trace.out' lists the "
                       "defects\n"));
  EXPECT_THAT(said_of(health, "my trace.out"), HasSubstr("`marey info --json 'my trace.out'`"));
  EXPECT_THAT(said_of(health, kStandardInput), HasSubstr("'marey info --json FILE'"));
}

}  // namespace
}  // namespace marey::cli
