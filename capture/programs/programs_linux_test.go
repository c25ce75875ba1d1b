package programs

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"raisehand/capture"
)

// standIn starts a real process under another program's name: a copy of cat
// that waits for its input to end. It runs once it has echoed a byte.
func standIn(t *testing.T, file string, argv0 string) int {
	t.Helper()
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(cat)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(path, raw, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	if argv0 != "" {
		cmd.Args[0] = argv0
	}
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	if _, err := in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

func TestRealProcesses(t *testing.T) {
	for _, c := range []struct{ file, argv0, key string }{
		{"wemeetapp", "", "tencent_meeting"},
		{"com.alibabainc.dingtalk", "", "dingtalk"},                  // longer than the kernel keeps
		{"preloader", `C:\Program Files\WXWork\WXWork.exe`, "wecom"}, // under Wine
		{"zoom", "", "zoom"},                                         //
		{"my program (1) S 1", "", ""},                               // a name that looks like the fields behind it
		{"zoomies", "", ""},                                          //
		{"MSEDGE", "", ""},                                           // a browser is not a class
	} {
		t.Run(c.file, func(t *testing.T) {
			pid := standIn(t, c.file, c.argv0)
			var got *capture.Situation
			all, err := list(context.Background()) // Run without its limit: the test's computer may be busy
			r := Check{
				Situation: capture.Situation{Desk: "https://desk.example", ClassAssumed: true},
				Emit:      func(l capture.Line) { got = l.Situation },
			}.judge(all, signals{}, err)
			if got == nil {
				t.Fatalf("no situation: %+v", r)
			}
			if got.Desk != "https://desk.example" || got.ClassAssumed {
				t.Errorf("situation is %+v", got)
			}
			holder, held := got.Holder(pid)
			if held != (c.key != "") || holder.Key != c.key {
				t.Fatalf("process %d belongs to %q, want %q", pid, holder.Key, c.key)
			}
			if c.key != "" {
				if r.Code != "programs.class" || !contains(r.Params["apps"], "@app."+c.key) {
					t.Errorf("got %s %v", r.Code, r.Params)
				}
			}
		})
	}
}

// A program may call itself what it likes; its file still tells.
func TestRenamed(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(shell)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "classin")
	if err := os.WriteFile(path, raw, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-c", "printf 'main) R 1 (x' > /proc/self/comm; echo; read end")
	cmd.Args[0] = "something"
	in, _ := cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	p, ok := read(cmd.Process.Pid)
	if !ok || p.parent != os.Getpid() || len(p.names) == 0 || p.names[0] != "main) R 1 (x" {
		t.Fatalf("read %+v, want parent %d", p, os.Getpid())
	}
	if a := identify(p); a == nil || a.key != "classin" {
		t.Errorf("%+v was not found", p)
	}
}

func contains(list any, s string) bool {
	v := reflect.ValueOf(list)
	for i := 0; v.Kind() == reflect.Slice && i < v.Len(); i++ {
		if v.Index(i).Interface() == s {
			return true
		}
	}
	return false
}
