// SPDX-License-Identifier: Apache-2.0
#include "src/source/sigbus_guard.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <limits>
#include <mutex>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace marey::source {
namespace {

constexpr std::uint64_t kNotShrunk = std::numeric_limits<std::uint64_t>::max();

}  // namespace

// One guarded mapping. The handler must not lock, and a slot can be given to another mapping while
// the handler looks at it in another thread; hence the sequence number, which is odd while the
// slot is in use and changes whenever its contents do.
struct SigbusGuard::Slot {
  std::atomic<std::uint64_t> sequence{0};
  std::atomic<std::byte*> begin{nullptr};
  std::atomic<std::size_t> length{0};
  std::atomic<int> fd{-1};
  std::atomic<std::uint64_t> shrunk_at{kNotShrunk};
};

namespace {

using Slot = SigbusGuard::Slot;

static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::atomic<std::byte*>::is_always_lock_free);
static_assert(std::atomic<std::size_t>::is_always_lock_free);
static_assert(std::atomic<int>::is_always_lock_free);

/// Slots come in blocks that are never freed, so that the handler can walk them at any time.
struct Block {
  std::array<Slot, 64> slots;
  std::atomic<Block*> next{nullptr};
};

Block first_block;
std::mutex registry_mutex;  // for making and dropping guards; the handler does without
std::size_t page_size = 0;
struct sigaction previous;

void note_shrunk(Slot& slot, std::uint64_t offset) {
  std::uint64_t known = slot.shrunk_at.load(std::memory_order_relaxed);
  while (offset < known && !slot.shrunk_at.compare_exchange_weak(known, offset)) {
  }
}

bool map_zeros(std::byte* address, std::size_t length) {
  return ::mmap(address, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
                -1, 0) != MAP_FAILED;
}

/// Puts zeros where `address` faulted, if a guard covers it.
bool recover(std::uintptr_t address) {
  for (Block* block = &first_block; block != nullptr; block = block->next.load()) {
    for (Slot& slot : block->slots) {
      const std::uint64_t sequence = slot.sequence.load();
      if (sequence % 2 == 0) continue;
      std::byte* const begin = slot.begin.load();
      const std::size_t length = slot.length.load();
      const int fd = slot.fd.load();
      if (slot.sequence.load() != sequence) continue;
      // Wraps around to something large for addresses below.
      const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(begin);
      if (offset >= length) continue;

      const std::size_t page = offset & ~(page_size - 1);
      // If the file is shorter now, everything that it lost goes in one mapping: page by page, a
      // long file could run into the limit on the number of mappings.
      struct stat status;
      if (::fstat(fd, &status) == 0) {
        const auto size = static_cast<std::uint64_t>(status.st_size);
        const std::uint64_t whole_pages = (size + page_size - 1) & ~(std::uint64_t{page_size} - 1);
        if (whole_pages <= page && map_zeros(begin + whole_pages, length - whole_pages)) {
          note_shrunk(slot, size);
          return true;
        }
      }
      // Else the disk could not deliver this page, or the file has grown again since.
      if (!map_zeros(begin + page, page_size)) return false;
      note_shrunk(slot, page);
      return true;
    }
  }
  return false;
}

void on_sigbus(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool fault = info->si_code > 0;  // else somebody sent the signal
  const bool recovered = fault && recover(reinterpret_cast<std::uintptr_t>(info->si_addr));
  errno = saved_errno;
  if (recovered) return;

  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_DFL || (previous.sa_handler == SIG_IGN && fault)) {
    // The fault happens again on return and then ends the program as it would have without us.
    struct sigaction fatal = {};
    fatal.sa_handler = SIG_DFL;
    ::sigaction(SIGBUS, &fatal, nullptr);
    if (!fault) static_cast<void>(::raise(SIGBUS));
  } else if (previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  }
}

void install() {
  static std::once_flag once;
  std::call_once(once, [] {
    page_size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    ::sigaction(SIGBUS, nullptr, &previous);  // known before the first signal can come
    struct sigaction action = {};
    action.sa_sigaction = on_sigbus;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(SIGBUS, &action, nullptr);
  });
}

Slot& free_slot() {
  for (Block* block = &first_block;; block = block->next.load()) {
    for (Slot& slot : block->slots) {
      if (slot.sequence.load() % 2 == 0) return slot;
    }
    if (block->next.load() == nullptr) block->next.store(new Block);
  }
}

}  // namespace

SigbusGuard::SigbusGuard(std::byte* address, std::size_t length, int fd) {
  install();
  const std::lock_guard lock(registry_mutex);
  Slot& slot = free_slot();
  slot.begin.store(address);
  slot.length.store(length);
  slot.fd.store(fd);
  slot.shrunk_at.store(kNotShrunk);
  slot.sequence.fetch_add(1);
  slot_ = &slot;
}

SigbusGuard::SigbusGuard(SigbusGuard&& other) noexcept
    : slot_(std::exchange(other.slot_, nullptr)) {}

SigbusGuard& SigbusGuard::operator=(SigbusGuard&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

SigbusGuard::~SigbusGuard() {
  if (slot_ == nullptr) return;
  const std::lock_guard lock(registry_mutex);
  slot_->sequence.fetch_add(1);
}

std::optional<std::uint64_t> SigbusGuard::shrunk_at() const {
  const std::uint64_t at = slot_ == nullptr ? kNotShrunk : slot_->shrunk_at.load();
  if (at == kNotShrunk) return std::nullopt;
  return at;
}

}  // namespace marey::source
