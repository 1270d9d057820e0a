#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test.sh [CTEST-ARGUMENT...]: what `make test` does once the packages are there.
#
# Builds the presets dev, asan and tsan, and runs the tests of all three in one ctest run, so that
# the closing lines count everything. Names of the sanitizers' tests begin with asan. and tsan.
set -euo pipefail
cd "$(dirname "$0")/.."
JOBS=${JOBS:-$(nproc 2>/dev/null || echo 2)}
PRESETS=${PRESETS:-dev asan tsan}
# One test has Go read what Marey writes; `make conformance` leaves the tool there.
for tool in build/conformance/trace-*; do
  if [ -x "$tool" ]; then export MAREY_GO_TRACE=${MAREY_GO_TRACE:-$PWD/$tool}; fi
done

mkdir -p build/test
for preset in $PRESETS; do
  make -s "build/$preset/build.ninja"
  echo "== building $preset"
  cmake --build "build/$preset" --parallel "$JOBS"
done

for preset in $PRESETS; do
  echo "subdirs(\"../$preset\")"
done >build/test/CTestTestfile.cmake

echo "== testing $PRESETS"
ctest --test-dir build/test --parallel "$JOBS" --output-on-failure "$@"
