package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

// ran is the program run in this process: what it said and its exit code.
func ran(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	t.Setenv("RAISEHAND_LANG", "en")
	var o, e bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &o, &e)
	return o.String(), e.String(), code
}

func TestANameThatSteersTheTerminalIsRefused(t *testing.T) {
	for _, name := range []string{"x\x1b[31m", "x\ny", "x\x7f", "x\u0085y", "li\u202egpj", "\u2066li\u2069", "li\u200e", "li\u2028na", "li\xff"} {
		data := filepath.Join(t.TempDir(), "desk")
		out, errs, code := ran(t, "user", "add", name, "--data", data, "--role", "technician")
		if code != 2 || out != "" || errs != "The name holds characters that cannot be seen, such as a line break or a change of writing direction. Please type it anew.\n" {
			t.Errorf("%q: %d %q %q", name, code, out, errs)
		}
		for _, flag := range []string{"--name", "--phone", "--mail", "--chat"} {
			if out, errs, code := ran(t, "contact", "set", "--data", data, flag, name); code != 2 || out != "" || !strings.Contains(errs, flag+" holds characters") {
				t.Errorf("%s %q: %d %q %q", flag, name, code, out, errs)
			}
		}
		if _, errs, code := ran(t, "export", "--data", data); code != 1 || !strings.Contains(errs, "no desk") {
			t.Errorf("%q left a desk behind: %s", name, errs)
		}
	}
	for _, name := range []string{"王丽华", "José Núñez", "محمد", "می\u200cخواهم", strings.Repeat("王", 100)} {
		if _, errs, code := ran(t, "user", "add", name, "--data", t.TempDir(), "--role", "technician"); code != 0 || !strings.Contains(errs, name) {
			t.Errorf("%q: %d %s", name, code, errs)
		}
	}
}

func TestWhatIsEchoedCanBePrinted(t *testing.T) {
	evil := "x\x1b[31m\u202ey\u009b"
	data := filepath.Join(t.TempDir(), evil)
	desk := t.TempDir()
	ran(t, "migrate", "--data", desk)
	for _, args := range [][]string{
		{evil}, {"user", evil}, {"serve", "--" + evil}, {"serve", evil}, {"serve", "--listen", evil}, {"serve", "--listen", evil + ":1"},
		{"serve", "--tls-cert", evil, "--tls-key", evil}, {"user", "add", "li", "--role", evil}, {"enroll-key", "new", "--uses", evil},
		{"contact", "set", "--mail", evil}, {"export", "--data", data}, {"backup", "--data", desk, data}, {"restore", "--data", t.TempDir(), data},
		{"restore", "--data", data + "2", data}, {"migrate", "--data", "/dev/null/" + evil},
	} {
		out, errs, _ := ran(t, args...)
		if said := strings.ReplaceAll(out+errs, "\n", ""); said == "" || !plain(strings.ReplaceAll(said, "\t", "")) {
			t.Errorf("%q: %q", args, out+errs)
		}
	}
	if got := printable("a\tb\n" + evil); got != `a`+"\tb\n"+`x\x1b[31m\u202ey\u009b` {
		t.Errorf("%q", got)
	}
}
