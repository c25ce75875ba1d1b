#!/usr/bin/env bash
# What this computer needs before the project can be built or tested.
#
#   build/setup.sh build                 to build the programs
#   build/setup.sh build sound display   … and to test them
#   build/setup.sh --list [GROUP…]       package names for every system, installs nothing
#
# Groups: build, sound, display, browser, vm, netlab, faults, cross.
# run.sh and test.sh read this file and call `need`. On Debian and Ubuntu it
# installs what is missing, and only that; on other systems it names it.
# RAISEHAND_NO_INSTALL=1: name what is missing and go on without.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# One need a line: group | how to see that it is there | Debian, Ubuntu | Fedora | Arch | why
# cmd:NAME is a program, pc:NAME a library as pkg-config knows it, deb:NAME a Debian package,
# file:PATTERN a file.
needs() {
  cat <<'TABLE'
build|cmd:gcc|gcc|gcc|gcc|C compiler, for the microphone library and OpenGL
build|file:/usr/include/stdlib.h|libc6-dev|glibc-devel|glibc|C headers
build|cmd:pkg-config|pkg-config|pkgconf-pkg-config|pkgconf|finds the libraries below
build|pc:gl|libgl1-mesa-dev|mesa-libGL-devel|libglvnd|windows: OpenGL
build|pc:egl|libegl-dev|mesa-libEGL-devel|libglvnd|windows: OpenGL on Wayland
build|pc:xcursor|libxcursor-dev|libXcursor-devel|libxcursor|windows on X11
build|pc:xrandr|libxrandr-dev|libXrandr-devel|libxrandr|windows on X11
build|pc:xinerama|libxinerama-dev|libXinerama-devel|libxinerama|windows on X11
build|pc:xi|libxi-dev|libXi-devel|libxi|windows on X11
build|pc:xxf86vm|libxxf86vm-dev|libXxf86vm-devel|libxxf86vm|windows on X11
build|pc:wayland-client|libwayland-dev|wayland-devel|wayland|windows on Wayland
build|pc:xkbcommon|libxkbcommon-dev|libxkbcommon-devel|libxkbcommon|windows on Wayland
build|file:/etc/ssl/certs/ca-certificates.crt|ca-certificates|ca-certificates|ca-certificates|fetching Go modules
sound|cmd:pulseaudio|pulseaudio|pulseaudio|pulseaudio|a sound server for the tests alone
sound|cmd:pactl|pulseaudio-utils|pulseaudio-utils|libpulse|virtual microphones
sound|cmd:espeak-ng|espeak-ng|espeak-ng|espeak-ng|a voice to speak into them
sound|cmd:pipewire|pipewire|pipewire|pipewire|the other sound server
sound|cmd:pw-cli|pipewire-bin|pipewire-utils|pipewire|looks into it
sound|cmd:wireplumber|wireplumber|wireplumber|wireplumber|sets up its devices
sound|cmd:pipewire-pulse|pipewire-pulse|pipewire-pulseaudio|pipewire-pulse|speaks to programs for it
sound|cmd:dbus-daemon|dbus|dbus-daemon|dbus|its session bus
display|cmd:Xvfb|xvfb|xorg-x11-server-Xvfb|xorg-server-xvfb|a screen for the tests alone
display|cmd:openbox|openbox|openbox|openbox|a window manager on it
display|deb:libgl1-mesa-dri|libgl1-mesa-dri|mesa-dri-drivers|mesa|OpenGL without a graphics card
display|cmd:dbus-daemon|dbus|dbus-daemon|dbus|a session bus for the tests alone
display|cmd:xdotool|xdotool|xdotool|xdotool|types and clicks
display|cmd:xprop|x11-utils|xprop|xorg-xprop|looks at windows
display|cmd:xsetroot|x11-xserver-utils|xsetroot|xorg-xsetroot|colours the screen
display|cmd:import|imagemagick|ImageMagick|imagemagick|pictures of windows
display|cmd:strace|strace|strace|strace|kills a program at a chosen system call
display|cmd:ip|iproute2|iproute|iproute2|takes the network away
display|file:/usr/share/fonts/*/noto/NotoSansCJK-Regular.ttc|fonts-noto-cjk|google-noto-sans-cjk-fonts|noto-fonts-cjk|Chinese in the browser's pictures
browser|cmd:curl|curl|curl|curl|the commands of the document about the interface
browser|cmd:chromium,chromium-browser,google-chrome,google-chrome-stable|chromium|chromium|chromium|the technician's console, clicked
vm|cmd:qemu-system-x86_64|qemu-system-x86|qemu-system-x86|qemu-system-x86|a small machine with virtual cameras
vm|cmd:busybox|busybox-static|busybox|busybox|its user space
vm|cmd:cpio|cpio|cpio|cpio|its disk
vm|cmd:modinfo|kmod|kmod|kmod|its drivers
vm|cmd:xz|xz-utils|xz|xz|its kernel
vm|cmd:v4l2-ctl|v4l-utils|v4l-utils|v4l-utils|changes a virtual camera's picture
netlab|cmd:ip|iproute2|iproute|iproute2|networks in namespaces, and their cables
netlab|cmd:nft|nftables|nftables|nftables|breaks them
netlab|cmd:dnsmasq|dnsmasq-base|dnsmasq|dnsmasq|their names
netlab|cmd:tinyproxy|tinyproxy|tinyproxy|tinyproxy|their proxy
netlab|cmd:turnserver|coturn|coturn|coturn|their STUN and TURN server
netlab|cmd:arping|iputils-arping|iputils|iputils|who has an address
netlab|cmd:gsettings|libglib2.0-bin|glib2|glib2|a desktop's settings
netlab|file:/usr/share/glib-2.0/schemas/org.gnome.system.proxy.gschema.xml|gsettings-desktop-schemas|gsettings-desktop-schemas|gsettings-desktop-schemas|those of proxies
netlab|cmd:dig|bind9-dnsutils|bind-utils|bind|asks name servers
netlab|cmd:curl|curl|curl|curl|asks web servers
faults|cmd:xdg-mime|xdg-utils|xdg-utils|xdg-utils|which program opens web pages
faults|cmd:pgrep|procps|procps-ng|procps-ng|what runs
faults|cmd:turnserver|coturn|coturn|coturn|a STUN and TURN server
faults|cmd:dig|bind9-dnsutils|bind-utils|bind|asks name servers
faults|cmd:sox|sox|sox|sox|hum, noise, and what is heard of it
faults|cmd:curl|curl|curl|curl|asks web servers
faults|cmd:ping|iputils-ping|iputils|iputils|asks routers
faults|cmd:ethtool|ethtool|ethtool|ethtool|cables without shortcuts
faults|cmd:vmstat|procps|procps-ng|procps-ng|tells how busy a computer is
faults|cmd:nsenter|util-linux|util-linux|util-linux|enters the computer
faults|cmd:pipewire|pipewire|pipewire|pipewire|the newer sound server
faults|cmd:pipewire-pulse|pipewire-pulse|pipewire-pulseaudio|pipewire-pulse|its PulseAudio face
faults|cmd:wireplumber|wireplumber|wireplumber|wireplumber|its devices
faults|cmd:wpctl|wireplumber|wireplumber|wireplumber|sets them
faults|cmd:pw-cli|pipewire-bin|pipewire-utils|pipewire|and asks it
faults|cmd:dbus-daemon|dbus|dbus-daemon|dbus|a session bus for it
cross|cmd:x86_64-w64-mingw32-gcc|gcc-mingw-w64-x86-64-win32|mingw64-gcc|mingw-w64-gcc|Windows programs
cross|cmd:x86_64-w64-mingw32-g++|g++-mingw-w64-x86-64-win32|mingw64-gcc-c++|mingw-w64-gcc|Windows programs
TABLE
}

# need GROUP…: afterwards everything in these groups is there, or a sentence
# has said what is not and the answer is no.
need() {
  local group gone
  for group; do
    needs | grep -q "^$group|" || { note "There is no group \"$group\"."; return 1; }
  done
  need_go || return 1
  [ -e /usr/sbin ] && PATH=$PATH:/usr/sbin:/sbin
  case "$(uname -s)" in
    Darwin) need_mac; return ;;
    MINGW*|MSYS*|CYGWIN*) need_windows; return ;;
  esac
  gone=$(missing "$@")
  if [ -z "$gone" ]; then
    case " $* " in *" vm "*) kernel_known ;; esac
    return 0
  fi
  if [ -n "${RAISEHAND_NO_INSTALL:-}" ]; then
    note "not on this computer, and left so (RAISEHAND_NO_INSTALL is set):"
    tell "$gone" 3
    return 0
  fi
  case "$(distribution)" in
    debian) install_debian "$gone" ;;
    fedora) by_hand "$gone" 4 "sudo dnf install" ;;
    arch)   by_hand "$gone" 5 "sudo pacman -S --needed" ;;
    *)      note "This Linux is not one whose packages are known here. By their Debian names, it lacks:"
            tell "$gone" 3; return 1 ;;
  esac
}

# need_go: Go, as new as go.mod asks. Go 1.21 and later fetch a newer one
# themselves unless told not to.
need_go() {
  local want got
  want=$(awk '$1 == "go" {print $2; exit}' "$root/go.mod")
  command -v go >/dev/null || PATH=$PATH:/usr/local/go/bin:$HOME/go/bin
  if ! command -v go >/dev/null; then
    note "Go is not on this computer. Install Go $want or later from https://go.dev/dl/, open a new terminal and try again."
    return 1
  fi
  if ! got=$(cd "$root" && go env GOVERSION 2>&1) || older "${got#go}" "$want"; then
    note "Go here is too old or cannot fetch a newer one: $(printf %s "$got" | tail -n 1)"
    note "This project needs Go $want or later: install it from https://go.dev/dl/ and try again."
    return 1
  fi
}

older() { # VERSION WANTED
  local a b i
  for i in 1 2 3; do
    a=$(printf '%s.0.0' "${1%%[!0-9.]*}" | cut -d. -f$i) b=$(printf '%s.0.0' "$2" | cut -d. -f$i)
    [ "${a:-0}" -lt "${b:-0}" ] && return 0
    [ "${a:-0}" -gt "${b:-0}" ] && return 1
  done
  return 1
}

missing() { # GROUP… → lines of the table
  local group line probe
  for group; do
    needs | grep "^$group|" | while IFS= read -r line; do
      probe=${line#*|} probe=${probe%%|*}
      present "$probe" "$(printf %s "$line" | cut -d'|' -f3)" || printf '%s\n' "$line"
    done
  done
}

present() { # PROBE DEBIAN-PACKAGE
  local what=${1#*:} name
  case $1 in
    cmd:*) for name in ${what//,/ }; do command -v "$name" >/dev/null && return 0; done; return 1 ;;
    pc:*) pkg-config --exists "$what" 2>/dev/null || installed "$2" ;;
    file:*) compgen -G "$what" >/dev/null || installed "$2" ;;
    deb:*) [ "$(distribution)" != debian ] || installed "$what" ;;
  esac
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

distribution() {
  local ids
  # shellcheck disable=SC1091
  ids=$( ( . /etc/os-release 2>/dev/null && printf '%s %s' "${ID:-}" "${ID_LIKE:-}" ) )
  case " $ids " in
    *" debian "*|*" ubuntu "*) echo debian ;;
    *" fedora "*|*" rhel "*) echo fedora ;;
    *" arch "*) echo arch ;;
  esac
}

install_debian() { # LINES
  local as=() packages
  note "Missing here, to be installed now:"
  tell "$1" 3
  packages=$(names "$1" 3)
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && [ ! -t 0 ]; }; then
      note "That needs an administrator. Please run, and then try again:"
      note "  sudo apt-get install --no-install-recommends $packages"
      return 1
    fi
    as=(sudo)
  fi
  # shellcheck disable=SC2086
  if ! { politely ${as[@]+"${as[@]}"} apt-get -qq -o Acquire::Retries=3 update &&
         politely ${as[@]+"${as[@]}"} env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=a apt-get -qq -y \
           -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 \
           install --no-install-recommends $packages </dev/null; }; then
    note "The packages could not be installed. apt's own words are above; nothing else was changed."
    return 1
  fi >/dev/null
}

# kernel_known: the virtual machine boots Debian's kernel, downloaded and never
# installed; for that apt must know which one there is.
kernel_known() {
  [ "$(distribution)" = debian ] && [ -z "${RAISEHAND_NO_INSTALL:-}" ] && [ "$(id -u)" = 0 ] || return 0
  apt-cache depends linux-image-amd64 linux-image-generic 2>/dev/null | grep -q 'Depends: linux-image-[0-9]' && return 0
  note "Reading which packages there are."
  politely apt-get -qq -o Acquire::Retries=3 update >/dev/null
}

# politely COMMAND…: another apt may hold the lock, or the mirror stumble.
politely() {
  local try
  for try in 1 2 3 4; do
    "$@" && return 0
    [ $try = 4 ] && return 1
    note "apt did not manage (it may be busy with something else); once more in $((try * 10)) seconds"
    sleep $((try * 10))
  done
}

by_hand() { # LINES COLUMN COMMAND
  note "Missing here:"
  tell "$1" "$2"
  note "Please run, and then try again:"
  note "  $3 $(names "$1" "$2")"
  return 1
}

need_mac() {
  xcode-select -p >/dev/null 2>&1 && return 0
  note "The macOS command line tools are missing. Please run, and then try again:  xcode-select --install"
  return 1
}

need_windows() {
  command -v gcc >/dev/null && return 0
  note "A C compiler is missing. In the MSYS2 UCRT64 shell, please run, and then try again:"
  note "  pacman -S --needed mingw-w64-ucrt-x86_64-gcc"
  return 1
}

names() { printf '%s\n' "$1" | cut -d'|' -f"$2" | sort -u | tr '\n' ' ' | sed 's/ $//'; }
tell() { printf '%s\n' "$1" | awk -F'|' -v c="$2" '!seen[$c]++ {printf "  %-30s %s\n", $c, $6}' >&2; }
note() { printf '%s\n' "$*" >&2; }

list() { # GROUP…
  local group lines
  # shellcheck disable=SC2048
  for group in ${*:-$(needs | cut -d'|' -f1 | uniq)}; do
    lines=$(needs | grep "^$group|") || continue
    printf '%s\n  Debian, Ubuntu  %s\n  Fedora          %s\n  Arch            %s\n' \
      "$group" "$(names "$lines" 3)" "$(names "$lines" 4)" "$(names "$lines" 5)"
    [ "$group" = build ] && printf '  macOS           xcode-select --install\n  Windows         MSYS2 UCRT64: mingw-w64-ucrt-x86_64-gcc\n'
  done
  return 0
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  case "${1:-}" in
    ""|-h|--help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" ;;
    --list) shift; list "$@" ;;
    *) need "$@" || exit
       [ -n "$(missing "$@")" ] || note "Everything is here: $*." ;;
  esac
fi
