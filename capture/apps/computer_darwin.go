package apps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// noted: macOS shows who uses microphone and camera to nobody but itself.
func noted(kind) ([]Hold, error) { return nil, errors.ErrUnsupported }

// lineage: the scout has already counted a program's helpers with it.
func lineage(pid int) []int { return []int{pid} }

// programOf is the name by which the kernel knows a process.
func programOf(pid int) (string, bool) {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return "", false
	}
	name := unix.ByteSliceToString(p.Proc.P_comm[:])
	return name, name != ""
}

// inside: this system has one number for a process, wherever it runs.
func inside(int) int { return 0 }

// versionsOf: what runs is what is installed; nil stands for "as installed".
func versionsOf(string, []int) []version { return []version{nil} }

func (c Check) folders() []string {
	home := c.home
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	root := c.root
	if root == "" {
		root = "/"
	}
	return []string{filepath.Join(root, "Applications"), filepath.Join(root, "System/Cryptexes/App/System/Applications"),
		filepath.Join(root, "System/Applications"), filepath.Join(home, "Applications")}
}

// installed reads the description in each program's folder.
func (c Check) installed(ctx context.Context) ([]install, error) {
	var all []install
	read := 0
	for _, folder := range c.folders() {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		read++
		for _, e := range entries {
			name, ok := strings.CutSuffix(e.Name(), ".app")
			p := which(name, func(p *product) []string { return p.bundles })
			if !ok || p == nil {
				continue
			}
			raw, err := plist(ctx, filepath.Join(folder, e.Name(), "Contents", "Info.plist"))
			if err != nil {
				continue // half installed
			}
			if v := readVersion(plistText(raw, "CFBundleShortVersionString")); v != nil && !has(all, p.key, v) {
				all = append(all, install{key: p.key, version: v})
			}
		}
	}
	if read == 0 {
		return nil, errors.New("no folder of programs can be read")
	}
	return all, nil
}

func has(all []install, key string, v version) bool {
	return slices.ContainsFunc(all, func(i install) bool { return i.key == key && slices.Equal(i.version, v) })
}

// plist reads a property list as XML; the system's own tool translates those
// that are not.
func plist(ctx context.Context, path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read what a program says of itself: %w", err)
	}
	if !bytes.HasPrefix(raw, []byte("bplist")) {
		return raw, nil
	}
	raw, err = exec.CommandContext(ctx, "/usr/bin/plutil", "-convert", "xml1", "-o", "-", path).Output()
	if err != nil {
		return nil, fmt.Errorf("translate a property list: %w", err)
	}
	return raw, nil
}

// defaultBrowser reads what opens https addresses. Without a choice it is
// Safari.
func (c Check) defaultBrowser(ctx context.Context) (key, id string, err error) {
	home := c.home
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	raw, err := plist(ctx, filepath.Join(home, "Library/Preferences/com.apple.LaunchServices/com.apple.launchservices.secure.plist"))
	if errors.Is(err, os.ErrNotExist) {
		return "safari", "", nil
	}
	if err != nil {
		return "", "", err
	}
	bundle := handlerOf(raw, "https")
	if bundle == "" {
		return "safari", "", nil
	}
	if p := which(bundle, func(p *product) []string { return []string{p.bundleID} }); p != nil {
		return p.key, "", nil
	}
	return "", "", nil
}
