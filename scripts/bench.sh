#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench.sh: measures the parts (Google Benchmark) and the whole (commands on traces), and prints a
# Markdown report; a copy is left in build/bench/report.md.
#
# Where a Go toolchain can be had (see conformance.sh), the workloads make the traces and Go's own
# reader and tool are measured on the same files in the same run; otherwise the traces are those in
# build/bench/traces and testdata.
#
#   BENCH_MB="1 10 150 600"   sizes of the http and chans traces
#   BENCH_RUNS=5              runs of each command (Go's own: BENCH_GO_RUNS=3)
#   BENCH_TRACES="FILE..."    measure these instead
#   BENCH_PARTS=0             leave out the Google Benchmark half
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/go-env.sh
JOBS=${JOBS:-$(nproc 2>/dev/null || echo 2)}
work=$(pwd)/build/bench
mkdir -p "$work/traces"

cmake --preset release -DMAREY_BENCHMARKS=ON >/dev/null
cmake --build build/release --parallel "$JOBS" --target all benchmarks

arguments=()
if go_have "$GO_REFERENCE"; then
  go_tool_trace "$work/trace-$GO_REFERENCE"
  go_reader "$work/reader-$GO_REFERENCE"
  arguments+=(--go-trace "$work/trace-$GO_REFERENCE" --go-reader "$work/reader-$GO_REFERENCE")
  if [ -z "${BENCH_TRACES:-}" ]; then
    go_workloads "$GO_REFERENCE" "$work/workloads"
    for mb in ${BENCH_MB:-1 10 150 600}; do
      for kind in "http 16 8" "chans 4 4"; do
        read -r program scale procs <<<"$kind"
        trace=$work/traces/$program-$mb.trace
        if [ ! -f "$trace" ]; then
          echo "making $program-$mb.trace" >&2
          "$work/workloads/$program" -d 10m -maxmb "$mb" -scale "$scale" -procs "$procs" "$trace.new"
          mv "$trace.new" "$trace"
        fi
      done
    done
  fi
fi
if [ -n "${BENCH_TRACES:-}" ]; then
  read -ra traces <<<"$BENCH_TRACES"
else
  mapfile -t traces < <(find "$work/traces" -name '*.trace' | sort -V)
  if [ ${#traces[@]} -eq 0 ]; then
    echo "no Go toolchain and no traces in build/bench/traces: measuring testdata only" >&2
    mapfile -t traces < <(ls testdata/traces/*-1.27.trace)
  fi
fi

{
  if [ "${BENCH_PARTS:-1}" != 0 ]; then
    python3 scripts/bench-parts.py build/release/src/*_bench
  fi
  python3 scripts/bench-whole.py --marey build/release/marey --runs "${BENCH_RUNS:-5}" \
    --go-runs "${BENCH_GO_RUNS:-3}" "${arguments[@]}" "${traces[@]}"
} | tee "$work/report.md"
