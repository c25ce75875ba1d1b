//go:build linux

package sound

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Programs of a PipeWire server, for FreezePart and EndPart.
const (
	PipeWire = "pipewire"       // carries the sound
	Manager  = "wireplumber"    // sets devices up and leads streams to them
	Face     = "pipewire-pulse" // what programs speak to, as if to PulseAudio
)

// StartPipeWire runs a private PipeWire, with the same devices as Start's
// PulseAudio, until the test ends. Where there is none, it skips the test.
func StartPipeWire(t testing.TB) *Server {
	t.Helper()
	for _, name := range []string{"dbus-daemon", PipeWire, Manager, Face, "wpctl", "pw-cli"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; where PipeWire's PulseAudio part and PulseAudio exclude each other, only one can be tried", name)
		}
	}
	s := newServer(t)
	s.parts = map[string]*part{}
	s.folders()
	s.startPart("dbus-daemon", "--session", "--address="+s.bus(), "--nofork", "--nopidfile")
	s.awaitSocket(filepath.Join(s.RuntimeDir(), "bus"))
	s.startPart(PipeWire)
	s.awaitSocket(filepath.Join(s.RuntimeDir(), "pipewire-0"))
	s.startPart(Manager)
	s.startPart(Face)
	s.awaitSocket(s.socket())
	s.daemon, s.gone = s.parts[Face].cmd, s.parts[Face].gone
	s.await("pactl", "info")
	s.furnish()
	return s
}

// part is one program of a server.
type part struct {
	cmd  *exec.Cmd
	gone chan struct{} // closed when it has ended
}

func (s *Server) startPart(name string, args ...string) {
	s.t.Helper()
	p := &part{cmd: exec.Command(name, args...), gone: make(chan struct{})}
	p.cmd.Env = append(clean(os.Environ()), append(s.Env(), "HOME="+s.path("home"))...)
	p.cmd.Stderr = s.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := start(p.cmd); err != nil {
		s.t.Fatalf("start %s: %v (install pipewire, pipewire-pulse, wireplumber and dbus)", name, err)
	}
	go func() { p.cmd.Wait(); close(p.gone) }()
	s.parts[name] = p
	s.t.Cleanup(func() { s.EndPart(name) })
}

// FreezePart stops one program of a PipeWire server without ending it.
func (s *Server) FreezePart(name string) {
	s.t.Helper()
	if err := s.parts[name].cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		s.t.Fatalf("freeze %s: %v", name, err)
	}
}

// EndPart ends one program of a PipeWire server.
func (s *Server) EndPart(name string) {
	p := s.parts[name]
	p.cmd.Process.Kill() // an ended one is fine
	<-p.gone
}

// Wpctl runs one wpctl command against the server; NODE stands for the id of
// the named node.
func (s *Server) Wpctl(node string, args ...string) {
	s.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	id, err := s.command(ctx, "sh", "-c", `pw-cli list-objects Node | awk -v want="\"$1\"" '$1=="id"{sub(",","",$2); id=$2} $1=="node.name" && $3==want{print id; exit}'`, "sh", node).Output()
	if err != nil || len(id) == 0 {
		s.t.Fatalf("find %s: %q, %v", node, id, err)
	}
	for i, a := range args {
		if a == "NODE" {
			args[i] = strings.TrimSpace(string(id))
		}
	}
	if out, err := s.command(ctx, "wpctl", args...).CombinedOutput(); err != nil {
		s.t.Fatalf("wpctl %v: %v: %s", args, err, out)
	}
}

func (s *Server) bus() string { return "unix:path=" + filepath.Join(s.RuntimeDir(), "bus") }

// awaitSocket returns once somebody listens there.
func (s *Server) awaitSocket(path string) {
	s.t.Helper()
	s.until("listens at "+path, func() bool {
		c, err := net.Dial("unix", path)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

// await returns once a command says yes.
func (s *Server) await(name string, args ...string) {
	s.t.Helper()
	s.until(name+" "+strings.Join(args, " "), func() bool {
		ctx, stop := context.WithTimeout(context.Background(), patience)
		defer stop()
		return s.command(ctx, name, args...).Run() == nil
	})
}

func (s *Server) until(what string, yes func() bool) {
	s.t.Helper()
	late := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-late:
			s.t.Fatalf("wait until it %s: %v\n%s", what, errors.New("in vain"), s.log)
		}
	}
}
