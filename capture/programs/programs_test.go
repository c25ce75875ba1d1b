package programs

import (
	"context"
	"errors"
	"os"
	"reflect"
	"testing"

	"raisehand/assets/words"
	"raisehand/capture"
	"raisehand/capture/report"
)

func TestTable(t *testing.T) {
	seen := map[string]string{}
	for _, a := range table {
		for _, lang := range words.Langs {
			if b := words.In(lang); b.Name("app."+a.key) == "app."+a.key {
				t.Errorf("%s: no name in %s", a.key, lang)
			}
		}
		for _, names := range [][]string{a.linux, a.windows, a.darwin} {
			for _, n := range names {
				if other, ok := seen[plain(n)]; ok && other != a.key {
					t.Errorf("%q stands for both %s and %s", n, other, a.key)
				}
				seen[plain(n)] = a.key
			}
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"Zoom.exe":                           "zoom",
		"/opt/wemeet/bin/wemeetapp":          "wemeetapp",
		`C:\Program Files\WXWork\WXWork.exe`: "wxwork",
		"企业微信":                               "企业微信",
		"/usr/bin/":                          "",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

// named finds what here() must find on the system the test runs on.
func named(t *testing.T, key string) string {
	t.Helper()
	for i := range table {
		if table[i].key == key {
			return here(&table[i])[0]
		}
	}
	t.Fatalf("no %s in the table", key)
	return ""
}

func TestMatch(t *testing.T) {
	all := []process{
		{pid: 1, parent: 0, names: []string{"init"}},
		{pid: 10, parent: 1, names: []string{named(t, "zoom")}},
		{pid: 11, parent: 10, names: []string{"helper"}},
		{pid: 12, parent: 11, names: []string{"helper of the helper"}},
		{pid: 13, parent: 10, names: []string{named(t, "chrome")}},
		{pid: 14, parent: 13, names: []string{"browser tab"}},
		{pid: 20, parent: 1, names: []string{"zoomer"}},
		{pid: 21, parent: 1, names: []string{"my-zoom"}},
		{pid: 30, parent: 31, names: []string{"circle"}},
		{pid: 31, parent: 30, names: []string{"circle"}},
	}
	class, browsers := match(all)
	if want := []capture.App{{Key: "zoom", PIDs: []int{10, 11, 12}}}; !reflect.DeepEqual(class, want) {
		t.Errorf("class = %v, want %v", class, want)
	}
	if want := []capture.App{{Key: "chrome", PIDs: []int{13, 14}}}; !reflect.DeepEqual(browsers, want) {
		t.Errorf("browsers = %v, want %v", browsers, want)
	}
}

func TestCutName(t *testing.T) {
	if nameLimit == 0 {
		return // this system never cuts a name
	}
	const long = "com.alibabainc.dingtalk"
	cut := process{pid: 5, names: []string{long[:nameLimit]}, truncated: nameLimit}
	if _, known := indexCut[long[:nameLimit]]; known {
		if a := identify(cut); a == nil || a.key != "dingtalk" {
			t.Errorf("a cut name is not found: %v", a)
		}
	}
	cut.truncated = 0
	if a := identify(cut); a != nil {
		t.Errorf("a whole name that only begins like an app's was taken for %s", a.key)
	}
}

func TestNotMeasured(t *testing.T) {
	for _, err := range []error{errors.New("no /proc"), nil} { // nil: an empty list is no list
		said := false
		r := Check{Emit: func(capture.Line) { said = true }}.judge(nil, signals{}, err)
		if r.Verdict != report.Unknown || r.Code != "programs.not_measured" {
			t.Errorf("%v: got %s %s", err, r.Verdict, r.Code)
		}
		if said {
			t.Error("a situation was emitted although nothing could be seen")
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r := (Check{}).Run(ctx); r.Verdict != report.Unknown {
		t.Errorf("with no time left: %s", r.Verdict)
	}
}

func TestOwnProcess(t *testing.T) {
	all, err := list(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.pid == os.Getpid() {
			if p.parent != os.Getppid() {
				t.Errorf("own parent is %d, want %d", p.parent, os.Getppid())
			}
			return
		}
	}
	t.Error("own process is not in the list")
}

func BenchmarkList(b *testing.B) {
	for b.Loop() {
		if _, err := list(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
