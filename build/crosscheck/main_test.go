package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// project writes a module and moves into it.
func project(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module planted\n\ngo 1.26\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
}

func says(t *testing.T, targets ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	err := check(targets, []string{"./..."}, &out)
	return out.String(), err
}

const portable = "package planted\n\nfunc Portable() string { return name() }\n"

func TestAMistakeInAnotherSystemsFileIsFound(t *testing.T) {
	project(t, map[string]string{
		"planted.go":         portable,
		"planted_linux.go":   "package planted\n\nfunc name() string { return \"linux\" }\n",
		"planted_windows.go": "package planted\n\nfunc name() string { return \"windows\" }\n",
		"planted_darwin.go":  "package planted\n\nfunc name() string { return 5 }\n",
	})
	if out, err := says(t, "darwin/arm64", "darwin/amd64"); err == nil || strings.Count(out, "planted_darwin.go:3:") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := says(t, "linux/amd64", "windows/amd64"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestAFileThatASystemLacksIsFound(t *testing.T) {
	project(t, map[string]string{
		"planted.go":       portable,
		"planted_linux.go": "package planted\n\nfunc name() string { return \"linux\" }\n",
	})
	if out, err := says(t, "darwin/arm64"); err == nil || !strings.Contains(out, "undefined: name") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestGoBehindCIsReadAndCIsTakenOnTrust(t *testing.T) {
	project(t, map[string]string{
		"planted.go": "package planted\n\n// #include <CoreFoundation/CoreFoundation.h>\nimport \"C\"\n\nfunc Portable() { x := C.CFAbsoluteTimeGetCurrent(); C.use(x); return 7 }\n",
	})
	if out, err := says(t, "darwin/arm64"); err == nil || !strings.Contains(out, "too many return values") || strings.Count(out, "\n") != 4 {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestPackagesThatAreNotThereAreNotASuccess(t *testing.T) {
	project(t, map[string]string{})
	if out, err := says(t, "darwin/arm64"); err == nil {
		t.Error(out)
	}
}
