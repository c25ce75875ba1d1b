package system

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ticks is how many of the kernel's ticks make a second in /proc: USER_HZ, 100
// on every machine this is built for.
const ticks = 100

// systemPrograms are the desktop itself and what keeps it running.
var systemPrograms = map[string]bool{
	kernel: true, "systemd": true, "init": true, "xorg": true, "xwayland": true, "gnome-shell": true, "plasmashell": true, "kwin_x11": true,
	"kwin_wayland": true, "mutter": true, "xfwm4": true, "openbox": true, "dde-desktop": true, "deepin-kwin_x11": true, "ukui-panel": true,
	"ukui-kwin_x11": true, "pulseaudio": true, "pipewire": true, "wireplumber": true, "dbus-daemon": true, "networkmanager": true,
	"fcitx5": true, "fcitx": true, "ibus-daemon": true, "tracker-miner-fs-3": true, "packagekitd": true, "dpkg": true, "apt-get": true,
}

// kernel is the name under which its many threads are counted together.
const kernel = "kernel"

// programs reads /proc itself: two small files for each process.
func programs(ctx context.Context) (map[int]program, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	defer dir.Close()
	entries, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	all := map[int]program{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry)
		if err != nil {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list processes: %w", err)
		}
		if p, ok := usedBy(entry); ok {
			all[pid] = p
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("list processes: none visible")
	}
	return all, nil
}

func usedBy(pid string) (program, bool) {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return program{}, false
	}
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return program{}, false
	}
	p := program{name: string(stat[open+1 : end])}
	rest := strings.Fields(string(stat[end+1:])) // rest[0] is field 3 of proc(5)
	if len(rest) < 13 {
		return program{}, false
	}
	if pid == "2" || rest[1] == "2" {
		p.name = kernel
	}
	user, _ := strconv.ParseFloat(rest[11], 64)
	system, _ := strconv.ParseFloat(rest[12], 64)
	p.cpu = (user + system) / ticks

	if statm, err := os.ReadFile("/proc/" + pid + "/statm"); err == nil {
		if f := strings.Fields(string(statm)); len(f) > 2 {
			resident, _ := strconv.ParseFloat(f[1], 64)
			shared, _ := strconv.ParseFloat(f[2], 64)
			p.private = max(0, resident-shared) * float64(os.Getpagesize()) / mib
		}
	}
	switch {
	case firefoxParts[p.name]:
		p.tab = p.name == "Web Content" || p.name == "Isolated Web Co"
		if exe, err := os.Readlink("/proc/" + pid + "/exe"); err == nil {
			p.name = filepath.Base(strings.TrimSuffix(exe, " (deleted)"))
		}
	case browsers[strings.ToLower(p.name)]:
		p.tab = drawsPages(pid)
	}
	if len(p.name) == 15 { // the kernel has cut it; the file's name is whole
		if exe, err := os.Readlink("/proc/" + pid + "/exe"); err == nil {
			if whole := filepath.Base(strings.TrimSuffix(exe, " (deleted)")); strings.HasPrefix(whole, p.name) {
				p.name = whole
			}
		}
	}
	return p, true
}

// firefoxParts are the names that Firefox gives its processes.
var firefoxParts = map[string]bool{"Web Content": true, "Isolated Web Co": true, "WebExtensions": true, "Privileged Cont": true,
	"RDD Process": true, "Socket Process": true, "Utility Process": true, "Isolated Servic": true}

// drawsPages says whether a process of a browser of Chromium's kind draws web
// pages; extensions have processes of the same type.
func drawsPages(pid string) bool {
	cmd, err := os.ReadFile("/proc/" + pid + "/cmdline")
	return err == nil && bytes.Contains(cmd, []byte("--type=renderer")) && !bytes.Contains(cmd, []byte("--extension-process"))
}
