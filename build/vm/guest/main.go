// Command guest is what the micro-VM runs: it sets virtual cameras up in every
// way that a camera can be, lets an ordinary user's probe look at each, and
// prints what the probe said. Cameras are held and set by v4l2-ctl, which knows
// nothing of this project.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"raisehand/build/vm/said"
	"raisehand/capture"
)

const (
	user    = 1000 // an ordinary user
	other   = 1001 // somebody else who is signed in
	video   = 44   // Debian's group for cameras
	patient = 20 * time.Second
)

// A setting of the vivid driver, as v4l2-ctl spells it.
const (
	quiet     = "osd_text_mode=2"                   // no running clock in the picture
	blackout  = "test_pattern=5"                    // 100 % black
	dropAll   = "percentage_of_dropped_buffers=100" // no frame arrives
	unplug    = "disconnect=1"
	noStart   = "inject_vidioc_streamon_error=1"
	breakDown = "inject_fatal_streaming_error=1"
)

func main() {
	out := json.NewEncoder(os.Stdout)
	failed := false
	for _, c := range cases {
		s, err := c.run()
		s.Case = c.name
		if err != nil {
			s.Trouble = err.Error()
			failed = true
		}
		fmt.Print(said.Mark)
		_ = out.Encode(s)
	}
	if failed {
		os.Exit(1)
	}
}

type scene struct {
	name string
	run  func() (said.Case, error)
}

var cases = []scene{
	{"ok", func() (said.Case, error) { return set(1, nil, asUser, capture.Situation{}) }},
	{"black", func() (said.Case, error) { return set(1, []string{quiet, blackout}, asUser, capture.Situation{}) }},
	{"frozen", func() (said.Case, error) { return set(1, []string{quiet}, asUser, capture.Situation{}) }},
	{"no frames", func() (said.Case, error) { return set(1, []string{dropAll}, asUser, capture.Situation{}) }},
	{"does not start", func() (said.Case, error) { return set(1, []string{noStart}, asUser, capture.Situation{}) }},
	{"denied", func() (said.Case, error) { return set(1, nil, asStranger, capture.Situation{}) }},
	{"denied in class", func() (said.Case, error) { return set(1, nil, asStranger, class(1)) }},
	{"first broken, second fine", func() (said.Case, error) { return set(2, []string{dropAll}, asUser, capture.Situation{}) }},
	{"busy", func() (said.Case, error) { return taken(holding{by: user, name: "cheese"}) }},
	{"busy, holder hidden", func() (said.Case, error) { return taken(holding{by: other, name: "cheese"}) }},
	{"in use by class", func() (said.Case, error) { return taken(holding{by: user, name: "zoom", class: true}) }},
	{"in use by class's child", func() (said.Case, error) {
		return taken(holding{by: user, name: "zoom", class: true, child: true})
	}},
	{"in use, class assumed", func() (said.Case, error) { return taken(holding{by: user, name: "cheese", assumed: true}) }},
	{"busy during class", func() (said.Case, error) { return taken(holding{by: user, name: "cheese", elsewhere: true}) }},
	{"class without camera", untouched(class(1))},
	{"class assumed, camera free", untouched(capture.Situation{ClassAssumed: true})},
	{"unplugged", func() (said.Case, error) { return midway(unplug) }},
	{"breaks down", func() (said.Case, error) { return midway(breakDown) }},
	{"none", none},
}

// class is the situation while process pid is Zoom.
func class(pid int) capture.Situation {
	return capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{pid}}}}
}

func asUser() *exec.Cmd { return as(user, video) }

// asStranger is a user whom nobody gave the cameras.
func asStranger() *exec.Cmd { return as(user, user) }

func as(uid, group uint32) *exec.Cmd {
	probe := os.Getenv("PROBE")
	if probe == "" {
		probe = "/t/probe"
	}
	cmd := exec.Command(probe)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid, Groups: []uint32{group}}}
	return cmd
}

// fresh unplugs all cameras and plugs new ones in, each with a second node for
// metadata, open to the group that udev would give them to.
func fresh(cameras int) error {
	_ = exec.Command("rmmod", "vivid").Run() // not there the first time
	types := strings.TrimSuffix(strings.Repeat("0x20001,", cameras), ",")
	ones := strings.TrimSuffix(strings.Repeat("1,", cameras), ",")
	zeros := strings.TrimSuffix(strings.Repeat("0,", cameras), ",")
	if err := tool("load", "vivid", "n_devs="+strconv.Itoa(cameras), "node_types="+types, "num_inputs="+ones, "input_types="+zeros); err != nil {
		return err
	}
	nodes, err := filepath.Glob("/dev/video*")
	if err != nil || len(nodes) != 2*cameras {
		return fmt.Errorf("%d nodes for %d cameras: %w", len(nodes), cameras, err)
	}
	for _, n := range nodes {
		if err := errors.Join(os.Chown(n, 0, video), os.Chmod(n, 0o660)); err != nil {
			return err
		}
	}
	return nil
}

// first is the first camera's node for pictures; vivid registers it before the
// one for metadata.
const first = "/dev/video0"

func tool(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

func control(settings ...string) error {
	for _, s := range settings {
		if err := tool("v4l2-ctl", "-d", first, "-c", s); err != nil {
			return err
		}
	}
	return nil
}

// look runs the probe to its end.
func look(cmd *exec.Cmd, s capture.Situation) (said.Case, error) {
	return finish(start(cmd, s))
}

type running struct {
	cmd *exec.Cmd
	out bytes.Buffer
	err error
}

func start(cmd *exec.Cmd, s capture.Situation) *running {
	arg, err := json.Marshal(s)
	if err != nil {
		return &running{err: err}
	}
	r := &running{cmd: cmd}
	cmd.Args = append(cmd.Args, string(arg))
	cmd.Stdout, cmd.Stderr = &r.out, &r.out
	r.err = cmd.Start()
	return r
}

func finish(r *running) (said.Case, error) {
	if r.err != nil {
		return said.Case{}, r.err
	}
	if err := r.cmd.Wait(); err != nil {
		return said.Case{}, fmt.Errorf("probe: %w: %s", err, r.out.Bytes())
	}
	var c said.Case
	lines := json.NewDecoder(&r.out)
	for {
		var l capture.Line
		if err := lines.Decode(&l); errors.Is(err, io.EOF) {
			return c, nil
		} else if err != nil {
			return c, fmt.Errorf("read probe's lines: %w", err)
		}
		c.Lines = append(c.Lines, l)
	}
}

// set is a case in which the camera is in a certain state from the beginning.
func set(cameras int, settings []string, who func() *exec.Cmd, s capture.Situation) (said.Case, error) {
	if err := errors.Join(fresh(cameras), control(settings...)); err != nil {
		return said.Case{}, err
	}
	return look(who(), s)
}

// holding is how another program has the camera.
type holding struct {
	by        uint32
	name      string // of the program
	class     bool   // it is the class app
	child     bool   // of the class app
	elsewhere bool   // a class app runs too, without the camera
	assumed   bool   // nobody knows whether a class is running
}

func taken(h holding) (said.Case, error) {
	if err := fresh(1); err != nil {
		return said.Case{}, err
	}
	film, err := hold(h)
	if err != nil {
		return said.Case{}, err
	}
	defer film.end()
	s := capture.Situation{ClassAssumed: h.assumed}
	switch {
	case h.class:
		s = class(film.cmd.Process.Pid)
	case h.elsewhere:
		s = class(1)
	}
	c, err := look(asUser(), s)
	if err != nil {
		return c, err
	}
	c.HolderFrames, err = film.more(5)
	return c, err
}

// film is a program that streams from the camera and says so, a character for
// each frame.
type film struct {
	cmd *exec.Cmd
	out *os.File
}

func hold(h holding) (*film, error) {
	// v4l2-ctl under another name; a process is known by its file's.
	program := "/tmp/" + h.name
	code, err := os.ReadFile("/usr/bin/v4l2-ctl")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(program, code, 0o755); err != nil {
		return nil, err
	}
	args := []string{program, "-d", first, "--stream-mmap", "--stream-count=0"}
	if h.child {
		args = []string{"/bin/sh", "-c", strings.Join(args, " ") + " & wait"}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer w.Close()
	f := &film{cmd: exec.Command(args[0], args[1:]...), out: r}
	f.cmd.Stdout, f.cmd.Stderr = w, w
	f.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: &syscall.Credential{Uid: h.by, Gid: h.by, Groups: []uint32{video}}}
	if err := f.cmd.Start(); err != nil {
		return nil, err
	}
	if n, err := f.more(2); err != nil {
		f.end()
		return nil, fmt.Errorf("holder showed %d frames: %w", n, err)
	}
	return f, nil
}

// more waits for frames that come after now.
func (f *film) more(frames int) (n int, err error) {
	buf := make([]byte, 4096)
	_ = f.out.SetReadDeadline(time.Now()) // what came before now does not count
	for err == nil {
		_, err = f.out.Read(buf)
	}
	if err := f.out.SetReadDeadline(time.Now().Add(patient)); err != nil {
		return 0, err
	}
	for r := bufio.NewReader(f.out); n < frames; {
		b, err := r.ReadByte()
		if err != nil {
			return n, fmt.Errorf("wait for the holder's frames: %w", err)
		}
		if b == '<' {
			n++
		}
	}
	return n, nil
}

func (f *film) end() {
	_ = syscall.Kill(-f.cmd.Process.Pid, syscall.SIGKILL)
	_ = f.cmd.Wait()
	f.out.Close()
}

// untouched is a class that does not hold the camera. Streaming would change
// the picture's size, which stays with the driver when everybody has gone.
func untouched(s capture.Situation) func() (said.Case, error) {
	return func() (said.Case, error) {
		if err := errors.Join(fresh(1), tool("v4l2-ctl", "-d", first, "--set-fmt-video=width=320,height=180,pixelformat=UYVY")); err != nil {
			return said.Case{}, err
		}
		before, err := exec.Command("v4l2-ctl", "-d", first, "--get-fmt-video").Output()
		if err != nil {
			return said.Case{}, err
		}
		c, err := look(asUser(), s)
		if err != nil {
			return c, err
		}
		after, err := exec.Command("v4l2-ctl", "-d", first, "--get-fmt-video").Output()
		c.Touched = !bytes.Equal(before, after)
		return c, err
	}
}

// midway is something that happens to the camera while the probe reads it.
func midway(what string) (said.Case, error) {
	if err := fresh(1); err != nil {
		return said.Case{}, err
	}
	r := start(asUser(), capture.Situation{})
	if r.err != nil {
		return said.Case{}, r.err
	}
	err := streaming(r.cmd.Process.Pid)
	if err == nil {
		err = control(what)
	}
	c, ended := finish(r)
	return c, errors.Join(err, ended)
}

// streaming waits until a process has the camera's buffers in its memory.
func streaming(pid int) error {
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
		if err != nil {
			return err
		}
		if bytes.Count(maps, []byte(first)) >= 3 {
			return nil
		}
	}
	return errors.New("probe never mapped the camera")
}

func none() (said.Case, error) {
	if err := tool("rmmod", "vivid"); err != nil {
		return said.Case{}, err
	}
	return look(asUser(), capture.Situation{})
}
