// SPDX-License-Identifier: Apache-2.0
#include "src/base/id_map.h"

#include <cstdint>
#include <gtest/gtest.h>
#include <memory>
#include <random>
#include <unordered_map>
#include <vector>

namespace marey {
namespace {

struct Object {
  std::uint64_t id = 0;
};

// Small ids collide, great ones differ in their high bits; enough of them for every way of growing.
TEST(IdMap, KeepsWhatIsThereWhateverComesAndGoes) {
  std::mt19937_64 random(7);
  std::vector<std::unique_ptr<Object>> objects;
  std::unordered_map<std::uint64_t, Object*> expected;
  IdMap<Object> map;
  for (int i = 0; i < 400'000; i++) {
    const std::uint64_t id = random() % 3 == 0 ? random() << 40 : random() % 150'000;
    if (random() % 4 == 0) {
      map.erase(id);
      expected.erase(id);
    } else {
      objects.push_back(std::make_unique<Object>(Object{id}));
      map.put(id, objects.back().get());
      expected[id] = objects.back().get();
    }
  }
  EXPECT_EQ(map.size(), expected.size());
  for (const auto& object : objects) {
    const auto it = expected.find(object->id);
    ASSERT_EQ(map.find(object->id), it == expected.end() ? nullptr : it->second) << object->id;
  }
  EXPECT_EQ(map.find(std::uint64_t{1} << 39), nullptr);
}

}  // namespace
}  // namespace marey
