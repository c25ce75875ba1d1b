//go:build linux

package sound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Names of the devices a server starts with. A microphone and its feed differ
// because a person hears the microphone's name and never the feed's.
const (
	Mic     = "vmic"    // the microphone, described as VirtualMic
	Feed    = "vmic_in" // what is played here is heard by the microphone
	Speaker = "vspk"    // the speaker, described as VirtualSpeaker

	MicDescription = "VirtualMic"
)

// patience bounds every wait. It only decides how long a broken test takes to
// say so.
const patience = 30 * time.Second

// Server is a private PulseAudio or PipeWire with one microphone and one
// speaker.
type Server struct {
	t       testing.TB
	dir     string
	daemon  *exec.Cmd
	log     *lockedBuffer
	modules map[string]string // by device name
	gone    chan struct{}     // closed when the daemon has ended
	parts   map[string]*part  // PipeWire's programs, by name; nil: PulseAudio
}

// Start runs a server until the test ends.
func Start(t testing.TB) *Server {
	t.Helper()
	s := newServer(t)
	s.run()
	s.furnish()
	return s
}

func newServer(t testing.TB) *Server {
	t.Helper()
	// Not t.TempDir: a socket's path must stay under 108 bytes.
	dir, err := os.MkdirTemp("", "sound")
	if err != nil {
		t.Fatalf("make a folder for the sound server: %v", err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return &Server{t: t, dir: dir, log: &lockedBuffer{}, modules: map[string]string{}, gone: make(chan struct{})}
}

// furnish brings the devices.
func (s *Server) furnish() {
	s.t.Helper()
	s.modules[Speaker] = s.load("module-null-sink", "sink_name="+Speaker, "rate=48000", "norewinds=1", "channels=2", `sink_properties="device.description=VirtualSpeaker device.form_factor=speaker"`)
	s.modules[Feed] = s.load("module-null-sink", "sink_name="+Feed, "rate=48000", "norewinds=1", "channels=1", "sink_properties=device.description=VirtualMicFeed")
	s.Plug()
	s.choose("sink", Speaker)
	// A sink without a stream sleeps, and its first frames then take seconds.
	s.silence(Feed, 1)
	s.silence(Speaker, 2)
}

// choose makes a device the default one. PipeWire takes its time.
func (s *Server) choose(kind, name string) {
	s.t.Helper()
	if s.parts == nil {
		s.Pactl("set-default-"+kind, name)
		return
	}
	s.await("pactl", "set-default-"+kind, name)
	s.until("has "+name+" as its default "+kind, func() bool { return s.Pactl("get-default-"+kind) == name })
}

func (s *Server) folders() {
	s.t.Helper()
	for _, d := range []string{s.RuntimeDir(), s.path("home"), s.path("home/.config")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			s.t.Fatalf("make a folder for the sound server: %v", err)
		}
	}
}

// run starts the daemon and waits until it says that it is ready.
func (s *Server) run() {
	s.t.Helper()
	s.folders()
	script := s.path("server.pa")
	if err := os.WriteFile(script, []byte("load-module module-native-protocol-unix\n"), 0o600); err != nil {
		s.t.Fatalf("write the sound server's script: %v", err)
	}
	ready, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: s.path("ready"), Net: "unixgram"})
	if err != nil {
		s.t.Fatalf("listen for the sound server: %v", err)
	}
	defer ready.Close()

	s.daemon = exec.Command("pulseaudio", "-n", "-F", script, "--daemonize=no", "--use-pid-file=no",
		"--exit-idle-time=-1", "--high-priority=no", "--realtime=no", "--disable-shm=yes", "--log-target=stderr")
	s.daemon.Env = append(clean(os.Environ()), "XDG_RUNTIME_DIR="+s.RuntimeDir(), "HOME="+s.path("home"), "NOTIFY_SOCKET="+s.path("ready"))
	s.daemon.Stderr = s.log
	s.daemon.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := start(s.daemon); err != nil {
		s.t.Fatalf("start pulseaudio: %v (install pulseaudio, pulseaudio-utils and espeak-ng)", err)
	}
	go func() { s.daemon.Wait(); close(s.gone) }()
	s.t.Cleanup(s.Kill)

	said := make(chan error, 1)
	go func() {
		ready.SetReadDeadline(time.Now().Add(patience))
		buf := make([]byte, 256)
		for {
			n, err := ready.Read(buf)
			if err != nil || bytes.Contains(buf[:n], []byte("READY=1")) {
				said <- err
				return
			}
		}
	}()
	select {
	case err = <-said:
	case <-s.gone:
		err = errors.New("it ended")
	}
	if err != nil {
		s.t.Fatalf("wait for pulseaudio: %v\n%s", err, s.log)
	}
}

// Env is what a program's environment needs to use this server and no other.
func (s *Server) Env() []string {
	env := []string{"PULSE_SERVER=unix:" + s.socket(), "PULSE_COOKIE=" + s.path("home/.config/pulse/cookie")}
	if s.parts != nil {
		env = append(env, "XDG_RUNTIME_DIR="+s.RuntimeDir(), "DBUS_SESSION_BUS_ADDRESS="+s.bus())
	}
	return env
}

func (s *Server) socket() string { return filepath.Join(s.RuntimeDir(), "pulse", "native") }

// RuntimeDir is the server's XDG_RUNTIME_DIR, for a program that is to find the
// server by itself.
func (s *Server) RuntimeDir() string { return s.path("run") }

func (s *Server) path(name string) string { return filepath.Join(s.dir, name) }

// Plug puts the microphone back after Unplug and makes it the default one.
func (s *Server) Plug() {
	s.t.Helper()
	s.modules[Mic] = s.load("module-remap-source", "source_name="+Mic, "master="+Feed+".monitor", "source_properties=device.description="+MicDescription)
	s.choose("source", Mic)
}

// AddMic plugs in another microphone, which is not chosen, and returns its feed.
func (s *Server) AddMic(name, description string) (feed string) {
	s.t.Helper()
	feed = name + "_in"
	s.load("module-null-sink", "sink_name="+feed, "rate=48000", "norewinds=1", "channels=1", "sink_properties=device.description="+description+"Feed")
	s.load("module-remap-source", "source_name="+name, "master="+feed+".monitor", "source_properties=device.description="+description)
	s.choose("source", Mic)
	s.silence(feed, 1)
	return feed
}

// AddSpeaker plugs in another loudspeaker, which is not chosen. Properties are
// as module-null-sink takes them: "device.description=Headset
// device.form_factor=headset"; without a form factor it leads nowhere.
func (s *Server) AddSpeaker(name, properties string) {
	s.t.Helper()
	s.modules[name] = s.load("module-null-sink", "sink_name="+name, "rate=48000", "norewinds=1", "channels=2", `sink_properties="`+properties+`"`)
}

// ChooseSpeaker makes a loudspeaker the default.
func (s *Server) ChooseSpeaker(name string) {
	s.t.Helper()
	s.choose("sink", name)
}

// Unplug takes the microphone away. Only what the speakers play is left to
// record, and that is what the server then names as its default.
func (s *Server) Unplug() {
	s.t.Helper()
	s.unload(Mic)
}

// UnplugSpeaker takes the loudspeaker away. The feed, into which somebody
// speaks, is then the only thing left to play on.
func (s *Server) UnplugSpeaker() {
	s.t.Helper()
	s.unload(Speaker)
}

// RemoveAll takes every device away, the speakers too.
func (s *Server) RemoveAll() {
	s.t.Helper()
	for _, name := range []string{Mic, Feed, Speaker} {
		s.unload(name)
	}
}

// ChooseMonitor makes "what the speaker plays" the default in place of the
// microphone, which stays plugged in.
func (s *Server) ChooseMonitor() {
	s.t.Helper()
	s.choose("source", Speaker+".monitor")
}

// Mute mutes the microphone, or makes it heard again.
func (s *Server) Mute(on bool) {
	s.t.Helper()
	s.Pactl("set-source-mute", Mic, map[bool]string{true: "1", false: "0"}[on])
}

// Volume sets the microphone's slider, in percent.
func (s *Server) Volume(percent int) {
	s.t.Helper()
	s.Pactl("set-source-volume", Mic, fmt.Sprintf("%d%%", percent))
}

// Freeze stops the server without ending it: whoever asks it gets no answer.
func (s *Server) Freeze() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
}

// Thaw lets a frozen server go on.
func (s *Server) Thaw() {
	s.t.Helper()
	s.signal(syscall.SIGCONT)
}

// Kill ends the server at once.
func (s *Server) Kill() {
	s.daemon.Process.Kill() // an ended one is fine
	<-s.gone
}

func (s *Server) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.daemon.Process.Signal(sig); err != nil {
		s.t.Fatalf("send %v to the sound server: %v", sig, err)
	}
}

// Pactl runs one pactl command against the server and returns what it printed.
func (s *Server) Pactl(args ...string) string {
	s.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	out, err := s.command(ctx, "pactl", args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		s.t.Fatalf("pactl %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

func (s *Server) load(args ...string) string {
	s.t.Helper()
	if s.parts != nil { // which does not know the word
		args = slices.DeleteFunc(args, func(a string) bool { return a == "norewinds=1" })
	}
	return s.Pactl(append([]string{"load-module"}, args...)...)
}

func (s *Server) unload(name string) {
	s.t.Helper()
	if id := s.modules[name]; id != "" {
		s.Pactl("unload-module", id)
		delete(s.modules, name)
	}
}

// command is a client of this server that dies with the test.
func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(clean(os.Environ()), s.Env()...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// start starts a program that dies with the test, also when the test is killed.
// The signal that does it is tied to the thread that started the program, so
// one thread starts them all and never ends.
func start(cmd *exec.Cmd) error {
	starter.Do(func() {
		go func() {
			runtime.LockOSThread()
			for job := range starts {
				job.err <- job.cmd.Start()
			}
		}()
	})
	job := starting{cmd, make(chan error)}
	starts <- job
	return <-job.err
}

type starting struct {
	cmd *exec.Cmd
	err chan error
}

var (
	starter sync.Once
	starts  = make(chan starting)
)

// clean drops what would lead a program to another sound server.
func clean(env []string) []string {
	var kept []string
	for _, e := range env {
		if !strings.HasPrefix(e, "PULSE_") && !strings.HasPrefix(e, "NOTIFY_SOCKET=") {
			kept = append(kept, e)
		}
	}
	return kept
}

// lockedBuffer keeps a program's complaints for the failure message.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
