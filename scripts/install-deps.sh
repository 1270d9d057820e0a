#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# install-deps.sh GROUP...
#
# Installs the Debian packages that the groups need and that are missing, saying what and why. Does
# nothing, quickly and silently, when all are there. Groups: build test bench fuzz lint.
#
# Runs apt-get through sudo when not root. Never asks a question without a terminal or with CI set.
set -euo pipefail

# group | package, or alternatives of which one is enough, best first | why
PACKAGES='
build|g++|the C++ compiler (12 or newer)
build|cmake|the build system (3.25 or newer)
build|ninja-build|runs the build
build|libfmt-dev|text formatting
build|zlib1g-dev|gzip: compressed traces and profiles
build|libzstd-dev|zstd: compressed traces
build|libprotozero-dev|writing profiles in protobuf form
build|libre2-dev|regular expressions as Go writes them
build|libboost1.81-dev libboost1.83-dev libboost1.88-dev|hash tables (boost::unordered_flat_map, 1.81 or newer)
test|libgtest-dev|unit tests
test|libgmock-dev|unit tests
test|librapidcheck-dev|property tests
test|nlohmann-json3-dev|reading our own JSON back
test|python3|golden and end-to-end tests
test|zstd|reading the compressed golden files
bench|libbenchmark-dev|benchmarks
bench|python3|the benchmark report
bench|zstd|the whole-process benchmark
fuzz|clang-19|the compiler that has libFuzzer
fuzz|libclang-rt-19-dev|libFuzzer and the sanitizers for clang
lint|clang-format-19|the format check
lint|clang-tidy-19|the static analysis
lint|clang-19|header search paths for the static analysis
lint|python3|the check of includes and licence lines
'

[ $# -gt 0 ] || { echo "usage: install-deps.sh GROUP... (build test bench fuzz lint)" >&2; exit 2; }

rows=()
names=()
while IFS='|' read -r group alternatives why; do
  [ -n "$group" ] || continue
  for wanted in "$@"; do
    if [ "$wanted" = "$group" ]; then
      rows+=("$alternatives|$why")
      read -ra words <<<"$alternatives"
      names+=("${words[@]}")
    fi
  done
done <<<"$PACKAGES"
[ ${#rows[@]} -gt 0 ] || { echo "install-deps.sh: no such group: $*" >&2; exit 2; }

if ! command -v dpkg-query >/dev/null; then
  echo "No dpkg here, so nothing is installed; CMake will say what it misses. Debian's names:"
  printf '  %s\n' "${rows[@]}" | sed 's/|/: /'
  exit 0
fi

# One dpkg-query for all; it fails when any is unknown, which is no error here.
known=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${names[@]}" 2>/dev/null || true)
installed=" $(sed -n 's/ installed$//p' <<<"$known" | sort -u | tr '\n' ' ') "

missing=()
reasons=()
for row in "${rows[@]}"; do
  read -ra words <<<"${row%%|*}"
  have=
  for package in "${words[@]}"; do
    [[ $installed == *" $package "* ]] && have=1
  done
  if [ -z "$have" ] && [[ " ${missing[*]} " != *" ${row%%|*} "* ]]; then
    missing+=("${row%%|*}")
    reasons+=("${row#*|}")
  fi
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "These Debian packages are missing; install them as root, there is no sudo here:" >&2
    printf '  %s\n' "${missing[@]%% *}" >&2
    exit 1
  fi
  root=(sudo)
  [ -t 0 ] || root=(sudo -n)
fi
apt_get() {
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

updated=
update_once() {
  [ -z "$updated" ] || return 0
  updated=1
  echo "Reading the package lists (apt-get update)."
  apt_get update -q >/dev/null || echo "That failed; going on with the lists that are there." >&2
}
has_candidate() {
  local policy
  policy=$(apt-cache policy "$1" 2>/dev/null) && grep -q 'Candidate: [^(]' <<<"$policy"
}

# The first alternative that the package lists know.
choose() {
  local package
  for package in $1; do
    if has_candidate "$package"; then
      echo "$package"
      return
    fi
  done
}

for alternatives in "${missing[@]}"; do
  if [ -z "$(choose "$alternatives")" ]; then
    update_once
    break
  fi
done

echo "Marey needs these Debian packages, which are missing:"
wanted=()
for i in "${!missing[@]}"; do
  package=$(choose "${missing[$i]}")
  if [ -z "$package" ]; then
    echo "install-deps.sh: no package '${missing[$i]}' (${reasons[$i]}) in this machine's lists" >&2
    exit 1
  fi
  printf '  %-22s %s\n' "$package" "${reasons[$i]}"
  wanted+=("$package")
done
echo "Installing them with apt-get."

log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() {
  apt_get install -y --no-install-recommends "$@" </dev/null >"$log" 2>&1
}

if install --no-remove "${wanted[@]}"; then
  exit 0
fi
# Something else is in the way: lists that name packages no longer there, or a package that must go.
removed=$(apt-get -s --no-install-recommends install "${wanted[@]}" 2>/dev/null |
  sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ') || true
if [ -z "$removed" ]; then
  update_once
  if install --no-remove "${wanted[@]}"; then
    exit 0
  fi
  cat "$log" >&2
  exit 1
fi
echo "They exclude packages that are installed and will be removed: $removed"
if [ -t 0 ] && [ -z "${CI:-}" ]; then
  "${root[@]}" apt-get --no-install-recommends install "${wanted[@]}" # apt-get asks
elif ! install "${wanted[@]}"; then
  cat "$log" >&2
  exit 1
fi
