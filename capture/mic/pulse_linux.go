package mic

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jfreymuth/pulse/proto"
	"golang.org/x/sys/unix"
)

// askPulse asks the sound server what can be recorded, in about a millisecond.
func askPulse(ctx context.Context) (view, error) {
	c, conn, addr, err := dialPulse(ctx)
	if err != nil {
		return view{}, err
	}
	defer conn.Close()
	var server proto.GetServerInfoReply
	var sources proto.GetSourceInfoListReply
	var streams proto.GetSourceOutputInfoListReply
	var clients proto.GetClientInfoListReply
	var cards proto.GetCardInfoListReply
	for _, ask := range []struct {
		req   proto.RequestArgs
		reply proto.Reply
	}{
		{&proto.GetServerInfo{}, &server},
		{&proto.GetSourceInfoList{}, &sources},
		{&proto.GetSourceOutputInfoList{}, &streams},
		{&proto.GetClientInfoList{}, &clients},
		{&proto.GetCardInfoList{}, &cards},
	} {
		if err := c.Request(ask.req, ask.reply); err != nil {
			return view{}, meaning(err)
		}
	}
	v := view{
		server: strings.TrimSpace(server.PackageName + " " + server.PackageVersion),
		dumb:   withoutInput(cards), unmanaged: unmanaged(server, clients),
	}
	users := recorders(streams, clients)
	for _, s := range sources {
		m := sourceMicrophone(s)
		m.server, m.byDefault, m.users = addr, s.SourceName == server.DefaultSourceName, users[s.SourceIndex]
		for _, pid := range m.users {
			m.programs = append(m.programs, programOf(pid, clients))
		}
		v.all = append(v.all, m)
	}
	return v, nil
}

// sourceMicrophone reads one of the server's sources.
func sourceMicrophone(s *proto.GetSourceInfoReply) microphone {
	m := microphone{
		id: s.SourceName, name: s.Device, backend: "pulseaudio",
		monitor: s.MonitorSourceIndex != proto.Undefined || s.Properties["device.class"].String() == "monitor",
		muted:   s.Mute, volume: unknownVolume,
	}
	for _, channel := range s.ChannelVolumes { // one channel up is enough to be heard
		m.volume = max(m.volume, 100*float64(channel)/float64(proto.VolumeNorm))
	}
	for _, p := range s.Ports {
		const no = 1 // PA_PORT_AVAILABLE_NO
		if p.Name == s.ActivePortName && p.Available == no {
			m.socketEmpty = true
		}
	}
	return m
}

// recorders are the processes that record, by the source they record from.
func recorders(streams proto.GetSourceOutputInfoListReply, clients proto.GetClientInfoListReply) map[uint32][]int {
	pids := map[uint32]int{}
	for _, c := range clients {
		if pid := processID(c.Properties); pid > 0 {
			pids[c.ClientIndex] = pid
		}
	}
	users := map[uint32][]int{}
	for _, s := range streams {
		pid := processID(s.Properties)
		if pid == 0 {
			pid = pids[s.ClientIndex]
		}
		if pid > 0 && pid != os.Getpid() {
			users[s.SourceIndex] = append(users[s.SourceIndex], pid)
		}
	}
	return users
}

// programOf is the name of a client's program.
func programOf(pid int, clients proto.GetClientInfoListReply) string {
	for _, c := range clients {
		if processID(c.Properties) != pid {
			continue
		}
		for _, key := range []string{"application.process.binary", "application.name"} {
			if name := c.Properties[key].String(); name != "" {
				return name
			}
		}
	}
	return ""
}

// managers are the programs that set up PipeWire's devices and lead its
// streams to them.
var managers = []string{"wireplumber", "pipewire-media-session"}

// unmanaged says whether PipeWire runs without one: it then knows no device, or
// answers nobody who wants to record.
func unmanaged(server proto.GetServerInfoReply, clients proto.GetClientInfoListReply) bool {
	if !strings.Contains(server.PackageName, "PipeWire") {
		return false // PulseAudio does it itself
	}
	for _, c := range clients {
		if slices.Contains(managers, strings.ToLower(c.Properties["application.process.binary"].String())) {
			return false
		}
	}
	return true
}

// withoutInput are the devices that have a microphone but are set up to play
// only: a wireless headset for music, a sound card's output alone. Those
// connected without a wire come first.
func withoutInput(cards proto.GetCardInfoListReply) (names []string) {
	for _, c := range cards {
		playsOnly, could := false, false
		for _, p := range c.Profiles {
			playsOnly = playsOnly || p.Name == c.ActiveProfileName && p.NumSources == 0
			could = could || p.NumSources > 0 && p.Available != 0
		}
		if !playsOnly || !could {
			continue
		}
		name := c.Properties["device.description"].String()
		if name == "" {
			name = c.CardName
		}
		if bus := c.Properties["device.bus"].String(); bus == "bluetooth" {
			names = append([]string{name}, names...)
		} else {
			names = append(names, name)
		}
	}
	return names
}

func processID(p proto.PropList) int {
	pid, err := strconv.Atoi(p["application.process.id"].String())
	if err != nil {
		return 0
	}
	return pid
}

// dialPulse connects to the first server that is there, and signs in. It does
// by hand what the library's Connect does, because that knows no deadline and
// panics when a server hangs up while it signs in.
func dialPulse(ctx context.Context) (*proto.Client, net.Conn, string, error) {
	var lastErr error = errNoServer
	for _, addr := range pulseAddresses() {
		network, path, ok := strings.Cut(addr, ":")
		if !ok {
			continue
		}
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, path)
		switch {
		case errors.Is(err, os.ErrPermission):
			lastErr = fmt.Errorf("connect to the sound server: %w: %w", errDenied, err)
			continue
		case err != nil && ctx.Err() != nil:
			return nil, nil, "", errHung
		case err != nil:
			continue
		}
		c, err := signIn(ctx, conn)
		if err != nil {
			conn.Close()
			return nil, nil, "", fmt.Errorf("sign in to the sound server: %w", meaning(err))
		}
		return c, conn, addr, nil
	}
	return nil, nil, "", lastErr
}

func signIn(ctx context.Context, conn net.Conn) (*proto.Client, error) {
	end, ok := ctx.Deadline()
	if !ok {
		end = time.Now().Add(answer)
	}
	conn.SetDeadline(end)
	c := &proto.Client{Callback: func(any) {}}
	c.SetTimeout(time.Until(end))
	c.Open(introduced(conn))
	var hello proto.AuthReply
	if err := c.Request(&proto.Auth{Version: c.Version(), Cookie: pulseCookie()}, &hello); err != nil {
		return nil, err
	}
	c.SetVersion(hello.Version)
	me := proto.PropList{"application.name": proto.PropListString(programName)}
	return c, c.Request(&proto.SetClientName{Props: me}, &proto.SetClientNameReply{})
}

// introduced lets the kernel vouch for our user id, for a server whose cookie
// we do not have.
func introduced(conn net.Conn) io.ReadWriter {
	if u, ok := conn.(*net.UnixConn); ok {
		return vouched{u}
	}
	return conn
}

type vouched struct{ *net.UnixConn }

func (v vouched) Write(p []byte) (int, error) {
	if len(p) == 0 { // credentials need a byte to travel with, and Go would add one
		return 0, nil
	}
	me := unix.UnixCredentials(&unix.Ucred{Pid: int32(os.Getpid()), Uid: uint32(os.Getuid()), Gid: uint32(os.Getgid())})
	n, _, err := v.WriteMsgUnix(p, me, nil)
	return n, err
}

// meaning tells a refusal from silence.
func meaning(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, proto.ErrAccessDenied):
		return fmt.Errorf("%w: %w", errDenied, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(),
		errors.Is(err, proto.ErrConnectionRefused), errors.Is(err, proto.ErrConnectionTerminated): // PipeWire's PulseAudio part without PipeWire
		return fmt.Errorf("%w: %w", errHung, err)
	}
	return err
}

// pulseAddresses is where a server may be, as every PulseAudio client looks for
// it, and in the user's own folder for a terminal without the desktop's
// environment.
func pulseAddresses() []string {
	if set := os.Getenv("PULSE_SERVER"); set != "" {
		return namedAddresses(set)
	}
	var all []string
	if dir := os.Getenv("PULSE_RUNTIME_PATH"); dir != "" {
		all = append(all, "unix:"+filepath.Join(dir, "native"))
	}
	if dir := os.Getenv("XDG_RUNTIME_DIR"); dir != "" {
		all = append(all, "unix:"+filepath.Join(dir, "pulse", "native"))
	} else {
		if id, err := os.ReadFile("/etc/machine-id"); err == nil {
			all = append(all, "unix:"+filepath.Join(configDir(), "pulse", strings.TrimSpace(string(id))+"-runtime", "native"))
		}
		all = append(all, fmt.Sprintf("unix:/run/user/%d/pulse/native", os.Getuid()))
	}
	return append(all, "unix:/run/pulse/native")
}

// namedAddresses reads PULSE_SERVER: "unix:/path", "/path", "tcp:host",
// "{machine}unix:/path", several with spaces between.
func namedAddresses(set string) []string {
	var all []string
	for _, s := range strings.Fields(set) {
		if rest, ok := strings.CutPrefix(s, "{"); ok {
			_, s, _ = strings.Cut(rest, "}")
		}
		network, host, ok := strings.Cut(s, ":")
		switch {
		case strings.HasPrefix(s, "/"):
			all = append(all, "unix:"+s)
		case network == "unix" && ok:
			all = append(all, s)
		case (network == "tcp" || network == "tcp4" || network == "tcp6") && ok:
			if _, _, err := net.SplitHostPort(host); err != nil {
				s = network + ":" + net.JoinHostPort(strings.Trim(host, "[]"), "4713") // PulseAudio's own port
			}
			all = append(all, s)
		}
	}
	return all
}

// pulseCookie is the shared secret. A server that knows us by our user id takes
// an empty one.
func pulseCookie() []byte {
	home, _ := os.UserHomeDir()
	for _, path := range []string{
		os.Getenv("PULSE_COOKIE"),
		filepath.Join(configDir(), "pulse", "cookie"),
		filepath.Join(home, ".pulse-cookie"),
	} {
		if raw, err := os.ReadFile(path); err == nil && len(raw) == 256 {
			return raw
		}
	}
	return make([]byte, 256)
}

func configDir() string {
	dir, _ := os.UserConfigDir()
	return dir
}
