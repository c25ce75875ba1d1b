package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const module = "module tried\n\ngo 1.26\n"

// tried runs real tests in a module made for them, and then the sum.
func tried(t *testing.T, files map[string]string) (all string, code int) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = module
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	var out strings.Builder
	state := filepath.Join(t.TempDir(), "tally")
	run([]string{"test", "unit tests", "go", "test", "-json", "./..."}, state, &out)
	code = run([]string{"sum"}, state, &out)
	return out.String(), code
}

func TestEachTestCountsOnceAndSaysWhyItWasSkipped(t *testing.T) {
	all, code := tried(t, map[string]string{"a/a_test.go": `package a
import "testing"
func TestOne(t *testing.T) {}
func TestParts(t *testing.T) { t.Run("x", func(t *testing.T) {}); t.Run("y", func(t *testing.T) {}) }
func TestNo(t *testing.T) { t.Skip("no such computer here") }
`})
	if code != 0 || !strings.HasSuffix(all, "\n3 passed, 0 failed, 1 skipped\n") || !strings.Contains(all, "TestNo: a_test.go:5: no such computer here") {
		t.Errorf("exit %d\n%s", code, all)
	}
}

func TestAFailureIsShownAndCountedWhereItHappened(t *testing.T) {
	all, code := tried(t, map[string]string{"a/a_test.go": `package a
import "testing"
func TestParts(t *testing.T) { t.Run("x", func(t *testing.T) { t.Error("that was wrong") }); t.Run("y", func(t *testing.T) {}) }
`})
	if code == 0 || !strings.HasSuffix(all, "\n1 passed, 1 failed, 0 skipped\n") || !strings.Contains(all, "that was wrong") || !strings.Contains(all, "failed: tried/a TestParts/x") {
		t.Errorf("exit %d\n%s", code, all)
	}
}

func TestACrashOrABuildThatFailsIsAFailure(t *testing.T) {
	all, code := tried(t, map[string]string{
		"a/a_test.go": "package a\nimport \"testing\"\nfunc TestFine(t *testing.T) {}\n",
		"b/b_test.go": "package b\nimport \"testing\"\nfunc TestTypo(t *testing.T) { undefinedThing() }\n",
		"c/c_test.go": "package c\nimport (\"os\"; \"testing\")\nfunc TestGone(t *testing.T) { os.Stdout.WriteString(\"last words\\n\"); os.Exit(7) }\n",
	})
	if code == 0 || !strings.HasSuffix(all, "\n1 passed, 2 failed, 0 skipped\n") || !strings.Contains(all, "undefinedThing") || !strings.Contains(all, "last words") {
		t.Errorf("exit %d\n%s", code, all)
	}
}

func TestNothingTriedIsNotASuccess(t *testing.T) {
	if all, code := tried(t, map[string]string{"a/a.go": "package a\n"}); code == 0 {
		t.Errorf("exit %d\n%s", code, all)
	}
	var out strings.Builder
	if run([]string{"sum"}, filepath.Join(t.TempDir(), "none"), &out) == 0 {
		t.Error(out.String())
	}
}

func TestAStepShowsItsOutputOnlyWhenItFails(t *testing.T) {
	var out strings.Builder
	state := filepath.Join(t.TempDir(), "tally")
	if run([]string{"step", "quiet", "go", "version"}, state, &out) != 0 || strings.Contains(out.String(), "go version") {
		t.Error(out.String())
	}
	if run([]string{"step", "loud", "go", "no-such-verb"}, state, &out) == 0 || !strings.Contains(out.String(), "unknown command") {
		t.Error(out.String())
	}
	run([]string{"sum"}, state, &out)
	if !strings.HasSuffix(out.String(), "\n1 passed, 1 failed, 0 skipped\n") {
		t.Error(out.String())
	}
}
