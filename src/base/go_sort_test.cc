// SPDX-License-Identifier: Apache-2.0
#include "src/base/go_sort.h"

#include <algorithm>
#include <compare>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "src/base/test_files.h"

namespace marey::base {
namespace {

struct Element {
  int key;
  int position;
};

/// The same inputs as testdata/go_sort_golden.go.
int mix(int i) {
  std::uint64_t h = static_cast<std::uint64_t>(i) + 0x9e3779b97f4a7c15u;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdu;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53u;
  h ^= h >> 33;
  return static_cast<int>(h & 0x7fffffff);
}

const std::map<std::string, std::function<int(int i, int n)>> kPatterns = {
    {"equal", [](int, int) { return 0; }},
    {"rising", [](int i, int) { return i; }},
    {"falling", [](int i, int n) { return n - i; }},
    {"falling-ties", [](int i, int n) { return (n - i) / 3; }},
    {"organ", [](int i, int n) { return std::min(i, n - i); }},
    {"saw", [](int i, int) { return i % 7; }},
    {"sparse", [](int i, int) { return std::max(0, mix(i) % 5000 - 4500); }},
    {"random", [](int i, int) { return mix(i) % 100000; }},
    {"few", [](int i, int) { return mix(i) % 4; }},
    {"blips", [](int i, int) { return i % 97 == 41 ? i / 2 : i; }},
    {"steps", [](int i, int) { return i / 10 * (1 + i % 2); }},
    {"tail", [](int i, int n) { return i >= n - 3 ? mix(i) % 50 : i; }},
    {"late-blips",
     [](int i, int n) {
       if (i < n / 2) return mix(i) % 1000;
       return i % 61 == 11 ? i - 5 : i + 1000;
     }},
};

/// McIlroy's adversary: decides the keys while they are compared, so that every pivot is bad.
struct Adversary {
  explicit Adversary(int n) : gas(n), keys(static_cast<std::size_t>(n), n) {}

  int operator()(const Element& a, const Element& b) {
    int& x = keys[static_cast<std::size_t>(a.position)];
    int& y = keys[static_cast<std::size_t>(b.position)];
    if (x == gas && y == gas) (a.position == candidate ? x : y) = solid++;
    if (x == gas) {
      candidate = a.position;
    } else if (y == gas) {
      candidate = b.position;
    }
    return x - y;
  }

  int gas;
  int solid = 0;
  int candidate = 0;
  std::vector<int> keys;
};

TEST(GoSort, LeavesTiesWhereGoLeavesThem) {
  std::istringstream golden(read_test_file("src/base/testdata/go_sort_golden.txt"));
  int cases = 0;
  std::string line;
  while (std::getline(golden, line)) {
    std::istringstream fields(line);
    std::string name, expected_hash;
    int n = 0;
    std::uint64_t expected_comparisons = 0;
    fields >> name >> n >> expected_comparisons >> expected_hash;

    std::vector<Element> data;
    for (int i = 0; i < n; ++i) {
      data.push_back({name == "adversary" ? 0 : kPatterns.at(name)(i, n), i});
    }
    std::uint64_t comparisons = 0;
    Adversary adversary(n);
    go_sort(data, [&](const Element& a, const Element& b) {
      ++comparisons;
      return name == "adversary" ? adversary(a, b) : a.key - b.key;
    });

    std::uint64_t hash = 14695981039346656037u;
    for (const Element& e : data) {
      for (int shift = 0; shift < 32; shift += 8) {
        hash = (hash ^ (static_cast<std::uint64_t>(e.position) >> shift & 0xff)) * 1099511628211u;
      }
    }
    std::ostringstream hex;
    hex << std::hex;
    hex.width(16);
    hex.fill('0');
    hex << hash;
    EXPECT_EQ(expected_hash, hex.str()) << name << " " << n;
    EXPECT_EQ(expected_comparisons, comparisons) << name << " " << n;
    if (n <= 20) {
      for (const Element& e : data) {
        int position = -1;
        fields >> position;
        EXPECT_EQ(position, e.position) << name << " " << n;
      }
    }
    ++cases;
  }
  EXPECT_EQ(32 * 14, cases);
}

TEST(GoSort, TakesOrderingsAndMoveOnlyElements) {
  std::vector<std::unique_ptr<int>> data;
  for (int i = 0; i < 100; ++i) data.push_back(std::make_unique<int>((i * 37) % 100));
  go_sort(data, [](const auto& a, const auto& b) { return *b <=> *a; });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(99 - i, *data[static_cast<std::size_t>(i)]);
}

}  // namespace
}  // namespace marey::base
