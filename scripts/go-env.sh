# SPDX-License-Identifier: Apache-2.0
# Source this. How the scripts use a Go toolchain: nothing from the network, nothing outside build/go.

GO_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
GO_HOME=$GO_ROOT/build/go
# The version whose `go tool trace` is the reference.
GO_REFERENCE=${GO_REFERENCE:-1.27}

# go_have VERSION...: the toolchains are there, or can be fetched. MAREY_GO names a folder with
# go-VERSION in it (GOROOTs with sources) to be used instead.
go_have() {
  local version
  if [ -n "${MAREY_GO:-}" ]; then
    for version in "$@"; do
      [ -x "$MAREY_GO/go-$version/bin/go" ] || return 1
    done
    return 0
  fi
  "$GO_ROOT/scripts/go-toolchain.sh" "$GO_HOME" "$@"
}

# go_run VERSION ARGUMENT...: that version's go command.
go_run() {
  local root=${MAREY_GO:-$GO_HOME}/go-$1
  shift
  GOROOT=$root GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off GOENV=off GOTELEMETRY=off \
    GOPATH=$GO_HOME/path GOCACHE=$GO_HOME/cache "$root/bin/go" "$@"
}

# go_tool_trace OUT: builds the reference version's `go tool trace`.
go_tool_trace() {
  [ -x "$1" ] || go_run "$GO_REFERENCE" build -trimpath -o "$1" cmd/trace
}

# go_reader OUT: builds a program that reads a trace with Go's own reader and does nothing else. An
# overlay places it inside GOROOT, where internal packages may be imported.
go_reader() {
  [ ! -x "$1" ] || return 0
  local root=${MAREY_GO:-$GO_HOME}/go-$GO_REFERENCE
  mkdir -p "$GO_HOME"
  printf '{"Replace":{"%s":"%s"}}' "$root/src/cmd/marey_reader/main.go" \
    "$GO_ROOT/scripts/reader.go" >"$GO_HOME/overlay.json"
  go_run "$GO_REFERENCE" build -overlay "$GO_HOME/overlay.json" -o "$1" cmd/marey_reader
}

# go_workloads VERSION OUT: builds testdata/workloads into the folder OUT.
go_workloads() {
  [ ! -x "$2/http" ] || return 0
  local work
  work=$(mktemp -d)
  cp -r "$GO_ROOT/testdata/workloads/." "$work"
  (cd "$work" && go_run "$1" mod edit "-go=$1" && mkdir -p "$2" &&
    go_run "$1" build -trimpath -o "$2/" ./...)
  local outcome=$?
  rm -rf "$work"
  return $outcome
}
