package logs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// place is where one class program keeps its logs on this system: patterns
// beneath folders of the person's own.
type place struct {
	key      string
	patterns []pattern
}

// pattern is a folder of the person's and a pattern beneath it, with slashes.
type pattern struct {
	base string // "home", "roaming", "local": see folder
	glob string
}

// found looks in every pattern. A program that is not installed has no folder.
func (p place) found() (all []file) {
	for _, x := range p.patterns {
		base, shown := folder(x.base)
		if base == "" {
			continue
		}
		files, err := inside(base, x.glob, shown)
		if err == nil {
			all = append(all, files...)
		}
	}
	return all
}

// at makes a place of patterns in one folder.
func at(key, base string, globs ...string) place {
	p := place{key: key}
	for _, g := range globs {
		p.patterns = append(p.patterns, pattern{base, g})
	}
	return p
}

// folder is one of the person's own folders, and how it is shown: without the
// person's name.
func folder(base string) (path, shown string) {
	switch base {
	case "roaming":
		return os.Getenv("APPDATA"), "%APPDATA%"
	case "local":
		return os.Getenv("LOCALAPPDATA"), "%LOCALAPPDATA%"
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", ""
	}
	return home, "~"
}

// managed finds the files of the school's patterns.
func managed(globs []string, skip func(string, error)) (all []file) {
	for _, g := range globs {
		base, rest, err := split(expand(g))
		if err == nil {
			var found []file
			found, err = inside(base, rest, filepath.ToSlash(base))
			all = append(all, found...)
		}
		if err != nil {
			skip(g, err)
		}
	}
	return newestFirst(all, maxManaged)
}

// expand puts the person's folders in place of their names.
func expand(glob string) string {
	if rest, ok := strings.CutPrefix(glob, "~"); ok && (rest == "" || rest[0] == '/' || rest[0] == '\\') {
		home, _ := folder("home")
		return home + rest
	}
	for _, name := range []string{"APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "USERPROFILE"} {
		if rest, ok := cutFold(glob, "%"+name+"%"); ok {
			return os.Getenv(name) + rest
		}
	}
	return glob
}

func cutFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// split parts a pattern at the last folder before its first sign with a
// meaning: what is found must lie beneath that. Other people's folders are not
// looked into, whatever the pattern says.
func split(glob string) (base, rest string, err error) {
	if !filepath.IsAbs(glob) {
		return "", "", fmt.Errorf("%q does not begin at a root", glob)
	}
	glob = filepath.ToSlash(filepath.Clean(glob))
	stem := glob
	if i := strings.IndexAny(glob, "*?["); i >= 0 {
		stem = glob[:i]
	}
	cut := strings.LastIndexByte(stem, '/')
	rest = glob[cut+1:]
	base, err = filepath.EvalSymlinks(filepath.FromSlash(glob[:cut+1]))
	if err != nil {
		return "", "", fmt.Errorf("open the folder: %w", err)
	}
	if foreign(base) {
		return "", "", errForeign
	}
	return base, rest, nil
}

// foreign says whether a folder lies where people's folders are, but not in the
// own one, nor in another that belongs to the same person.
func foreign(dir string) bool {
	home, err := os.UserHomeDir()
	if err != nil {
		return false
	}
	if whole, err := filepath.EvalSymlinks(home); err == nil {
		home = whole
	}
	people := filepath.Dir(home)
	if people == filepath.Dir(people) { // /root lies at the top, where everything does
		return false
	}
	if !within(people, dir) || within(home, dir) {
		return false
	}
	rel, err := filepath.Rel(people, dir)
	if err != nil || rel == "." {
		return true
	}
	beside, _, _ := strings.Cut(rel, string(filepath.Separator))
	return !sameOwner(home, filepath.Join(people, beside))
}

func within(parent, dir string) bool {
	rel, err := filepath.Rel(parent, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
