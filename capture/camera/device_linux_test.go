package camera

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// A process that has a device open is found, with its whole name and those it
// descends from; a node that is no camera is not taken for one.
func TestHolders(t *testing.T) {
	node := device{path: "/dev/full"}
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("SKIPPED: no sh to hold a device with")
	}
	code, err := os.ReadFile(shell)
	if err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(t.TempDir(), "holder-with-a-long-name")
	if err := os.WriteFile(long, code, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(long, "-c", `exec 5</dev/full; echo ready; read x`)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { in.Close(); _, _ = io.Copy(io.Discard, out); _ = cmd.Wait() }()
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}

	all := here{}.holders(node)
	i := slices.IndexFunc(all, func(h holder) bool { return h.pid == cmd.Process.Pid })
	if i < 0 {
		t.Fatalf("not among %+v", all)
	}
	if h := all[i]; h.program != "holder-with-a-long-name" || len(h.parents) == 0 || h.parents[0] != os.Getpid() || h.broker {
		t.Errorf("%+v, want its name and parent %d", h, os.Getpid())
	}
	for _, h := range (here{}).holders(device{path: "/dev/zero"}) {
		if h.pid == cmd.Process.Pid {
			t.Errorf("%+v has another device open, not this one", h)
		}
	}
	if d, ok := inspect(node.path); ok {
		t.Errorf("%+v is a camera", d)
	}
	if d, ok := inspect("/dev/video-none"); ok {
		t.Errorf("%+v is a camera", d)
	}
}

func TestPick(t *testing.T) {
	for _, c := range []struct {
		offered []string
		want    string
	}{
		{[]string{"YUYV", "MJPG"}, "MJPG"},
		{[]string{"NV12", "YUYV", "H264"}, "YUYV"},
		{[]string{"GREY"}, ""}, // infrared, for faces
		{[]string{"BA10", "pBAA"}, ""},
		{nil, ""},
	} {
		var pixels []uint32
		for _, o := range c.offered {
			pixels = append(pixels, pixel(o))
		}
		if got, ok := pick(pixels); got != c.want || ok != (c.want != "") {
			t.Errorf("of %v picks %q, want %q", c.offered, got, c.want)
		}
	}
	for _, code := range preferred {
		if !readable(code) {
			t.Errorf("asks for %s, which it cannot read", code)
		}
	}
}
