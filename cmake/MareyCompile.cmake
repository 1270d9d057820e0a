# SPDX-License-Identifier: Apache-2.0
# How everything of ours is compiled: optimisation, sanitizers, warnings, ccache.

include_guard(GLOBAL)

# Debug is what the tests run: optimised enough that golden tests over every trace take seconds,
# with assertions on. Release keeps line tables (-g1) so that profiles and crashes name lines.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -DNDEBUG")

if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(MAREY_CCACHE ccache)
  mark_as_advanced(MAREY_CCACHE)
  if(MAREY_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${MAREY_CCACHE}")
  endif()
endif()

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-fcolor-diagnostics)
else()
  add_compile_options(-fdiagnostics-color=auto)
endif()

if(MAREY_LIBFUZZER)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "MAREY_LIBFUZZER needs clang; use `cmake --preset fuzz`")
  endif()
  set(marey_sanitizers "fuzzer-no-link,address,undefined")
elseif(MAREY_SANITIZE)
  set(marey_sanitizers "${MAREY_SANITIZE}")
endif()
if(marey_sanitizers)
  # Of undefined behaviour, what AddressSanitizer finds as well is not looked for a second time: with
  # it, some files take four times as long to compile. Reports need lines, not variables: -g1.
  add_compile_options("-fsanitize=${marey_sanitizers}" -fno-sanitize=null,object-size,vptr
                      -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options("-fsanitize=${marey_sanitizers}")
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()

if(MAREY_IPO)
  include(CheckIPOSupported)
  check_ipo_supported(RESULT marey_ipo_supported OUTPUT marey_ipo_output LANGUAGES CXX)
  if(marey_ipo_supported)
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
  else()
    message(STATUS "no interprocedural optimisation: ${marey_ipo_output}")
  endif()
endif()

# Where there are tests, what nearly every file includes is compiled once for the libraries and once
# for the tests: a quarter of the time of a build. The release build does without, so that a file
# that forgets an include does not get away with it.
if(MAREY_TESTS)
  set(marey_precompiled <algorithm> <array> <cstdint> <fmt/format.h> <memory> <optional> <span>
                        <string> <string_view> <utility> <variant> <vector>)
endif()

# marey_precompile(TARGET FIRST HEADER...): TARGET uses the precompiled headers of FIRST, a target
# that is compiled with the same options, or has its own if it is the first or there is none.
function(marey_precompile target first)
  if(NOT MAREY_TESTS)
    return()
  endif()
  if(target STREQUAL first OR NOT TARGET ${first})
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()

# marey_own(TARGET): include directories, version and warnings of our own code.
function(marey_own target)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}"
                                               "${PROJECT_SOURCE_DIR}/include")
  target_compile_definitions(${target} PRIVATE "MAREY_VERSION=\"${PROJECT_VERSION}\"")
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow -Wconversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # Wrong about std::string's operator+ (GCC bug 105651).
    target_compile_options(${target} PRIVATE -Wno-restrict)
  elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # libstdc++ 12's own std::stable_sort uses what it deprecates.
    target_compile_options(${target} PRIVATE -Wno-deprecated-declarations)
  endif()
  if(MAREY_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
    # What g++ warns of only after inlining depends on optimisation and sanitizers, and is often
    # wrong: seen, but no error.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE
        -Wno-error=array-bounds -Wno-error=free-nonheap-object -Wno-error=maybe-uninitialized
        -Wno-error=null-dereference -Wno-error=stringop-overflow
        -Wno-error=stringop-overread)
    endif()
  endif()
endfunction()
