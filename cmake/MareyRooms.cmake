# SPDX-License-Identifier: Apache-2.0
# Rooms: one static library for each folder of src/, with its tests, benchmarks and fuzzers beside
# the code they watch. A folder's files are found by their names; nothing is listed by hand.

include_guard(GLOBAL)
if(MAREY_TESTS)
  include(GoogleTest)
endif()
if(MAREY_BENCHMARKS)
  add_custom_target(benchmarks)
endif()

# marey_room(NAME [THREADS] [DEPENDS ROOM...] [LIBRARIES TARGET...] [TEST_DEPENDS ROOM...])
#
# src/NAME/**/X.cc          library marey_NAME
# src/NAME/**/X_test.cc     executable NAME_test; each case is a ctest test NAME.Suite.case, labelled unit
# src/NAME/**/X_bench.cc    executable NAME_bench, built by the target "benchmarks"
# src/NAME/**/X_fuzz.cc     executable fuzz_X
#
# DEPENDS are the rooms that this one may use: an include of any other does not get past
# scripts/check-includes.py. TEST_DEPENDS are rooms that only its tests, benchmarks and fuzzers use.
# THREADS: its tests have several; under ThreadSanitizer the others would say nothing, and are left
# out. main.cc is never part of the library. A room without sources is an interface library, so that its
# headers and tests work.
function(marey_room name)
  cmake_parse_arguments(PARSE_ARGV 1 room "THREADS" "" "DEPENDS;LIBRARIES;TEST_DEPENDS")
  set(dir "${PROJECT_SOURCE_DIR}/src/${name}")
  file(GLOB_RECURSE all CONFIGURE_DEPENDS "${dir}/*.cc")
  set(sources ${all})
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cc$")
  set(tests ${all})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benches ${all})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  set(fuzzers ${all})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  if(MAREY_SANITIZE STREQUAL "thread" AND NOT room_THREADS)
    set(tests "")
    set(fuzzers "")
  endif()

  list(TRANSFORM room_DEPENDS PREPEND marey_)
  list(TRANSFORM room_TEST_DEPENDS PREPEND marey_)
  if(sources)
    add_library(marey_${name} STATIC ${sources})
    marey_own(marey_${name})
    target_link_libraries(marey_${name} PUBLIC ${room_DEPENDS} ${room_LIBRARIES})
    marey_precompile(marey_${name} marey_base ${marey_precompiled})
  else()
    add_library(marey_${name} INTERFACE)
    target_link_libraries(marey_${name} INTERFACE ${room_DEPENDS} ${room_LIBRARIES})
  endif()

  if(MAREY_TESTS AND tests)
    add_executable(${name}_test ${tests})
    marey_own(${name}_test)
    target_compile_definitions(${name}_test PRIVATE "MAREY_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
    target_link_libraries(${name}_test PRIVATE marey_${name} ${room_TEST_DEPENDS} GTest::gmock
                                               GTest::gtest_main rapidcheck rapidcheck_gtest
                                               nlohmann_json::nlohmann_json)
    marey_precompile(${name}_test base_test ${marey_precompiled} <gmock/gmock.h> <gtest/gtest.h>)
    # PRE_TEST: the tests are listed when ctest starts, so a build does not run what it builds.
    gtest_discover_tests(${name}_test TEST_PREFIX "${MAREY_TEST_PREFIX}${name}." DISCOVERY_MODE PRE_TEST
                         WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
                         PROPERTIES LABELS unit TIMEOUT 300)
  endif()

  if(MAREY_BENCHMARKS AND benches)
    add_executable(${name}_bench EXCLUDE_FROM_ALL ${benches})
    add_dependencies(benchmarks ${name}_bench)
    marey_own(${name}_bench)
    target_compile_definitions(${name}_bench PRIVATE "MAREY_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
    target_link_libraries(${name}_bench PRIVATE marey_${name} ${room_TEST_DEPENDS}
                                                benchmark::benchmark_main)
  endif()

  if(MAREY_TESTS OR MAREY_LIBFUZZER)
    foreach(source IN LISTS fuzzers)
      get_filename_component(stem "${source}" NAME_WE)
      string(REGEX REPLACE "_fuzz$" "" stem "${stem}")
      marey_fuzzer(${stem} "${source}" marey_${name} ${room_TEST_DEPENDS})
    endforeach()
  endif()
endfunction()

# marey_fuzzer(STEM SOURCE LIBRARY...): the executable fuzz_STEM. With libFuzzer it searches;
# otherwise it is linked with src/fuzz_main.cc, which runs the inputs it is given, and ctest has it
# run the seeds and old findings in testdata/fuzz/STEM/.
function(marey_fuzzer stem source)
  set(target fuzz_${stem})
  add_executable(${target} "${source}")
  marey_own(${target})
  target_link_libraries(${target} PRIVATE ${ARGN})
  if(MAREY_LIBFUZZER)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    set_property(GLOBAL APPEND PROPERTY MAREY_FUZZERS ${target})
    return()
  endif()
  target_sources(${target} PRIVATE "${PROJECT_SOURCE_DIR}/src/fuzz_main.cc")
  file(GLOB seeds CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/testdata/fuzz/${stem}/*")
  if(MAREY_TESTS AND seeds)
    add_test(NAME ${MAREY_TEST_PREFIX}fuzz.${stem} COMMAND ${target} "testdata/fuzz/${stem}"
             WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${MAREY_TEST_PREFIX}fuzz.${stem} PROPERTIES LABELS fuzz TIMEOUT 300)
  endif()
endfunction()
