#!/usr/bin/env bash
# How each program is built. Read by run.sh, test.sh and nightly.sh, which all
# mean the same thing by "build".

# compile OUTPUT PACKAGE [LINKER-FLAG…]: for the system that GOOS, GOARCH, CC and CGO_ENABLED name.
compile() {
  local to=$1 package=$2
  shift 2
  go build -buildvcs=false -trimpath -tags no_emoji -ldflags "-s -w $*" -o "$to" "$package"
}

# The resident program, the windows, the desk.
# shellcheck disable=SC2120
build_resident() { compile "${1:-bin/raisehand}" .; }
build_window() { compile "${1:-bin/raisehand-window}" ./app/window/raisehand-window; }
build_desk() { CGO_ENABLED=0 compile "${1:-bin/raisehand-desk}" ./uploader/desk/raisehand-desk; }

# The same for Windows, by mingw: raisehand.exe for the terminal, raisehandw.exe for the tray.
build_for_windows() { # FOLDER
  (
    export GOOS=windows GOARCH=amd64 CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc CXX=x86_64-w64-mingw32-g++
    compile "$1/raisehand.exe" . -extldflags=-static &&
      compile "$1/raisehandw.exe" . -H=windowsgui -extldflags=-static &&
      compile "$1/raisehand-window.exe" ./app/window/raisehand-window -H=windowsgui -extldflags=-static
  )
}

# The desk is one file without C on every system.
build_desks() { # FOLDER
  GOOS=linux GOARCH=amd64 build_desk "$1/raisehand-desk-linux-amd64" &&
    GOOS=linux GOARCH=arm64 build_desk "$1/raisehand-desk-linux-arm64" &&
    GOOS=windows GOARCH=amd64 build_desk "$1/raisehand-desk-windows-amd64.exe" &&
    GOOS=darwin GOARCH=arm64 build_desk "$1/raisehand-desk-darwin-arm64" &&
    GOOS=darwin GOARCH=amd64 build_desk "$1/raisehand-desk-darwin-amd64"
}
