#!/usr/bin/env bash
# Everything on this one computer: a desk, a technician, and the program in the
# tray that asks it for help.
#
#   build/run.sh           start it; Ctrl-C ends it
#   build/run.sh --once    ask for help once, in the terminal, and end with
#                          get-help's own exit code; the ticket is told in words,
#                          or as JSON where the output goes to a file or a pipe
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
language=en
case "${RAISEHAND_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}" in
  zh*) language=zh ;;
esac
case "${1:-}" in
  "") ;;
  --once) once=1 ;;
  *)
    if [ "$language" = zh ]; then
      cat >&2 <<'END'
在这一台电脑上试用全部程序：服务台、一名技术人员，以及向服务台求助的托盘程序。

  build/run.sh           启动；按 Ctrl-C 结束
  build/run.sh --once    在终端里求助一次，并以 get-help 的退出码结束；
                         输出到文件或管道时，求助单写成 JSON

没有显示器时，在终端里求助，并跟踪这张求助单。

RAISEHAND_DEMO_DIR       求助单和设置保存在哪里
                         （默认是本用户程序状态目录下的 raisehand-demo）
RAISEHAND_NO_INSTALL=1   不安装任何东西，只用已有的来编译
END
      exit 2
    fi
    sed -n '2,/^set /s/^# \{0,1\}//p' build/run.sh | sed '$d' >&2; exit 2 ;;
esac

# --once keeps standard output for the ticket.
exec 3>&1
[ -z "$once" ] || exec 3>&2
say() { printf '%s\n' "$*" >&3; }
tell() { # ENGLISH CHINESE
  if [ "$language" = zh ]; then say "$2"; else say "$1"; fi
}

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
  tell "Building raisehand and raisehand-desk (the first time takes a few minutes, later it takes seconds) …" \
    "正在编译 raisehand 和 raisehand-desk（第一次要几分钟，以后只要几秒）…"
  build_resident "bin/raisehand$exe"
  [ -z "$exe" ] || compile "bin/raisehandw$exe" . -H=windowsgui
  build_desk "bin/raisehand-desk$exe"
  [ -n "$display" ] || return 0
  tell "Building raisehand-window (the first time takes 4 to 6 minutes on a small computer, later it takes seconds) …" \
    "正在编译 raisehand-window（第一次在配置低的电脑上要 4 到 6 分钟，以后只要几秒）…"
  if ! build_window "bin/raisehand-window$exe"; then
    tell "raisehand-window could not be built: there will be a tray but no windows. The terminal does the same job." \
    "raisehand-window 没能编译：有托盘，但没有窗口。在终端里可以做同样的事。"
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
      tell "This is running already, with its data in $data." "已经在运行了，数据在 $data。"
      tell "For a second one beside it:  RAISEHAND_DEMO_DIR=/another/folder build/run.sh" \
        "想再开一个：RAISEHAND_DEMO_DIR=/另一个/文件夹 build/run.sh"
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
  team="IT desk"
  [ "$language" = en ] || team=信息中心
  port=$(cat "$data/port" 2>/dev/null || echo 0)
  serve "$port" || { [ "$port" != 0 ] && serve 0; } || {
    tell "The desk did not start. Its last words:" \
    "服务台没能启动。它最后说的是："
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
      tell "The technician could not be added to the desk. Its last words:" \
    "没能在服务台添加技术人员。它最后说的是："
      tail -n 5 "$data/desk.log" >&3
      exit 1
    }
  "bin/raisehand-desk$exe" enroll-key new --data "$data/desk" >"$data/enroll-key" 2>>"$data/desk.log"
  say ""
  tell "The technicians' console:  $url/" "技术人员的控制台：$url/"
  tell "  name                     technician" "  用户名          technician"
  tell "  password                 $password" "  密码            $password"
  tell "Tickets and settings are kept in $data" "求助单和设置保存在 $data"
  say ""
}

ask() {
  local program="bin/raisehand$exe" code=0
  set -- --desk "$url" --enroll-key-file "$data/enroll-key" --home "$data/home"
  if [ -n "$once" ]; then
    [ -t 1 ] || set -- --json "$@" # whoever reads along reads words
    run "$program" get-help --yes "$@" || code=$?
  elif [ -z "$display" ]; then
    tell "There is no display here, so help is asked for in the terminal. Ctrl-C ends it." \
    "这里没有显示器，所以在终端里求助。按 Ctrl-C 结束。"
    say ""
    run "$program" get-help --yes --follow "$@" || code=$?
  else
    [ -z "$exe" ] || program="bin/raisehandw$exe"
    tell "Raisehand runs now: click the raised hand in the tray; where there is no tray, its window has opened. Ctrl-C here, or Quit there, ends everything." \
    "举手已经启动：点托盘里举起的手；没有托盘的话，窗口已经打开。在这里按 Ctrl-C，或在托盘菜单里退出，就全部结束。"
    run "$program" "$@" || code=$?
  fi
  exit "$code"
}

# watch says so when the desk ends by itself: otherwise one would wait for an
# answer that cannot come.
watch() {
  while kill -0 "$desk" 2>/dev/null; do sleep 1; done
  tell "The desk has ended. Requests for help are kept here and go out when you start this again. Its last words:" \
    "服务台已经停止。求助会先存在这里，重新启动后发出。它最后说的是："
  tail -n 5 "$data/desk.log" >&3
}

# run waits in a way that lets a signal through to the trap at once.
run() {
  watch &
  watcher=$!
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
  [ -z "${watcher:-}" ] || kill "$watcher" 2>/dev/null || true
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
