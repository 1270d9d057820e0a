#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# go-toolchain.sh DEST VERSION...
#
# Puts Go toolchains from Debian's packages into DEST/go-VERSION, each one plain GOROOT: neither
# installs a package nor touches the machine's apt configuration. Other suites than the machine's own
# are looked at too, through the mirror and the keyring that its apt uses, since one suite has only a
# few versions. About 300 MB each on disk.
#
# Exit status 0 when all VERSIONs are there, 3 when one cannot be had.
set -euo pipefail

[ $# -ge 2 ] || { echo "usage: go-toolchain.sh DEST VERSION..." >&2; exit 2; }
mkdir -p "$1"
DEST=$(cd "$1" && pwd)
shift
missing=()
for version in "$@"; do
  [ -x "$DEST/go-$version/bin/go" ] || missing+=("$version")
done
[ ${#missing[@]} -gt 0 ] || exit 0
command -v apt-get >/dev/null || { echo "go-toolchain.sh: no apt-get here" >&2; exit 3; }

APT=$DEST/.apt
trap 'rm -rf "$APT"' EXIT
mkdir -p "$APT/sources" "$APT/lists/partial" "$APT/archives/partial" "$APT/debs"

# The machine's own Debian source, in either of apt's two formats, with its suites replaced.
SUITES="bookworm-backports trixie trixie-backports forky sid"
RELEASES='bookworm|trixie|forky|sid'
deb822=$(grep -lE "^Suites:.*\b($RELEASES)\b" /etc/apt/sources.list.d/*.sources 2>/dev/null |
  head -n1 || true)
if [ -n "$deb822" ]; then
  release=$(grep -m1 -oE "^Suites:.*" "$deb822" | grep -oE "$RELEASES" | head -n1)
  awk 'BEGIN{RS=""; ORS="\n\n"} /(^|\n)Suites:/{print; exit}' "$deb822" |
    sed -e "s/^Suites:.*/Suites: $release $SUITES/" -e 's/^Components:.*/Components: main/' \
      >"$APT/sources/go.sources"
else
  line=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    grep -m1 -E "^deb .*\b($RELEASES)\b" || true)
  [ -n "$line" ] || { echo "go-toolchain.sh: apt has no Debian source here" >&2; exit 3; }
  release=$(grep -oE "$RELEASES" <<<"$line" | head -n1)
  for suite in $release $SUITES; do
    sed -E "s/ ($RELEASES)[a-z-]*( .*)?$/ $suite main/" <<<"$line"
  done >"$APT/sources/go.list"
fi

options=(-o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$APT/sources"
  -o "Dir::State::Lists=$APT/lists" -o "Dir::Cache::Archives=$APT/archives"
  -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Get::List-Cleanup=0
  -o Acquire::Languages=none -o Acquire::Retries=2)
# The download runs in a folder of ours; apt's sandbox user need not see it.
[ "$(id -u)" != 0 ] || options+=(-o APT::Sandbox::User=root)
# A suite that the mirror lacks is no reason to do without the others.
apt-get -qq "${options[@]}" update >/dev/null 2>&1 || true

unpack() { # PACKAGE FOLDER
  (cd "$APT/debs" && apt-get -qq "${options[@]}" download "$1" >/dev/null 2>&1) || return 1
  mkdir -p "$2"
  dpkg -x "$APT/debs/$1"_*.deb "$2"
  rm -f "$APT/debs/$1"_*.deb
}

failed=0
for version in "${missing[@]}"; do
  tree=$DEST/.unpack-$version
  rm -rf "$tree"
  if ! unpack "golang-$version-go" "$tree" || ! unpack "golang-$version-src" "$tree"; then
    echo "go-toolchain.sh: golang-$version is in none of the suites that can be reached" >&2
    rm -rf "$tree"
    failed=3
    continue
  fi
  # Debian splits GOROOT: usr/lib/go-V has the programs, usr/share/go-V the sources, joined by
  # links. Put what each link means in its place; a dangling one is into a package of documentation.
  root=$tree/usr/lib/go-$version
  find "$root" -type l | while read -r link; do
    target=$(realpath -m "$(dirname "$link")/$(readlink "$link")")
    rm "$link"
    if [ -e "$target" ]; then mv "$target" "$link"; fi
  done
  rm -rf "$DEST/go-$version"
  mv "$root" "$DEST/go-$version"
  rm -rf "$tree"
  echo "go-$version: $(GOTOOLCHAIN=local GOROOT="$DEST/go-$version" \
    "$DEST/go-$version/bin/go" version)"
done
exit $failed
