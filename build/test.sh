#!/usr/bin/env bash
# Everything that must hold before a change is taken in.
#
#   build/test.sh          format, vet, staticcheck, other systems' files, unit
#                          tests with the race detector, and the end-to-end tests
#   build/test.sh quick    the part that needs neither display nor virtual machine
#
# The last line says how many passed, failed and were skipped. The end-to-end
# tests try the programs in bin/, which RAISEHAND_BIN names.
# RAISEHAND_NO_INSTALL=1: install nothing; what cannot be tried is skipped and named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
export HOME="${HOME:-/tmp}"
# shellcheck source=build/setup.sh
. build/setup.sh
# shellcheck source=build/programs.sh
. build/programs.sh

case "${1:-}" in
  ""|quick|nightly) scope=${1:-all} ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' build/test.sh | sed '$d' >&2; exit 2 ;;
esac

main() {
  case $scope in
    quick) need build sound ;;
    all) need build sound display browser vm netlab faults ;;
    nightly) need build sound display browser vm netlab faults cross ;;
  esac
  mkdir -p bin
  plain go build -o bin/tally ./build/tally
  TALLY=$(mktemp)
  export TALLY
  trap 'rm -f "$TALLY"' EXIT

  step "format" formatted
  step "shell scripts" shells
  step "vet" vet
  step "staticcheck" static
  step "other systems' files" others
  step "vet for Windows" vet_windows
  unit_tests
  [ "$scope" = quick ] || end_to_end
  [ "$scope" != nightly ] || long_ones
  bin/tally sum
}

# step counts one of the functions below, in a shell of its own; tests counts
# each test. What fails is shown and counted, and the rest is tried all the same.
step() { bin/tally step "$1" bash -euo pipefail -c "$2" || true; }
tests() { bin/tally test "$@" || true; }

plain() { GOFLAGS=-buildvcs=false "$@"; }

# as_built: with the programs' own flags, so that what vet and staticcheck
# compile is what the programs are made of, and is compiled once.
as_built() { GOFLAGS="-buildvcs=false -trimpath -tags=no_emoji" "$@"; }

formatted() {
  local files
  files=$(find . -name '*.go' -not -path './bin/*' -not -path './.*/*' -print0 | xargs -0 gofmt -l)
  [ -z "$files" ] || { echo "gofmt would change:"; echo "$files"; return 1; }
}

shells() {
  local f
  while IFS= read -r f; do bash -n "$f"; done < <(find build .ci -type f \( -name '*.sh' -o -name run \))
}

vet() { as_built go vet ./...; }

static() { as_built go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 -tags no_emoji ./...; }

# ours are the packages that run on every system; build/ runs here only.
ours() { plain go list ./... | grep -v '/build\(/\|$\)'; }

others() {
  # shellcheck disable=SC2046
  plain go run ./build/crosscheck darwin/arm64 darwin/amd64 windows/amd64 windows/arm64 -- $(ours)
}

# vet_windows vets what needs no C compiler there: its dependencies hold no cgo.
vet_windows() {
  local all c pure
  all=$(ours)
  # shellcheck disable=SC2086
  c=$(GOOS=windows CGO_ENABLED=1 go list -deps -f '{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}' $all | grep .)
  # shellcheck disable=SC2086
  pure=$(GOOS=windows CGO_ENABLED=1 go list -f '{{.ImportPath}} {{join .Deps " "}}' $all | awk -v c="$c" '
    BEGIN { split(c, list, "\n"); for (i in list) cgo[list[i]] = 1 }
    { for (i = 1; i <= NF; i++) if ($i in cgo) next; print $1 }')
  [ -n "$pure" ]
  echo "$pure"
  # shellcheck disable=SC2086
  GOOS=windows CGO_ENABLED=0 as_built go vet $pure
}
export -f plain as_built formatted shells vet static ours others vet_windows

# Below build/, a package is an end-to-end test unless it is named here.
laboratories='build\(/tally\|/crosscheck\|/sound\|/icons\|/fonts\|/lab\)\{0,1\}$'
long='build/\(bench\|soak\|netlab\)\(/\|$\)'

unit_tests() {
  local short=()
  [ "$scope" != quick ] || short=(-short)
  # shellcheck disable=SC2046
  plain tests "unit tests" go test -json -race -vet=off -tags no_emoji -timeout 15m ${short[@]+"${short[@]}"} \
    $(ours) $(plain go list ./build/... | grep "$laboratories")
}

end_to_end() {
  step "programs" programs
  [ "$scope" != nightly ] || export RAISEHAND_LONG=1
  export RAISEHAND_BIN="$PWD/bin"
  # One package at a time: each has displays, sound servers and machines to itself.
  # shellcheck disable=SC2046
  plain tests "end-to-end tests" go test -json -vet=off -p 1 -count 1 -tags no_emoji -timeout 25m \
    $(plain go list ./build/... | grep -v "$laboratories" | grep -v "$long")
}

programs() { rm -f bin/raisehand bin/raisehand-window bin/raisehand-desk && build_resident && build_window && build_desk; }

long_ones() {
  step "programs for Windows" windows_programs
  step "desks for every system" desks
  local packages
  RAISEHAND_FAULTS=all plain tests "every fault" go test -json -vet=off -count 1 -tags no_emoji -timeout 3h ./build/faults
  packages=$(plain go list ./build/... | grep "$long") || return 0
  # shellcheck disable=SC2086
  RAISEHAND_LONG=1 plain tests "long tests" go test -json -vet=off -p 1 -count 1 -tags no_emoji -timeout 3h $packages
}

windows_programs() { mkdir -p bin/windows && build_for_windows bin/windows; }
desks() { mkdir -p bin/desks && build_desks bin/desks; }
export -f programs windows_programs desks compile build_resident build_window build_desk build_for_windows build_desks

main
