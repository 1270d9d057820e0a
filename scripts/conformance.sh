#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# conformance.sh: marey against a live Go toolchain, on fresh traces.
#
# Fetches Go toolchains from Debian's packages (or takes them from MAREY_GO, see go-env.sh), builds
# the reference `go tool trace` and, with each version, the workloads of testdata/workloads; runs
# them, and compares marey's -d=parsed, -d=wire, -d=footprint, -pprof=KIND and --strict with Go's on
# every trace. The tool stays in build/conformance for `make test`, which has it read what Marey
# writes. Prints "skipped: ..." and succeeds where no toolchain can be had.
#
# GO_VERSIONS: which versions write traces (default "1.27 1.24 1.19": the newest, and Debian's own).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/go-env.sh
VERSIONS=${GO_VERSIONS:-1.27 1.24 1.19}

if ! go_have "$GO_REFERENCE"; then
  echo "skipped: conformance needs Go $GO_REFERENCE, which cannot be had here"
  exit 0
fi
work=$(pwd)/build/conformance
rm -rf "$work/traces"
mkdir -p "$work/traces"
tool=$work/trace-$GO_REFERENCE
go_tool_trace "$tool"

# run PROGRAM NAME FLAGS...: some workloads need a newer Go, or cgo, and say so.
run() {
  local program=$1 out=$work/traces/$2-$version.trace
  shift 2
  if ! timeout 60 "$programs/$program" "$@" "$out" 2>"$work/err"; then
    echo "  $program with Go $version: left out: $(head -c 200 "$work/err")"
    rm -f "$out"
  fi
}
for version in $VERSIONS; do
  if ! go_have "$version"; then
    echo "skipped: traces of Go $version"
    continue
  fi
  programs=$work/workloads-$version
  if ! go_workloads "$version" "$programs"; then
    echo "skipped: the workloads do not build with Go $version"
    continue
  fi
  echo "== traces of Go $version"
  run http http -d 50ms -scale 4 -procs 4
  run http http-misnest -d 3ms -scale 2 -procs 4 -x misnest
  run oversub oversub -d 300ms -scale 200 -procs 4
  run mutex mutex -d 120ms -scale 8 -procs 8
  run gcstorm gcstorm -d 30ms -scale 4 -procs 4
  run syscalls syscalls -d 30ms -scale 4 -procs 4
  run chans chans -d 20ms -scale 4 -procs 4
  run coro coro -d 200ms -procs 3
  run cpuprof cpuprof -d 500ms -scale 6 -procs 4
  run annotations annotations -d 20ms -scale 4 -procs 4
  run flightrec flightrec -d 400ms -scale 4
  run cgocall cgocall -d 60ms -scale 3 -procs 4
  run idle idle -d 500ms
  run names names -scale 2
  GODEBUG=traceallocfree=1 run allocfree allocfree -d 60ms -scale 2
  GODEBUG=traceadvanceperiod=4000000 run http http-gens -d 40ms -scale 3 -procs 3
  GODEBUG=traceadvanceperiod=2000000 run gcstorm gcstorm-gens -d 20ms -scale 2 -procs 2
  GODEBUG=traceadvanceperiod=80000000 run bursts bursts-gens -d 1s -scale 2
done

echo "== comparing with go tool trace of Go $GO_REFERENCE"
MAREY=${MAREY:-build/release/marey} python3 tests/conformance.py "$tool" "$work"/traces/*.trace |
  tee "$work/log"
