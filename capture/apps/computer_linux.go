package apps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// noted: this system keeps no list of who uses what; processes tell.
func noted(kind) ([]Hold, error) { return nil, errors.ErrUnsupported }

func (c Check) rootDir() string {
	if c.root != "" {
		return c.root
	}
	return "/"
}

func (c Check) homeDir() string {
	if c.home != "" {
		return c.home
	}
	home, _ := os.UserHomeDir()
	return home
}

// lineage is a process and those it descends from, nearest first.
func lineage(pid int) (all []int) {
	for pid > 1 && len(all) < 32 {
		all = append(all, pid)
		pid = parent(pid)
	}
	return all
}

func parent(pid int) int {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	rest := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // "42 (name) S 1 …"
	if len(rest) < 2 {
		return 0
	}
	up, _ := strconv.Atoi(rest[1])
	return up
}

// programOf is the file that a process runs; false when it cannot be seen. A
// sandbox numbers its processes for itself: such a number belongs to nobody,
// or to one of the kernel's own threads, which have no file.
func programOf(pid int) (string, bool) {
	exe, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	if err != nil {
		return "", false
	}
	exe = strings.TrimSuffix(exe, " (deleted)")
	if interpreter(plain(exe)) { // a script has its own name only in the kernel's list
		if comm, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm"); err == nil {
			return strings.TrimSpace(string(comm)), true
		}
	}
	return exe, true
}

// inside is the number by which a sandbox knows one of its processes, 0 for a
// process in none: flatpaks count their own, and the sound server is told that
// number.
func inside(pid int) int {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if numbers, ok := strings.CutPrefix(line, "NSpid:"); ok {
			if all := strings.Fields(numbers); len(all) > 1 {
				own, _ := strconv.Atoi(all[len(all)-1])
				return own
			}
			return 0
		}
	}
	return 0
}

func interpreter(name string) bool {
	for _, stem := range []string{"python", "perl", "bash", "dash", "electron", "gjs", "wine", "java", "node"} {
		if strings.HasPrefix(name, stem) {
			return true
		}
	}
	return false
}

// systemPlaces are where packages put programs; their version is the package's.
var systemPlaces = []string{"/usr/", "/opt/", "/bin/", "/lib/"}

// versionsOf are the versions of the program's files that run, one for each
// folder; nil stands for "as its package says".
func versionsOf(key string, pids []int) (all []version) {
	var seen []string
	for _, pid := range pids {
		link := "/proc/" + strconv.Itoa(pid) + "/exe"
		exe, err := os.Readlink(link)
		p := byProgram(exe)
		if err != nil || p == nil || p.key != key {
			continue // a helper of another name
		}
		dir := filepath.Dir(exe)
		if slices.Contains(seen, dir) || len(seen) > 8 {
			continue
		}
		seen = append(seen, dir)
		root := "/proc/" + strconv.Itoa(pid) + "/root" // a sandbox sees other folders than we do
		if v := beside(root+dir, key); v != nil {
			all = append(all, v)
		} else if v := sandboxed(root, dir, p); v != nil {
			all = append(all, v)
		} else if slices.ContainsFunc(systemPlaces, func(place string) bool { return strings.HasPrefix(exe, place) }) {
			all = append(all, nil)
		}
	}
	return all
}

// sandboxed is the version of a program that runs as a snap or a flatpak, nil
// if it does not.
func sandboxed(root, dir string, p *product) version {
	part := strings.Split(dir, "/") // "", "snap", "chromium", "2890", "usr", …
	if len(part) > 3 && part[1] == "snap" {
		return numberIn(filepath.Join(root, "snap", part[2], part[3], "meta/snap.yaml"), "version:")
	}
	if len(part) > 1 && part[1] == "app" {
		for _, id := range p.ids {
			if v := described(filepath.Join(root, "app/share"), id); v != nil {
				return v
			}
		}
	}
	return nil
}

// installed asks each kind of package there is on Linux.
func (c Check) installed(ctx context.Context) ([]install, error) {
	var all []install
	var errs []error
	for _, ask := range []func(context.Context) ([]install, error){c.debian, c.redHat, c.arch, c.flatpaks, c.snaps, c.folders} {
		found, err := ask(ctx)
		if err != nil {
			errs = append(errs, err)
		}
		all = append(all, found...)
		if err := ctx.Err(); err != nil {
			return all, err
		}
	}
	if len(all) == 0 {
		return nil, errors.Join(errs...)
	}
	return all, nil // something is known: what else there may be disturbs nobody
}

// defaultBrowser reads what opens a web page, as xdg-mime does: the person's
// choice, then the administrator's, then the distribution's.
func (c Check) defaultBrowser(context.Context) (key, id string, err error) {
	root, home := c.rootDir(), c.homeDir()
	config := filepath.Join(home, ".config")
	if set := os.Getenv("XDG_CONFIG_HOME"); set != "" && c.home == "" {
		config = set
	}
	var lists []string
	for _, dir := range []string{config, filepath.Join(root, "etc/xdg"), filepath.Join(home, ".local/share/applications"),
		filepath.Join(root, "usr/local/share/applications"), filepath.Join(root, "usr/share/applications")} {
		for desktop := range strings.SplitSeq(strings.ToLower(os.Getenv("XDG_CURRENT_DESKTOP")), ":") {
			if desktop != "" {
				lists = append(lists, filepath.Join(dir, desktop+"-mimeapps.list"))
			}
		}
		lists = append(lists, filepath.Join(dir, "mimeapps.list"))
	}
	for _, list := range lists {
		for _, entry := range chosen(list) {
			if key, id := c.behind(entry); key != "" {
				return key, id, nil
			}
		}
	}
	for _, link := range []string{"etc/alternatives/x-www-browser", "etc/alternatives/gnome-www-browser"} {
		if to, err := os.Readlink(filepath.Join(root, link)); err == nil {
			if p := byProgram(to); p != nil && p.browser {
				return p.key, "", nil
			}
		}
	}
	return "", "", nil // none is set, or none that we know
}

// chosen are the desktop entries that a mimeapps.list names for web pages.
func chosen(list string) []string {
	raw, err := os.ReadFile(list)
	if err != nil {
		return nil
	}
	byType := map[string][]string{}
	section := ""
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
			continue
		}
		kind, entries, ok := strings.Cut(line, "=")
		if ok && section == "[Default Applications]" {
			byType[strings.TrimSpace(kind)] = strings.FieldsFunc(entries, func(r rune) bool { return r == ';' })
		}
	}
	for _, kind := range []string{"x-scheme-handler/https", "x-scheme-handler/http", "text/html"} {
		if len(byType[kind]) > 0 {
			return byType[kind]
		}
	}
	return nil
}

// behind is the browser that a desktop entry starts, "" if it is none we know
// or no longer there. A flatpak's entry carries its name.
func (c Check) behind(entry string) (key, id string) {
	entry = strings.TrimSpace(entry)
	stem := strings.TrimSuffix(entry, ".desktop")
	if p := which(stem, func(p *product) []string { return p.ids }); p != nil && p.browser {
		return p.key, stem
	}
	root, home := c.rootDir(), c.homeDir()
	for _, dir := range []string{filepath.Join(home, ".local/share/applications"), filepath.Join(root, "usr/local/share/applications"),
		filepath.Join(root, "usr/share/applications"), filepath.Join(root, "var/lib/snapd/desktop/applications")} {
		raw, err := os.ReadFile(filepath.Join(dir, entry))
		if err != nil {
			continue
		}
		if p := byProgram(started(string(raw))); p != nil && p.browser {
			return p.key, ""
		}
		break
	}
	// "firefox_firefox.desktop" is a snap's.
	stem, _, _ = strings.Cut(stem, "_")
	for _, names := range []func(*product) []string{
		func(p *product) []string { return p.programs }, func(p *product) []string { return p.packages },
	} {
		if p := which(stem, names); p != nil && p.browser {
			return p.key, ""
		}
	}
	return "", ""
}

// started is the program of a desktop entry's Exec line.
func started(entry string) string {
	for line := range strings.Lines(entry) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "Exec=")
		if !ok {
			continue
		}
		for _, word := range strings.Fields(command) {
			if word = strings.Trim(word, `"`); word != "env" && !strings.Contains(word, "=") {
				return word
			}
		}
	}
	return ""
}

// beside reads a program's version from the files that lie with it, nil if
// none tells.
func beside(dir, key string) version {
	for _, f := range []struct{ name, before string }{
		{"application.ini", "Version="},                    // Firefox and what is made of it
		{"version", ""},                                    // DingTalk
		{"version.txt", ""},                                // Zoom
		{"VERSION", ""},                                    //
		{"resources/app/package.json", `"version"`},        // what is built on Electron
		{"../info", `"version"`},                           // what comes from an app store of UOS
		{"../" + key + "/VERSION", ""},                     //
		{"../share/" + key + "/version", ""},               //
		{"../../info", `"version"`},                        //
		{"../resources/app/package.json", `"version"`},     //
		{"../lib/" + key + "/application.ini", "Version="}, //
	} {
		if v := numberIn(filepath.Join(dir, f.name), f.before); v != nil {
			return v
		}
	}
	return nil
}

// mostRead bounds a file that should hold a version.
const mostRead = 64 << 10 // bytes

// numberIn is the version in a small text file: behind a word, or on its first
// line. A file that is a program says nothing.
func numberIn(path, before string) version {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostRead {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil || bytes.IndexByte(raw, 0) >= 0 {
		return nil
	}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if before == "" {
			if line == "" {
				continue
			}
			return likely(line)
		}
		if strings.HasPrefix(before, `"`) { // JSON, perhaps all on one line
			if _, rest, ok := strings.Cut(line, before); ok {
				return readVersion(strings.TrimLeft(rest, `": `))
			}
		} else if rest, ok := strings.CutPrefix(line, before); ok {
			return readVersion(strings.Trim(rest, `'" `))
		}
	}
	return nil
}

// likely reads a line that should hold nothing but a version.
func likely(line string) version {
	const longest = 60
	if v := readVersion(line); len(line) <= longest && len(v) > 1 {
		return v
	}
	return nil
}

func unreadable(what string, err error) error {
	if err == nil || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("read %s: %w", what, err)
}
