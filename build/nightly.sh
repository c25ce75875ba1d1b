#!/usr/bin/env bash
# The tests that every change must pass, and the long ones besides: the programs
# for Windows, the desk for every system, measurements, endurance.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/test.sh" nightly
