// SPDX-License-Identifier: Apache-2.0
#include "src/wire/table_reader.h"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <initializer_list>

#include "src/wire/writer.h"

namespace marey::wire {
namespace {

/// A generation whose only batch gives these frequencies.
struct ClockBatch {
  explicit ClockBatch(std::initializer_list<std::uint64_t> frequencies) {
    for (const std::uint64_t frequency : frequencies) {
      append_event(bytes, EventType::Frequency, std::array{frequency});
    }
    layout.number = 3;
    layout.version = Version::Go123;
    layout.begin = 100;
    BatchRef batch;
    batch.offset = 105;
    batch.size = static_cast<std::uint32_t>(bytes.size());
    batch.kind = BatchKind::Sync;
    layout.batches = {batch};
  }
  Result<GenerationTables> read(Health* health) const {
    return read_tables(layout, bytes, 105, 41.5, health);
  }

  Bytes bytes;
  GenerationLayout layout;
};

TEST(TableReader, AFrequencyOfZeroIsNone) {
  Health health;
  const auto tables = ClockBatch{0}.read(&health);
  ASSERT_TRUE(tables);
  EXPECT_EQ(tables->tables.sync.nanoseconds_per_tick, 41.5);
  EXPECT_EQ(health.total(), 1u);
  ASSERT_EQ(health.of(Defect::NoFrequency).count, 1u);
  EXPECT_EQ(health.reports()[0].offset, 100u);
  EXPECT_EQ(health.reports()[0].generation, 3u);
  EXPECT_EQ(health.reports()[0].detail, "the frequency is 0 Hz");
}

TEST(TableReader, AFrequencyBehindOneOfZeroCounts) {
  Health health;
  const auto tables = ClockBatch{0, 15'625'000}.read(&health);
  ASSERT_TRUE(tables);
  EXPECT_EQ(tables->tables.sync.nanoseconds_per_tick, 64);
  EXPECT_EQ(health.total(), 0u);
}

TEST(TableReader, StrictlyAFrequencyOfZeroIsOne) {
  const auto tables = ClockBatch{0}.read(nullptr);
  ASSERT_TRUE(tables);
  EXPECT_TRUE(std::isinf(tables->tables.sync.nanoseconds_per_tick));
  EXPECT_FALSE(ClockBatch({0, 15'625'000}).read(nullptr));
}

}  // namespace
}  // namespace marey::wire
