package build

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "raisehand"

// arrows are the imports that the design allows between our own packages, by
// folder. "x/..." is x and everything below it; a line for exactly this folder
// decides, then the longest that fits. Packages below one folder may import each
// other only where it says so. A folder without a line may import none of ours.
var arrows = []struct {
	from string
	to   []string
}{
	{".", []string{"app"}},
	{"app", []string{"app/tray", "app/page", "app/session", "app/snapshot", "app/policy", "app/desktop",
		"capture/...", "uploader", "uploader/deskapi", "assets/..."}},
	{"app/session/...", []string{"app/snapshot", "app/policy", "capture", "capture/report", "uploader", "uploader/deskapi"}},
	{"app/snapshot", []string{"capture/report", "uploader/deskapi"}},
	{"app/tray/...", []string{"app/tray/...", "app/snapshot", "capture/report", "uploader/deskapi", "assets/..."}},
	{"app/page/...", []string{"app/page/...", "app/snapshot", "capture/report", "uploader/deskapi", "assets/..."}},
	{"app/window/...", []string{"app/window/...", "app/snapshot", "capture/report", "uploader/deskapi", "assets/..."}},
	{"app/policy/...", nil},
	{"app/desktop/...", []string{"uploader/deskapi"}}, // who sits here is a deskapi.Person
	{"capture", []string{"capture/report"}},
	{"capture/report", nil},
	{"capture/...", []string{"capture", "capture/report"}},
	{"uploader", []string{"uploader/deskapi", "capture/report"}},
	{"uploader/deskapi", []string{"capture/report"}},
	{"uploader/desk/...", []string{"uploader/desk/...", "uploader/deskapi", "capture/report", "assets/..."}},
	{"assets/...", []string{"assets/..."}},
	{"build/...", []string{"..."}},
}

// theirs are other people's packages that only one folder may touch.
var theirs = []struct{ path, only, because string }{
	{"fyne.io/fyne/v2", "app/window", "the resident program must start where there is no OpenGL"},
	{"fyne.io/systray", "app/tray", "a face draws, it does not decide"},
	{"github.com/gen2brain/malgo", "capture", "only a probe opens a device"},
	{"github.com/blackjack/webcam", "capture/camera", "only a probe opens a device"},
	{"github.com/jfreymuth/pulse", "capture", "only a probe opens a device"},
	{"github.com/kbinani/screenshot", "capture/screen", "only a probe opens a device"},
	{"modernc.org/sqlite", "uploader/desk", "the app has no database"},
}

func TestImportsFollowTheDesign(t *testing.T) {
	for _, f := range goFiles(t) {
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if to, ours := folderOf(p); ours {
				if !allowed(f, to) {
					t.Errorf("%s imports %s: the design has no such arrow", f.at(spec.Pos()), p)
				}
				continue
			}
			for _, x := range theirs {
				if within(p, x.path) && !within(f.dir, x.only) && !within(f.dir, "build") {
					t.Errorf("%s imports %s, which only %s may: %s", f.at(spec.Pos()), p, x.only, x.because)
				}
			}
		}
	}
}

// folderOf turns an import path of ours into its folder.
func folderOf(importPath string) (folder string, ours bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// allowed says whether a file may import a folder of ours. A test may import
// what its package may, the package itself, the laboratories in build, and
// what is plain data: to see that each state has its icon, each code its words.
func allowed(f *source, to string) bool {
	plain := []string{"app/snapshot", "capture/report", "uploader/deskapi", "assets/words"}
	if f.test && (to == f.dir || within(to, "build") || slices.Contains(plain, to)) {
		return true
	}
	best, found := -1, []string(nil)
	for _, a := range arrows {
		if a.from == f.dir { // exactly this folder
			found = a.to
			break
		}
		if fits(a.from, f.dir) && len(a.from) > best {
			best, found = len(a.from), a.to
		}
	}
	return slices.ContainsFunc(found, func(pattern string) bool { return fits(pattern, to) })
}

func fits(pattern, folder string) bool {
	if pattern == "..." {
		return true
	}
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(folder, base)
	}
	return pattern == folder
}

func within(folder, base string) bool {
	return folder == base || strings.HasPrefix(folder, base+"/")
}

func TestTheArrowsHold(t *testing.T) {
	for _, c := range []struct {
		dir, to string
		test    bool
		want    bool
	}{
		{".", "app", false, true},
		{".", "app/session", false, false},
		{"app", "capture/mic", false, true},
		{"app", "app/window", false, false},
		{"app", "uploader/desk", false, false},
		{"app/session", "capture/mic", false, false},
		{"app/session", "app/policy", false, true},
		{"app/window/raisehand-window", "app/window", false, true},
		{"app/window", "app/session", false, false},
		{"app/window", "app/session", true, false},
		{"capture", "uploader", false, false},
		{"capture/mic", "capture/report", false, true},
		{"capture/mic", "capture/camera", false, false},
		{"capture/mic", "build/sound", false, false},
		{"capture/mic", "build/sound", true, true},
		{"capture/report", "capture", false, false},
		{"uploader/desk/store", "uploader/desk/sla", false, true},
		{"uploader/desk/store", "uploader", false, false},
		{"build/e2e", "app", false, true},
		{"elsewhere", "capture", false, false},
	} {
		if got := allowed(&source{dir: c.dir, test: c.test}, c.to); got != c.want {
			t.Errorf("%s → %s (test %v): %v, want %v", c.dir, c.to, c.test, got, c.want)
		}
	}
}

func TestTheResidentProgramLinksNoWindows(t *testing.T) {
	if _, err := os.Stat(filepath.Join(root(t), "main.go")); err != nil {
		t.Fatal("there is no main.go to look at")
	}
	for _, goos := range []string{"linux", "windows", "darwin"} {
		cmd := exec.Command("go", "list", "-e", "-deps", ".")
		cmd.Dir = root(t)
		cmd.Env = append(os.Environ(), "GOOS="+goos, "CGO_ENABLED=1")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("list what the resident program needs on %s: %v", goos, err)
		}
		for _, p := range strings.Fields(string(out)) {
			if within(p, "fyne.io/fyne/v2") || within(p, "github.com/go-gl") || within(p, module+"/app/window") || within(p, module+"/uploader/desk") {
				t.Errorf("on %s, raisehand links %s: it could not start where that is missing", goos, p)
			}
		}
	}
}

func TestTheSessionMakesNoSystemCalls(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || !within(f.dir, "app/session") {
			continue
		}
		for _, spec := range f.Imports {
			p := strings.Trim(spec.Path.Value, `"`)
			if p == "os/exec" || p == "syscall" || within(p, "golang.org/x/sys") || within(p, "github.com/godbus/dbus/v5") {
				t.Errorf("%s imports %s: what an operating system offers is handed to the session", f.at(spec.Pos()), p)
			}
		}
	}
}

func TestTopLevelStaysAsTheOwnerFixedIt(t *testing.T) {
	fixed := []string{"app", "capture", "uploader", "assets", "build", "go.mod", "go.sum", "FyneApp.toml",
		"README.md", "main.go", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"}
	seen := map[string]bool{}
	for _, name := range files(t) {
		top, _, _ := strings.Cut(name, "/")
		if !seen[top] && !strings.HasPrefix(top, ".") && !slices.Contains(fixed, top) {
			t.Errorf("%s does not belong at the top of the project", top)
		}
		seen[top] = true
	}
}

func TestFilesAreFitToShare(t *testing.T) {
	const most = 2 << 20 // what a clone over a school's network should not have to carry in one piece
	machine := regexp.MustCompile(`/(work|farm)/[a-z]+`)
	for _, name := range files(t) {
		full := filepath.Join(root(t), name)
		info, err := os.Lstat(full)
		if err != nil {
			continue // deleted, not yet committed
		}
		if info.Size() > most {
			t.Errorf("%s has %d kB, more than %d", name, info.Size()>>10, most>>10)
		}
		text, err := os.ReadFile(full)
		if err != nil || bytes.IndexByte(text, 0) >= 0 || name == "go.sum" {
			continue
		}
		if m := machine.Find(text); m != nil {
			t.Errorf("%s: %q is a path of one machine", name, m)
		}
		if len(root(t)) > 5 && bytes.Contains(text, []byte(root(t)+"/")) {
			t.Errorf("%s: %q is a path of this machine", name, root(t))
		}
	}
}

func TestPackagesAreNamedForAThingAndTellTheirStory(t *testing.T) {
	told, seen := map[string]bool{}, map[string]string{}
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		seen[f.dir] = f.Name.Name
		told[f.dir] = told[f.dir] || f.Doc != nil
	}
	for dir, name := range seen {
		if !told[dir] {
			t.Errorf("package %s in %s has no comment that tells its story", name, dir)
		}
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "misc", "base", "shared"}, name) {
			t.Errorf("package %s in %s: name it for the thing it is", name, dir)
		}
	}
}

func TestNothingHappensBeforeMainAndNothingPanics(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || within(f.dir, "build") {
			continue
		}
		for _, d := range f.Decls {
			if within(f.dir, "uploader/desk") {
				break // the desk runs on a healthy machine
			}
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: func init; broken machines are our users, do it when asked", f.at(fn.Pos()))
			}
		}
		ast.Inspect(f.File, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
					t.Errorf("%s: panic; return an error, or Unknown with its reason", f.at(call.Pos()))
				}
			}
			return true
		})
	}
}

func TestTestsSkipWithAReasonAndWaitForEvents(t *testing.T) {
	for _, f := range goFiles(t) {
		if !f.test {
			continue
		}
		for _, d := range f.Decls {
			calls := callsIn(d)
			// In a bubble of testing/synctest a sleep takes no time.
			bubble := slices.ContainsFunc(calls, func(c call) bool { return c.of == "synctest" })
			for _, c := range calls {
				switch {
				case c.name == "SkipNow", c.name == "Skip" && c.args == 0:
					t.Errorf("%s: a skip without its reason", f.at(c.at))
				case c.of == "time" && c.name == "Sleep" && !bubble:
					t.Errorf("%s: time.Sleep; wait for the event instead", f.at(c.at))
				}
			}
		}
	}
}

// call is a call of the form of.name(…).
type call struct {
	of, name string
	args     int
	at       token.Pos
}

func callsIn(n ast.Node) (calls []call) {
	ast.Inspect(n, func(n ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := c.Fun.(*ast.SelectorExpr); ok {
			of, _ := sel.X.(*ast.Ident)
			if of == nil {
				of = &ast.Ident{}
			}
			calls = append(calls, call{of.Name, sel.Sel.Name, len(c.Args), c.Pos()})
		}
		return true
	})
	return calls
}

func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
	for _, name := range files(t) {
		if !strings.HasSuffix(name, ".md") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			continue // deleted, not yet committed
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") || strings.HasPrefix(m[1], "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root(t), path.Dir(name), m[1])); err != nil {
				t.Errorf("%s leads to %s, which is not there", name, m[1])
			}
		}
	}
}

// source is a Go file, of whatever system.
type source struct {
	*ast.File
	name, dir string
	test      bool
	set       *token.FileSet
}

func (s *source) at(p token.Pos) string {
	return s.name + ":" + strconv.Itoa(s.set.Position(p).Line)
}

var parsed = sync.OnceValues(func() ([]*source, error) {
	names, err := tracked()
	if err != nil {
		return nil, err
	}
	top, err := filepath.Abs("..")
	if err != nil {
		return nil, err
	}
	var all []*source
	for _, name := range names {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "/testdata/") {
			continue
		}
		s := &source{name: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), set: token.NewFileSet()}
		text, err := os.ReadFile(filepath.Join(top, name))
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			s.File, err = parser.ParseFile(s.set, name, text, parser.ParseComments|parser.SkipObjectResolution)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
})

// goFiles are all Go files, build constraints notwithstanding.
func goFiles(t *testing.T) []*source {
	t.Helper()
	all, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("there is no Go file to read")
	}
	return all
}

func files(t *testing.T) []string {
	t.Helper()
	names, err := tracked()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func root(t *testing.T) string {
	t.Helper()
	top, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// tracked are the project's files, by git; without it, those on the disk.
var tracked = sync.OnceValues(func() ([]string, error) {
	cmd := exec.Command("git", "-c", "safe.directory=*", "-c", "core.quotepath=off", "ls-files", "-co", "--exclude-standard")
	cmd.Dir = ".."
	if out, err := cmd.Output(); err == nil && len(out) > 0 {
		return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
	}
	var names []string
	err := filepath.WalkDir("..", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(p, ".."+string(filepath.Separator)))
		if d.IsDir() {
			if name == ".git" || name == "bin" || name == ".cache" {
				return fs.SkipDir
			}
			return nil
		}
		names = append(names, name)
		return nil
	})
	return names, err
})
