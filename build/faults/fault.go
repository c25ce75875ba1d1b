package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The labs.
const (
	labPulse    = "room"
	labPipeWire = "room-pipewire"
	labCamera   = "vm"
)

var rooms = []string{"microphone", "speaker", "camera", "network", "computer", "apps"}

// fault is one file of the corpus.
type fault struct {
	room, name string
	path       string
	says       string // what is broken, in a sentence
	expect     string // the code that must be found first
	lab        string
}

func (f fault) id() string { return f.room + "/" + f.name }

// corpus is the folder of this program's source, with the faults in it.
func corpus() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, gone := os.Stat(filepath.Join(dir, "go.mod")); gone == nil {
			return filepath.Join(dir, "build", "faults"), nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("find the faults: no go.mod upwards from here")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// load reads the headers of all faults, in the order of rooms and names.
func load(dir string) (all []fault, err error) {
	for _, r := range rooms {
		paths, err := filepath.Glob(filepath.Join(dir, r, "*.sh"))
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			f, err := read(p)
			if err != nil {
				return nil, err
			}
			all = append(all, f)
		}
	}
	return all, nil
}

func read(path string) (fault, error) {
	f := fault{path: path, room: filepath.Base(filepath.Dir(path)), name: strings.TrimSuffix(filepath.Base(path), ".sh")}
	file, err := os.Open(path)
	if err != nil {
		return f, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line, isComment := strings.CutPrefix(strings.TrimSpace(lines.Text()), "#")
		if !isComment {
			break
		}
		line = strings.TrimSpace(line)
		if code, ok := strings.CutPrefix(line, "expect:"); ok {
			f.expect = firstWord(code)
		} else if lab, ok := strings.CutPrefix(line, "lab:"); ok {
			f.lab = firstWord(lab)
		} else if f.says == "" && !strings.HasPrefix(line, "!") {
			f.says = line
		}
	}
	if f.says == "" || f.expect == "" || !slices.Contains([]string{labPulse, labPipeWire, labCamera}, f.lab) {
		return f, fmt.Errorf("%s: it must begin with a sentence, # expect: CODE and # lab: room, room-pipewire or vm", path)
	}
	return f, nil
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return word
}

// chosen are the faults one of the words names.
func chosen(all []fault, words []string) (some []fault) {
	if len(words) == 0 {
		return all
	}
	for _, f := range all {
		if slices.ContainsFunc(words, func(w string) bool {
			return f.lab == w || strings.Contains(f.id(), w) || strings.HasPrefix(f.expect, w)
		}) {
			some = append(some, f)
		}
	}
	return some
}

// sample takes n faults, in turn from every room and each time the same, and
// rather one with a code or lab that has not been taken.
func sample(all []fault, n int) (some []fault) {
	taken := map[string]bool{}
	for len(some) < n {
		before := len(some)
		for _, r := range rooms {
			best := -1
			for i, f := range all {
				if f.room == r && !taken[f.id()] && (best < 0 || news(f, taken) > news(all[best], taken)) {
					best = i
				}
			}
			if best < 0 || len(some) == n {
				continue
			}
			f := all[best]
			taken[f.id()], taken[f.expect], taken[r+f.lab] = true, true, true
			some = append(some, f)
		}
		if len(some) == before {
			break
		}
	}
	slices.SortStableFunc(some, func(a, b fault) int {
		return cmp.Compare(slices.Index(rooms, a.room), slices.Index(rooms, b.room))
	})
	return some
}

func news(f fault, taken map[string]bool) (n int) {
	if !taken[f.expect] {
		n++
	}
	if !taken[f.room+f.lab] {
		n += 2
	}
	return n
}
