package apps

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func packages(p *product) []string { return p.packages }

// debian reads dpkg's own list.
func (c Check) debian(ctx context.Context) ([]install, error) {
	f, err := os.Open(filepath.Join(c.rootDir(), "var/lib/dpkg/status"))
	if err != nil {
		return nil, unreadable("the list of packages", err)
	}
	defer f.Close()
	var all []install
	var name, number string
	there := false
	end := func() {
		if p := which(name, packages); p != nil && there {
			// Ubuntu's packages of that name only fetch the snap: "1:1snap1-0ubuntu2".
			if v := readVersion(number); v != nil && !strings.Contains(number, "snap") {
				all = append(all, install{key: p.key, version: v})
			}
		}
		name, number, there = "", "", false
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Bytes()
		switch {
		case len(line) == 0:
			end()
		case line[0] == ' ':
		case bytes.HasPrefix(line, []byte("Package: ")):
			name = string(line[len("Package: "):])
		case bytes.HasPrefix(line, []byte("Version: ")):
			number = string(line[len("Version: "):])
		case bytes.HasPrefix(line, []byte("Status: ")):
			there = bytes.HasSuffix(line, []byte(" installed"))
		}
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
	}
	end()
	return all, unreadable("the list of packages", lines.Err())
}

// redHat asks rpm: its database has a form of its own.
func (c Check) redHat(ctx context.Context) ([]install, error) {
	root := c.rootDir()
	for _, place := range []string{"usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages"} {
		if _, err := os.Stat(filepath.Join(root, place)); err != nil {
			continue
		}
		args := []string{"--root", root, "-q", "--qf", "%{NAME} %{VERSION}\n"}
		for i := range table {
			args = append(args, table[i].packages...)
		}
		cmd := exec.CommandContext(ctx, "rpm", args...)
		out, err := cmd.Output() // its exit code counts what is not installed
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			return nil, fmt.Errorf("ask rpm: %w", err)
		}
		return named(string(out), " "), nil
	}
	return nil, nil
}

// named reads "name version" lines; others are left out.
func named(lines, between string) (all []install) {
	for line := range strings.Lines(lines) {
		name, number, ok := strings.Cut(strings.TrimSpace(line), between)
		if p := which(name, packages); ok && p != nil && !strings.Contains(number, " ") {
			all = append(all, install{key: p.key, version: readVersion(number)})
		}
	}
	return all
}

// arch reads the names of pacman's folders: "chromium-131.0.6778.85-1".
func (c Check) arch(context.Context) ([]install, error) {
	dirs, err := os.ReadDir(filepath.Join(c.rootDir(), "var/lib/pacman/local"))
	if err != nil {
		return nil, unreadable("the list of packages", err)
	}
	var all []install
	for _, d := range dirs {
		parts := strings.Split(d.Name(), "-")
		if len(parts) < 3 {
			continue
		}
		name := strings.TrimSuffix(strings.Join(parts[:len(parts)-2], "-"), "-bin")
		if p := which(name, packages); p != nil {
			all = append(all, install{key: p.key, version: readVersion(parts[len(parts)-2])})
		}
	}
	return all, nil
}

// flatpaks looks where flatpak keeps programs, for everybody and for this
// person. The newest release in a program's own description is what is there.
func (c Check) flatpaks(context.Context) ([]install, error) {
	var all []install
	for _, base := range []string{filepath.Join(c.rootDir(), "var/lib/flatpak"), filepath.Join(c.homeDir(), ".local/share/flatpak")} {
		for j := range table {
			for _, id := range table[j].ids {
				dir := filepath.Join(base, "app", id, "current", "active")
				if _, err := os.Stat(dir); err != nil {
					continue
				}
				all = append(all, install{key: table[j].key, version: described(filepath.Join(dir, "files/share"), id), id: id, dir: dir})
			}
		}
	}
	return all, nil
}

// described is the version in a program's description in share, nil if there
// is none.
func described(share, id string) version {
	for _, path := range []string{"metainfo/" + id + ".metainfo.xml", "metainfo/" + id + ".appdata.xml", "appdata/" + id + ".appdata.xml"} {
		f, err := os.Open(filepath.Join(share, path))
		if err != nil {
			continue
		}
		v := firstRelease(f)
		f.Close()
		if v != nil {
			return v
		}
	}
	return nil
}

// firstRelease is the newest version that an AppStream description names.
func firstRelease(r io.Reader) (newest version) {
	d := xml.NewDecoder(io.LimitReader(r, 1<<20))
	for {
		token, err := d.Token()
		if err != nil {
			return newest
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "release" {
			continue
		}
		for _, a := range start.Attr {
			if v := readVersion(a.Value); a.Name.Local == "version" && (newest == nil || newest.older(v)) {
				newest = v
			}
		}
	}
}

// snaps reads each snap's own description.
func (c Check) snaps(context.Context) ([]install, error) {
	var all []install
	for _, base := range []string{"snap", "var/lib/snapd/snap"} {
		for i := range table {
			for _, name := range table[i].packages {
				dir := filepath.Join(c.rootDir(), base, name, "current")
				if v := numberIn(filepath.Join(dir, "meta/snap.yaml"), "version:"); v != nil {
					all = append(all, install{key: table[i].key, version: v, dir: dir})
				}
			}
		}
		if len(all) > 0 {
			break // one is often a link to the other
		}
	}
	return all, nil
}

// folders looks where makers put programs that no package manager knows: the
// app stores of UOS and Kylin, and what a person has unpacked at home.
func (c Check) folders(context.Context) ([]install, error) {
	var all []install
	for i := range table {
		p := &table[i]
		for _, id := range p.ids {
			dir := filepath.Join(c.rootDir(), "opt/apps", id)
			if v := numberIn(filepath.Join(dir, "info"), `"version"`); v != nil {
				all = append(all, install{key: p.key, version: v, dir: dir})
			}
		}
		for _, name := range p.programs {
			for _, dir := range []string{filepath.Join(c.rootDir(), "opt", name), filepath.Join(c.homeDir(), name), filepath.Join(c.homeDir(), ".local/opt", name)} {
				if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
					continue
				}
				if v := beside(dir, p.key); v != nil {
					all = append(all, install{key: p.key, version: v, dir: dir})
				}
			}
		}
	}
	return all, nil
}
