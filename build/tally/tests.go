package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is one line of `go test -json`.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output
	FailedBuild string // the ImportPath that kept this package from being built
	Test        string
	Output      string
	Elapsed     float64
}

// tests reads a stream of events. A test with subtests is not counted beside
// them: only what has no parts of its own is a test.
type tests struct {
	Count
	out io.Writer

	said   map[string]string // output so far, by package and test
	parent map[string]bool   // tests that have subtests
	lost   map[string]bool   // packages in which a test has failed already
}

func (t *tests) read(r io.Reader) error {
	t.said, t.parent, t.lost = map[string]string{}, map[string]bool{}, map[string]bool{}
	d := json.NewDecoder(r)
	for {
		var e event
		if err := d.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("read test events: %w", err)
		}
		t.take(e)
	}
}

func (t *tests) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "run":
		if i := strings.LastIndexByte(e.Test, '/'); i > 0 {
			t.parent[e.Package+" "+e.Test[:i]] = true
		}
	case "output":
		t.said[key] += e.Output
	case "build-output":
		t.said[e.ImportPath] += e.Output
	case "pass", "fail", "skip":
		t.end(e, key)
		delete(t.said, key)
	}
}

func (t *tests) end(e event, key string) {
	switch {
	case e.Test == "":
		t.endPackage(e, key)
	case e.Action == "fail":
		if t.parent[key] && t.lost[e.Package] && !speaks(t.said[key]) {
			return // its parts have failed and said why
		}
		t.lost[e.Package] = true
		t.fail(key, t.said[key])
	case t.parent[key]:
	case e.Action == "pass":
		t.Passed++
	case e.Action == "skip":
		t.Skipped++
		t.Skips = append(t.Skips, key+": "+reason(t.said[key]))
	}
}

// endPackage counts a package that failed without a failed test: it did not
// compile, crashed, or ran out of time.
func (t *tests) endPackage(e event, key string) {
	if e.Action == "fail" && !t.lost[e.Package] {
		said := t.said[e.FailedBuild] + t.said[key]
		for k, s := range t.said { // a test that was running when its process died has no end of its own
			if strings.HasPrefix(k, e.Package+" ") && k != key && k != e.FailedBuild {
				said = s + said
			}
		}
		t.fail(e.Package, said)
	}
	if e.Action != "skip" {
		fmt.Fprintf(t.out, "   %-5s %s %.1fs\n", e.Action, e.Package, e.Elapsed)
	}
}

func (t *tests) fail(name, said string) {
	t.Failed++
	t.Failures = append(t.Failures, name)
	fmt.Fprintf(t.out, "──── failed: %s\n%s", name, said)
}

// speaks says whether a test has said more than go test's own frame.
func speaks(said string) bool { return reason(said) != "" }

// reason is what a test said itself: its output without go test's own frame.
func reason(said string) string {
	var own []string
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		own = append(own, line)
	}
	return strings.Join(own, " ")
}
