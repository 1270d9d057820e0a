// SPDX-License-Identifier: Apache-2.0
#include "src/source/sigbus_guard.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "src/base/test_files.h"

namespace marey::source {
namespace {

const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));

/// A file of `pages` pages full of 'x', mapped.
class Mapped {
 public:
  explicit Mapped(std::size_t pages) : length_(pages * page) {
    const std::string path = directory_.write("file", std::string(length_, 'x'));
    fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    void* at = ::mmap(nullptr, length_, PROT_READ, MAP_PRIVATE, fd_, 0);
    EXPECT_NE(MAP_FAILED, at);
    address_ = static_cast<std::byte*>(at);
  }
  ~Mapped() {
    ::munmap(address_, length_);
    ::close(fd_);
  }

  void truncate(std::size_t length) const {
    ASSERT_EQ(0, ::ftruncate(fd_, static_cast<off_t>(length)));
  }
  int fd() const { return fd_; }
  std::byte* address() const { return address_; }
  std::size_t length() const { return length_; }
  /// A load that the compiler cannot leave out.
  char at(std::size_t i) const {
    return static_cast<char>(*static_cast<volatile std::byte*>(address_ + i));
  }

 private:
  base::TemporaryDirectory directory_;
  std::size_t length_;
  int fd_ = -1;
  std::byte* address_ = nullptr;
};

TEST(SigbusGuard, LostPagesReadAsZeros) {
  const Mapped file(8);
  const SigbusGuard guard(file.address(), file.length(), file.fd());
  EXPECT_EQ('x', file.at(7 * page));
  EXPECT_EQ(std::nullopt, guard.shrunk_at());
  file.truncate(2 * page + 5);
  EXPECT_EQ('x', file.at(2 * page + 4));
  EXPECT_EQ(std::nullopt, guard.shrunk_at());
  EXPECT_EQ(0, file.at(5 * page + 1));
  EXPECT_EQ(2 * page + 5, guard.shrunk_at());
  EXPECT_EQ(0, file.at(3 * page));
  EXPECT_EQ(0, file.at(8 * page - 1));
  EXPECT_EQ('x', file.at(0));
  EXPECT_EQ(2 * page + 5, guard.shrunk_at());
  file.truncate(10);
  EXPECT_EQ(0, file.at(page));
  EXPECT_EQ(10u, guard.shrunk_at());
}

TEST(SigbusGuard, EachMappingHasItsOwnMark) {
  // More than one block of slots.
  std::vector<std::pair<std::unique_ptr<Mapped>, SigbusGuard>> all;
  all.reserve(150);
  for (int i = 0; i < 150; ++i) {
    auto file = std::make_unique<Mapped>(2);
    SigbusGuard guard(file->address(), file->length(), file->fd());
    all.emplace_back(std::move(file), std::move(guard));
  }
  for (std::size_t i = 0; i < all.size(); i += 2) {
    all[i].first->truncate(page);
    EXPECT_EQ(0, all[i].first->at(page));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(i % 2 == 0, all[i].second.shrunk_at().has_value()) << i;
  }
}

TEST(SigbusGuard, SlotsAreUsedAgainWithoutTheirPast) {
  for (int i = 0; i < 1000; ++i) {
    static const Mapped file(2);
    file.truncate(i == 0 ? page : 2 * page);
    const SigbusGuard guard(file.address(), file.length(), file.fd());
    if (i == 0) {
      EXPECT_EQ(0, file.at(page));
    }
    EXPECT_EQ(i == 0, guard.shrunk_at().has_value());
  }
}

TEST(SigbusGuard, ManyThreadsMeetTheEndTogether) {
  const Mapped file(512);
  const SigbusGuard guard(file.address(), file.length(), file.fd());
  file.truncate(page);
  std::atomic<std::size_t> sum{0};
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < 512; i += 4) {
        // Guards come and go beside the reading.
        const SigbusGuard other(file.address(), 0, file.fd());
        sum += static_cast<std::size_t>(file.at(i * page));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::size_t{'x'}, sum);
  EXPECT_EQ(page, guard.shrunk_at());
}

// What is not ours must go on as without us. In a child process, with the handler that the test's
// parent may have (a sanitizer's) replaced before the first guard is made.

void die_of_foreign_fault() {
  static_cast<void>(std::signal(SIGBUS, SIG_DFL));
  const Mapped guarded(1);
  const SigbusGuard guard(guarded.address(), guarded.length(), guarded.fd());
  const Mapped foreign(2);
  foreign.truncate(0);
  static_cast<void>(foreign.at(page));
}

void exit_from_former_handler() {
  static_cast<void>(std::signal(SIGBUS, [](int) { ::_exit(42); }));
  const Mapped guarded(1);
  const SigbusGuard guard(guarded.address(), guarded.length(), guarded.fd());
  const Mapped foreign(2);
  foreign.truncate(0);
  static_cast<void>(foreign.at(page));
}

void die_of_sent_signal() {
  static_cast<void>(std::signal(SIGBUS, SIG_DFL));
  const Mapped guarded(1);
  const SigbusGuard guard(guarded.address(), guarded.length(), guarded.fd());
  static_cast<void>(::raise(SIGBUS));
}

void ignore_sent_signal() {
  static_cast<void>(std::signal(SIGBUS, SIG_IGN));
  const Mapped guarded(1);
  const SigbusGuard guard(guarded.address(), guarded.length(), guarded.fd());
  static_cast<void>(::raise(SIGBUS));
  ::_exit(43);
}

class SigbusGuardDeathTest : public ::testing::Test {
 protected:
  // A fresh process, in which no guard was ever made.
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(SigbusGuardDeathTest, ForeignFaultsStillKill) {
  EXPECT_EXIT(die_of_foreign_fault(), ::testing::KilledBySignal(SIGBUS), "");
}

TEST_F(SigbusGuardDeathTest, ForeignFaultsGoToTheFormerHandler) {
  EXPECT_EXIT(exit_from_former_handler(), ::testing::ExitedWithCode(42), "");
}

TEST_F(SigbusGuardDeathTest, SentSignalsKeepTheirMeaning) {
  EXPECT_EXIT(die_of_sent_signal(), ::testing::KilledBySignal(SIGBUS), "");
  EXPECT_EXIT(ignore_sent_signal(), ::testing::ExitedWithCode(43), "");
}

}  // namespace
}  // namespace marey::source
