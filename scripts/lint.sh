#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# lint.sh [--fix]: formatting, static analysis, includes. With --fix only formats, in place.
set -euo pipefail
cd "$(dirname "$0")/.."
JOBS=${JOBS:-$(nproc 2>/dev/null || echo 2)}

mapfile -t sources < <(git ls-files -co --exclude-standard -- '*.h' '*.cc' | sort)
if [ "${1:-}" = --fix ]; then
  clang-format-19 -i "${sources[@]}"
  exit
fi

failed=0
echo "== includes, licence lines, paths"
scripts/check-includes.py || failed=1
echo "== clang-format"
clang-format-19 --dry-run --Werror "${sources[@]}" || failed=1
echo "== clang-tidy"
# The files that the dev preset compiles; the headers come with them (HeaderFilterRegex). g++ may
# have been given options that clang does not know.
mapfile -t units < <(printf '%s\n' "${sources[@]}" | grep '^src/.*\.cc$' |
  grep -vE '(_test|_bench|_fuzz|/fuzz_main)\.cc$')
printf '%s\n' "${units[@]}" | xargs -P "$JOBS" -n 4 clang-tidy-19 -p build/dev --quiet \
  --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' 2>/dev/null || failed=1
exit $failed
