#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench.sh: measures the parts (Google Benchmark) and the whole (commands on traces), and prints a
# Markdown report; a copy is left in build/bench/report.md.
#
# Where a Go toolchain can be had (see conformance.sh), the workloads make the traces and Go's own
# reader and tool are measured on the same files in the same run; otherwise the traces are of a
# simulated program (tests/make_trace.cc).
#
#   BENCH_MB="1 10 150 600 1000"   megabytes of the traces of each kind
#   BENCH_RUNS=5                   runs of each command (Go's own: BENCH_GO_RUNS=3)
#   BENCH_GO_MB=700                megabytes of the largest trace that Go's commands are run on
#   BENCH_TRACES="FILE..."         measure these instead
#   BENCH_PARTS=0                  leave out the Google Benchmark half
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/go-env.sh
JOBS=${JOBS:-$(nproc 2>/dev/null || echo 2)}
work=$(pwd)/build/bench
mkdir -p "$work/traces"

cmake --preset release -DMAREY_BENCHMARKS=ON >/dev/null
cmake --build build/release --parallel "$JOBS" --target all benchmarks

arguments=()
make_go() { # PROGRAM SCALE PROCS
  "$work/workloads/$1" -d 10m -maxmb "$mb" -scale "$2" -procs "$3" "$trace.new"
}
make_simulated() {
  build/release/make_trace "$trace.new" "$mb"
}
kinds=("make_simulated simulated")
if go_have "$GO_REFERENCE"; then
  go_tool_trace "$work/trace-$GO_REFERENCE"
  go_reader "$work/reader-$GO_REFERENCE"
  go_workloads "$GO_REFERENCE" "$work/workloads"
  arguments+=(--go-trace "$work/trace-$GO_REFERENCE" --go-reader "$work/reader-$GO_REFERENCE")
  kinds=("make_go http 16 8" "make_go chans 4 4")
else
  echo "no Go toolchain: simulated traces, and nothing to compare with" >&2
fi

if [ -n "${BENCH_TRACES:-}" ]; then
  read -ra traces <<<"$BENCH_TRACES"
else
  traces=()
  for kind in "${kinds[@]}"; do
    read -ra command <<<"$kind"
    for mb in ${BENCH_MB:-1 10 150 600 1000}; do
      trace=$work/traces/${command[1]}-$mb.trace
      if [ ! -f "$trace" ]; then
        echo "making ${command[1]}-$mb.trace" >&2
        "${command[@]}"
        mv "$trace.new" "$trace"
      fi
      traces+=("$trace")
    done
  done
fi

{
  if [ "${BENCH_PARTS:-1}" != 0 ]; then
    python3 scripts/bench-parts.py build/release/src/*_bench
  fi
  python3 scripts/bench-whole.py --marey build/release/marey --runs "${BENCH_RUNS:-5}" \
    --go-runs "${BENCH_GO_RUNS:-3}" --go-mb "${BENCH_GO_MB:-700}" "${arguments[@]}" "${traces[@]}"
} | tee "$work/report.md"
