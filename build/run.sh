#!/usr/bin/env bash
# Everything on this one computer: a desk, a technician, and the program in the
# tray that asks it for help.
#
#   build/run.sh           start it; Ctrl-C ends it
#   build/run.sh --once    ask for help once, in the terminal; print the ticket
#                          as JSON and end with get-help's own exit code
#
# Without a display it asks for help in the terminal and follows the ticket.
#
# RAISEHAND_DEMO_DIR   where tickets and settings are kept from run to run
#                      (default: raisehand-demo among this user's program state)
# RAISEHAND_NO_INSTALL=1   install nothing, build with what is here
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=build/setup.sh
. build/setup.sh
# shellcheck source=build/programs.sh
. build/programs.sh

once=
case "${1:-}" in
  "") ;;
  --once) once=1 ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' build/run.sh | sed '$d' >&2; exit 2 ;;
esac

# --once keeps standard output for the ticket.
exec 3>&1
[ -z "$once" ] || exec 3>&2
say() { printf '%s\n' "$*" >&3; }

main() {
  open_data
  need build
  choose_face
  build_programs
  start_desk
  introduce
  ask
}

choose_face() {
  case "$(uname -s)" in
    Darwin|MINGW*|MSYS*|CYGWIN*) display=1 ;;
    *) display=${WAYLAND_DISPLAY:-}${DISPLAY:-} ;;
  esac
  exe=$(go env GOEXE)
}

build_programs() {
  mkdir -p bin
  say "Building raisehand and raisehand-desk (the first time takes a few minutes, later it takes seconds) …"
  build_resident "bin/raisehand$exe"
  [ -z "$exe" ] || compile "bin/raisehandw$exe" . -H=windowsgui
  build_desk "bin/raisehand-desk$exe"
  [ -n "$display" ] || return 0
  say "Building raisehand-window (the first time takes 4 to 6 minutes on a small computer, later it takes seconds) …"
  if ! build_window "bin/raisehand-window$exe"; then
    say "raisehand-window could not be built: there will be a tray but no windows. The terminal does the same job."
    rm -f "bin/raisehand-window$exe"
  fi
}

# open_data: one folder holds everything, and one run at a time uses it.
open_data() {
  case "$(uname -s)" in
    Darwin) data="$HOME/Library/Application Support/raisehand-demo" ;;
    MINGW*|MSYS*|CYGWIN*) data="${LOCALAPPDATA:-$HOME}/raisehand-demo" ;;
    *) data="${XDG_STATE_HOME:-$HOME/.local/state}/raisehand-demo" ;;
  esac
  data=${RAISEHAND_DEMO_DIR:-$data}
  umask 077
  mkdir -p "$data"
  data=$(cd "$data" && pwd)
  if ! (set -o noclobber; echo $$ >"$data/run.pid") 2>/dev/null; then
    if kill -0 "$(cat "$data/run.pid")" 2>/dev/null; then
      say "This is running already, with its data in $data."
      say "For a second one beside it:  RAISEHAND_DEMO_DIR=/another/folder build/run.sh"
      exit 1
    fi
    echo $$ >"$data/run.pid"
  fi
  mine=1
}

# start_desk: on the port of last time if it is free, so that tickets and the
# console's address stay good; otherwise on any.
start_desk() {
  local port
  case "${RAISEHAND_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}" in
    zh*) team=信息中心 ;;
    *) team="IT desk" ;;
  esac
  port=$(cat "$data/port" 2>/dev/null || echo 0)
  serve "$port" || { [ "$port" != 0 ] && serve 0; } || {
    say "The desk did not start. Its last words:"
    tail -n 20 "$data/desk.log" >&3
    exit 1
  }
  port=${url##*:}
  printf '%s\n' "${port%%/*}" >"$data/port"
}

serve() { # PORT
  local i
  "bin/raisehand-desk$exe" serve --listen "127.0.0.1:$1" --data "$data/desk" --contact-name "$team" >"$data/desk.log" 2>&1 </dev/null &
  desk=$!
  for i in $(seq 300); do
    url=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$data/desk.log" | head -n 1)
    url=${url%/}
    [ -z "$url" ] || return 0
    kill -0 "$desk" 2>/dev/null || { desk=; return 1; }
    sleep 0.1
  done
  end "$desk"; desk=
  return 1
}

# introduce: a technician and an enrolment, both new each time.
introduce() {
  password=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n' | sed 's/..../&-/g; s/-$//')
  printf '%s\n' "$password" |
    "bin/raisehand-desk$exe" user add technician --data "$data/desk" --role technician --password-stdin >>"$data/desk.log" 2>&1 || {
      say "The technician could not be added to the desk. Its last words:"
      tail -n 5 "$data/desk.log" >&3
      exit 1
    }
  "bin/raisehand-desk$exe" enroll-key new --data "$data/desk" >"$data/enroll-key" 2>>"$data/desk.log"
  say ""
  say "The technicians' console:  $url/"
  say "  name                     technician"
  say "  password                 $password"
  say "Tickets and settings are kept in $data"
  say ""
}

ask() {
  local program="bin/raisehand$exe" code=0
  set -- --desk "$url" --enroll-key-file "$data/enroll-key" --home "$data/home"
  if [ -n "$once" ]; then
    run "$program" get-help --yes --json "$@" || code=$?
  elif [ -z "$display" ]; then
    say "There is no display here, so help is asked for in the terminal. Ctrl-C ends it."
    say ""
    run "$program" get-help --yes --follow "$@" || code=$?
  else
    [ -z "$exe" ] || program="bin/raisehandw$exe"
    say "Raisehand runs now: click the raised hand in the tray; where there is no tray, its window has opened. Ctrl-C here, or Quit there, ends everything."
    run "$program" "$@" || code=$?
  fi
  exit "$code"
}

# run waits in a way that lets a signal through to the trap at once.
run() {
  "$@" <&0 &
  app=$!
  local code=0
  wait "$app" || code=$?
  app=
  return "$code"
}

# shellcheck disable=SC2317 # called by the traps below
# finish ends what this script has started, and nothing else.
finish() {
  local code=$?
  trap - EXIT INT TERM HUP
  [ -z "${app:-}" ] || end "$app"
  [ -z "${desk:-}" ] || end "$desk"
  [ -z "${mine:-}" ] || rm -f "$data/run.pid"
  exit "$code"
}

end() { # PID: a request, then after five seconds an order
  local i
  kill -TERM "$1" 2>/dev/null || return 0
  for i in $(seq 50); do
    kill -0 "$1" 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
main
