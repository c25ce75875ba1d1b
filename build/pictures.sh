#!/usr/bin/env bash
# The pictures of the README, taken anew from the real programs in bin/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
to=assets/help/pictures
taken=$(mktemp -d)
trap 'rm -rf "$taken"' EXIT
export RAISEHAND_PICTURES=$taken RAISEHAND_BIN=$PWD/bin
go test -tags no_emoji -count 1 -run TestThePicturesOfTheReadme ./build/e2e
go test -tags no_emoji -count 1 -run 'TestAMorningAtTheDesk' ./build/console_test
mkdir -p "$to"
for lang in en zh; do
  for window in help ticket equipment article; do
    cp "$taken/$window-$lang.png" "$to"
  done
  cp "$taken/console-morning-queue-$lang.png" "$to/queue-$lang.png"
  cp "$taken/console-morning-ticket-$lang.png" "$to/console-$lang.png"
done
ls -l "$to"
