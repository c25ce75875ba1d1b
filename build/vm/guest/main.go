// Command guest is what the micro-VM runs: it sets virtual cameras up in every
// way that a camera can be, lets the product look at each as an ordinary user,
// and prints what it said. Cameras are held and set by v4l2-ctl, which knows
// nothing of this project.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"raisehand/build/vm/said"
	"raisehand/capture"
	"raisehand/capture/report"
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
	snow      = "test_pattern=21"                   // noise
	dropAll   = "percentage_of_dropped_buffers=100" // no frame arrives
	unplug    = "disconnect=1"
	noStart   = "inject_vidioc_streamon_error=1"
	breakDown = "inject_fatal_streaming_error=1"
)

func main() {
	if len(os.Args) > 4 && os.Args[1] == "as" {
		fmt.Fprintln(os.Stderr, "guest: become a user:", become(os.Args[2:]))
		os.Exit(2)
	}
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
	{"ok, nothing moves but noise", func() (said.Case, error) { return set(1, []string{quiet, snow}, asUser, capture.Situation{}) }},
	{"sensor without processing", func() (said.Case, error) {
		if err := fresh(1, "multiplanar=2"); err != nil {
			return said.Case{}, err
		}
		return look(asUser, capture.Situation{}), nil
	}},
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
	{"in use by class, whole program", func() (said.Case, error) {
		return taken(holding{by: user, name: "zoom", whole: true})
	}},
	{"busy, whole program", func() (said.Case, error) {
		return taken(holding{by: user, name: "cheese", whole: true})
	}},
	{"in use, class assumed", func() (said.Case, error) { return taken(holding{by: user, name: "cheese", assumed: true}) }},
	{"busy during class", func() (said.Case, error) { return taken(holding{by: user, name: "cheese", elsewhere: true}) }},
	{"class without camera", untouched(class(1))},
	{"class assumed, camera free", untouched(capture.Situation{ClassAssumed: true})},
	{"unplugged", func() (said.Case, error) { return midway(unplug) }},
	{"breaks down", func() (said.Case, error) { return midway(breakDown) }},
	{"shown live", func() (said.Case, error) {
		if err := fresh(2); err != nil {
			return said.Case{}, err
		}
		return live("/dev/video2", "camera.ok", nil)
	}},
	{"shown live, then dark", func() (said.Case, error) {
		if err := fresh(1); err != nil {
			return said.Case{}, err
		}
		return live(first, "camera.black", []string{quiet, blackout})
	}},
	{"shown live, unplugged", func() (said.Case, error) {
		if err := fresh(1); err != nil {
			return said.Case{}, err
		}
		return live(first, "camera.unplugged", []string{unplug})
	}},
	{"none", none},
}

// class is the situation while process pid is Zoom.
func class(pid int) capture.Situation {
	return capture.Situation{Class: []capture.App{{Key: "zoom", PIDs: []int{pid}}}}
}

// account is who the probe runs as.
type account struct{ uid, group int }

var (
	asUser     = account{user, video}
	asStranger = account{user, user} // whom nobody gave the cameras
)

// command lets the account run the product itself.
func (a account) command(args ...string) []string {
	return append([]string{"/t/run", "as", strconv.Itoa(a.uid), strconv.Itoa(a.group), "/t/raisehand"}, args...)
}

// become is the other end of command: it turns into the account and then into
// the program.
func become(args []string) error {
	uid, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	group, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	if err := errors.Join(syscall.Setgroups([]int{group}), syscall.Setgid(uid), syscall.Setuid(uid)); err != nil {
		return err
	}
	return syscall.Exec(args[2], args[2:], []string{"PATH=/bin:/usr/bin", "HOME=/tmp", "LANG=C.UTF-8"})
}

// fresh unplugs all cameras and plugs new ones in, each with a second node for
// metadata, open to the group that udev would give them to; more are further
// parameters of the driver.
func fresh(cameras int, more ...string) error {
	if err := unplugAll(); err != nil {
		return err
	}
	types := strings.TrimSuffix(strings.Repeat("0x20001,", cameras), ",")
	ones := strings.TrimSuffix(strings.Repeat("1,", cameras), ",")
	zeros := strings.TrimSuffix(strings.Repeat("0,", cameras), ",")
	load := append([]string{"vivid", "n_devs=" + strconv.Itoa(cameras), "node_types=" + types, "num_inputs=" + ones, "input_types=" + zeros}, more...)
	if err := tool("load", load...); err != nil {
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

// unplugAll takes the driver away as soon as nobody uses it any more: killed
// processes are still letting go.
func unplugAll() (err error) {
	for end := time.Now().Add(patient); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, gone := os.Stat("/sys/module/vivid"); errors.Is(gone, fs.ErrNotExist) {
			return nil
		}
		err = tool("rmmod", "vivid")
	}
	return err
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

// look asks the camera probe, as the resident program does.
func look(who account, s capture.Situation) (c said.Case) {
	probe := capture.Child{
		Check:   "camera",
		Command: who.command("probe", "camera", "--json", "--ask", "--home", "/tmp/raisehand"),
		Ask:     capture.Ask{Situation: s},
		Say:     func(l capture.Line) { c.Lines = append(c.Lines, l) },
	}
	r := probe.Run(context.Background())
	c.Lines = append(c.Lines, capture.Line{Result: &r})
	return c
}

// live shows a camera as the equipment test does, changes it once its picture
// is fine, and goes when it has the verdict and five pictures.
func live(device, until string, settings []string) (c said.Case, err error) {
	ctx, leave := context.WithTimeout(context.Background(), patient)
	defer leave()
	begun, reached := time.Now(), false
	probe := capture.Child{
		Check:   "camera",
		Command: asUser.command("probe", "camera", "--json", "--ask", "--home", "/tmp/raisehand"),
		Ask:     capture.Ask{Device: device, Live: true},
		Say: func(l capture.Line) {
			if l.Picture != nil {
				c.Pictures, c.Preview, c.ShownMS = c.Pictures+1, l.Picture.Data, time.Since(begun).Milliseconds()
			} else {
				c.Lines = append(c.Lines, l)
			}
			if l.Interim != nil && l.Interim.Code == "camera.ok" {
				err = control(settings...)
			}
			reached = reached || l.Interim != nil && l.Interim.Code == until
			if reached && c.Pictures >= 5 {
				leave()
			}
		},
	}
	r := probe.Run(ctx)
	c.Held = streaming(0) == nil
	c.Lines = append(c.Lines, capture.Line{Result: &r})
	return c, err
}

// check lets the whole program look, which finds out for itself who is in
// class.
func check() (c said.Case, err error) {
	args := asUser.command("check", "--only", "programs,camera", "--json", "--home", "/tmp/raisehand")
	out, err := exec.Command(args[0], args[1:]...).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // something failed: that is an answer
	}
	if err != nil {
		return c, fmt.Errorf("raisehand check: %w: %s", err, out)
	}
	var found report.Report
	if err := json.Unmarshal(out, &found); err != nil {
		return c, fmt.Errorf("read the report: %w: %s", err, out)
	}
	r, ok := found.Find("camera")
	if !ok {
		return c, fmt.Errorf("no camera in the report: %s", out)
	}
	c.Lines = []capture.Line{{Result: &r}}
	return c, nil
}

// set is a case in which the camera is in a certain state from the beginning.
func set(cameras int, settings []string, who account, s capture.Situation) (said.Case, error) {
	if err := errors.Join(fresh(cameras), control(settings...)); err != nil {
		return said.Case{}, err
	}
	return look(who, s), nil
}

// holding is how another program has the camera.
type holding struct {
	by        uint32
	name      string // of the program
	class     bool   // it is the class app
	child     bool   // of the class app
	elsewhere bool   // a class app runs too, without the camera
	assumed   bool   // nobody knows whether a class is running
	whole     bool   // let the whole program look
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
	var c said.Case
	if h.whole {
		c, err = check()
	} else {
		c = look(asUser, s)
	}
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
		c := look(asUser, s)
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
	happened := make(chan error, 1)
	go func() {
		err := streaming(patient)
		if err == nil {
			err = control(what)
		}
		happened <- err
	}()
	c := look(asUser, capture.Situation{})
	return c, <-happened
}

// streaming waits until a process has a camera's buffers in its memory; it
// looks at least once.
func streaming(patience time.Duration) error {
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		all, err := filepath.Glob("/proc/[0-9]*/maps")
		if err != nil {
			return err
		}
		for _, file := range all {
			maps, err := os.ReadFile(file)
			if err == nil && bytes.Count(maps, []byte("/dev/video")) >= 3 {
				return nil
			}
		}
		if time.Now().After(end) {
			return errors.New("nobody mapped the camera")
		}
	}
}

func none() (said.Case, error) {
	if err := unplugAll(); err != nil {
		return said.Case{}, err
	}
	return look(asUser, capture.Situation{}), nil
}
