#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# fuzz.sh SECONDS [TARGET...]: searches with every libFuzzer target (or those named: header, reader,
# ...) for SECONDS each, JOBS of them at a time. The seeds are testdata/fuzz/TARGET/; what the search
# adds stays in build/fuzz/corpus/TARGET/. A finding is kept in build/fuzz/findings/; mend the fault
# and move the input to testdata/fuzz/TARGET/, where every test run tries it again.
set -euo pipefail
cd "$(dirname "$0")/.."
SECONDS_EACH=${1:?usage: fuzz.sh SECONDS [TARGET...]}
shift
JOBS=${JOBS:-$(nproc 2>/dev/null || echo 2)}

mapfile -t built < <(find build/fuzz/src -maxdepth 1 -type f -name 'fuzz_*' -perm -u+x | sort)
targets=()
for path in "${built[@]}"; do
  name=${path##*/fuzz_}
  if [ $# -eq 0 ] || [[ " $* " == *" $name "* ]]; then
    targets+=("$name")
  fi
done
[ ${#targets[@]} -gt 0 ] || { echo "no fuzz target ${*:-} in build/fuzz/src" >&2; exit 1; }

mkdir -p build/fuzz/findings build/fuzz/logs
search() { # TARGET
  local name=$1 corpus=build/fuzz/corpus/$1 seeds=testdata/fuzz/$1
  mkdir -p "$corpus"
  local folders=("$corpus")
  [ -d "$seeds" ] && folders+=("$seeds")
  # -fork would hide the counts; one process a target, ended by the first finding.
  "build/fuzz/src/fuzz_$name" -max_total_time="$SECONDS_EACH" -timeout=20 -rss_limit_mb=2048 \
    -max_len=262144 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name-" \
    "${folders[@]}" >"build/fuzz/logs/$name.log" 2>&1
}
echo "Fuzzing ${#targets[@]} targets, $SECONDS_EACH s each, $JOBS at a time: ${targets[*]}"

failed=0
running=()
finish() { # the oldest
  local pid=${running[0]%%:*} name=${running[0]##*:} outcome=ok
  running=("${running[@]:1}")
  wait "$pid" || outcome=FAILED
  [ $outcome = ok ] || failed=1
  printf '%-20s %-7s %12s executions, coverage %s\n' "$name" "$outcome" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/logs/$name.log")" \
    "$(grep -o 'cov: [0-9]*' "build/fuzz/logs/$name.log" | tail -n1 | tr -dc 0-9)"
  if [ $outcome != ok ]; then
    grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "build/fuzz/logs/$name.log" | head -n 8
  fi
}
for name in "${targets[@]}"; do
  [ ${#running[@]} -lt "$JOBS" ] || finish
  search "$name" &
  running+=("$!:$name")
done
while [ ${#running[@]} -gt 0 ]; do finish; done
exit $failed
