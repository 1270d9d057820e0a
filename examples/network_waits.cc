// SPDX-License-Identifier: Apache-2.0
// How long goroutines wait for the network: a histogram by powers of two.

#include <array>
#include <bit>
#include <cstdio>
#include <marey/trace.h>
#include <unordered_map>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: network_waits TRACE\n", stderr);
    return 2;
  }
  auto reader = marey::Reader::open(argv[1]);
  if (!reader) {
    std::fprintf(stderr, "%s\n", reader.error().message.c_str());
    return 1;
  }
  std::unordered_map<marey::GoID, marey::Time> waiting;  // since when
  std::array<int, 64> histogram{};
  marey::Event event;
  while (reader->next(event) == marey::Reader::Status::Event) {
    if (event.kind() != marey::EventKind::StateTransition) continue;
    const marey::StateTransition transition = event.state_transition();
    if (transition.resource.kind != marey::ResourceKind::Goroutine) continue;
    const marey::GoID goroutine = transition.resource.goroutine();
    if (transition.go_to() == marey::GoState::Waiting && transition.reason == "network") {
      waiting.emplace(goroutine, event.time());
    } else if (transition.go_from() == marey::GoState::Waiting &&
               transition.go_to() != marey::GoState::Waiting) {
      const auto it = waiting.find(goroutine);
      if (it == waiting.end()) continue;
      const auto nanoseconds = static_cast<unsigned long long>(event.time() - it->second);
      histogram[static_cast<std::size_t>(std::bit_width(nanoseconds)) % histogram.size()]++;
      waiting.erase(it);
    }
  }
  for (std::size_t i = 0; i < histogram.size(); i++) {
    if (histogram[i] == 0) continue;
    std::printf("below %12llu ns: %d waits\n", 1ull << i, histogram[i]);
  }
  return 0;
}
