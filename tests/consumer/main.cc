// SPDX-License-Identifier: Apache-2.0
// Counts a trace's events with the installed library.

#include <iostream>
#include <marey/trace.h>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: consumer TRACE\n";
    return 2;
  }
  auto reader = marey::Reader::open(argv[1]);
  if (!reader) {
    std::cerr << reader.error().message << '\n';
    return 1;
  }
  std::size_t events = 0;
  marey::Event event;
  while (reader->next(event) == marey::Reader::Status::Event) ++events;
  if (reader->error()) {
    std::cerr << reader->error()->message << '\n';
    return 1;
  }
  std::cout << "marey " << marey::version() << ": " << events << " events\n";
  return 0;
}
