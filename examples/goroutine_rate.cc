// SPDX-License-Identifier: Apache-2.0
// How many goroutines a program creates, second by second.

#include <cstdio>
#include <map>
#include <marey/trace.h>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: goroutine_rate TRACE\n", stderr);
    return 2;
  }
  auto reader = marey::Reader::open(argv[1]);
  if (!reader) {
    std::fprintf(stderr, "%s\n", reader.error().message.c_str());
    return 1;
  }
  constexpr marey::Duration kSecond = 1'000'000'000;
  std::map<marey::Duration, int> created;  // by second since the first event
  bool first = true;
  marey::Time begin = 0;
  reader->for_each([&](const marey::Event& event) {
    if (first) begin = event.time();
    first = false;
    if (event.kind() != marey::EventKind::StateTransition) return;
    const marey::StateTransition transition = event.state_transition();
    if (transition.resource.kind != marey::ResourceKind::Goroutine) return;
    if (transition.go_from() == marey::GoState::NotExist)
      created[(event.time() - begin) / kSecond]++;
  });
  if (reader->error()) {
    std::fprintf(stderr, "%s\n", reader->error()->message.c_str());
    return 1;
  }
  for (const auto& [second, count] : created) {
    std::printf("second %lld: %d goroutines created\n", static_cast<long long>(second), count);
  }
  return 0;
}
