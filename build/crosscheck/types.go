package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// unit is a package as `go list` describes it for the other system.
type unit struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	CgoFiles   []string
	ImportMap  map[string]string // how vendored and standard packages are called inside it
	DepOnly    bool              // needed, not asked for
	Standard   bool
	Module     *struct{ GoVersion string }
	Error      *struct{ Err string }
}

// listing is everything that the asked-for packages need, dependencies first.
type listing struct {
	goarch   string
	packages []unit
}

func read(goos, goarch string, patterns []string) (listing, error) {
	args := append([]string{"list", "-e", "-deps", "-json=ImportPath,Dir,GoFiles,CgoFiles,ImportMap,DepOnly,Standard,Module,Error"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=1")
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	raw, err := cmd.Output()
	if err != nil {
		return listing{}, fmt.Errorf("list packages: %w: %s", err, complaints.String())
	}
	l := listing{goarch: goarch}
	for d := json.NewDecoder(bytes.NewReader(raw)); ; {
		var u unit
		if err := d.Decode(&u); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return listing{}, fmt.Errorf("list packages: %w", err)
		}
		l.packages = append(l.packages, u)
	}
	if l.asked() == 0 {
		return listing{}, fmt.Errorf("no packages match %s", strings.Join(patterns, " "))
	}
	return l, nil
}

func (l listing) asked() int {
	n := 0
	for _, u := range l.packages {
		if !u.DepOnly {
			n++
		}
	}
	return n
}

// mistakes type-checks every package. Bodies of functions are read only in the
// packages that were asked for; mistakes elsewhere are not ours.
func (l listing) mistakes() []string {
	var found []string
	known := map[string]*types.Package{"unsafe": types.Unsafe}
	for _, u := range l.packages {
		if u.ImportPath == "unsafe" {
			continue
		}
		ours := !u.DepOnly
		say := func(err error) {
			if ours {
				found = append(found, err.Error())
			}
		}
		if u.Error != nil && len(u.GoFiles)+len(u.CgoFiles) > 0 {
			say(fmt.Errorf("%s: %s", u.ImportPath, u.Error.Err))
		}
		known[u.ImportPath] = l.one(u, known, say)
	}
	return found
}

func (l listing) one(u unit, known map[string]*types.Package, say func(error)) *types.Package {
	files := token.NewFileSet()
	var syntax []*ast.File
	for _, name := range append(append([]string{}, u.GoFiles...), u.CgoFiles...) {
		f, err := parser.ParseFile(files, filepath.Join(u.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			say(err)
		}
		if f != nil {
			syntax = append(syntax, f)
		}
	}
	config := types.Config{
		FakeImportC:      true,
		IgnoreFuncBodies: u.DepOnly,
		Sizes:            types.SizesFor("gc", l.goarch),
		Importer:         importer{known, u.ImportMap},
		Error: func(err error) {
			// A variable that only C.f(x) uses looks unused when C is taken on trust.
			if len(u.CgoFiles) > 0 && strings.Contains(err.Error(), "declared and not used") {
				return
			}
			say(err)
		},
	}
	if u.Module != nil && u.Module.GoVersion != "" {
		config.GoVersion = "go" + u.Module.GoVersion
	}
	p, _ := config.Check(u.ImportPath, files, syntax, nil) // each error has been said
	return p
}

// importer finds packages among those already read.
type importer struct {
	known map[string]*types.Package
	names map[string]string
}

func (i importer) Import(path string) (*types.Package, error) {
	if name, ok := i.names[path]; ok {
		path = name
	}
	if p := i.known[path]; p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("there is no package %q for this system", path)
}
