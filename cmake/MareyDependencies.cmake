# SPDX-License-Identifier: Apache-2.0
# What comes from elsewhere. Minimum versions, never exact ones; Debian 12 has all of them.

include_guard(GLOBAL)

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(ZLIB 1.2.11 REQUIRED)
find_package(Zstd 1.5 REQUIRED)
find_package(Protozero 1.7 REQUIRED)
find_package(Re2 REQUIRED)
# 1.81: boost::unordered_flat_map.
find_package(Boost 1.81 REQUIRED)

if(MAREY_TESTS)
  find_package(GTest 1.12 REQUIRED)
  find_package(nlohmann_json 3.11 REQUIRED)
  find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
  find_package(rapidcheck REQUIRED)
endif()
if(MAREY_BENCHMARKS)
  find_package(benchmark 1.7 REQUIRED)
endif()
