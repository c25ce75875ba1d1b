package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jfreymuth/pulse/proto"
	"golang.org/x/sys/unix"
)

// Why the desktop's sound server cannot be asked.
var (
	ErrNoSoundServer   = errors.New("no sound server")
	ErrSoundServerHung = errors.New("the sound server does not answer")
	ErrSoundDenied     = errors.New("the sound server lets nobody in")
	ErrSoundForeign    = errors.New("the sound server belongs to another person")
)

// soundPatience is the longest that a sound server may think; healthy ones need
// 50 ms.
const soundPatience = 2 * time.Second

// SoundServer is a conversation with the desktop's sound server: PulseAudio, or
// PipeWire, which speaks the same.
type SoundServer struct {
	*proto.Client
	Address string // where it was found: "unix:/run/user/1000/pulse/native"
	conn    net.Conn
}

// Close ends the conversation, and every stream that was opened in it.
func (s *SoundServer) Close() error { return s.conn.Close() }

// DialSound connects to the first sound server that is there and signs in under
// our name. event is told what the server sends by itself, from another
// goroutine; it may be nil. No question waits longer than two seconds, and
// nothing beyond the context's deadline. It does by hand what the library's
// Connect does, because that knows no deadline and panics when a server hangs up
// while it signs in.
func DialSound(ctx context.Context, event func(any)) (*SoundServer, error) {
	why := ErrNoSoundServer
	for _, addr := range soundAddresses() {
		network, path, ok := strings.Cut(addr, ":")
		if !ok {
			continue
		}
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, path)
		switch {
		case errors.Is(err, os.ErrPermission):
			why = fmt.Errorf("connect to the sound server: %w: %w", refusal(addr), err)
			continue
		case err != nil && ctx.Err() != nil:
			return nil, fmt.Errorf("connect to the sound server: %w: %w", ErrSoundServerHung, ctx.Err())
		case err != nil:
			continue
		}
		c, err := signIn(ctx, conn, event)
		if err != nil {
			conn.Close()
			if errors.Is(err, proto.ErrAccessDenied) {
				return nil, fmt.Errorf("sign in to the sound server: %w: %w", refusal(addr), err)
			}
			return nil, fmt.Errorf("sign in to the sound server: %w", SoundError(err))
		}
		return &SoundServer{Client: c, Address: addr, conn: conn}, nil
	}
	return nil, why
}

func signIn(ctx context.Context, conn net.Conn, event func(any)) (*proto.Client, error) {
	patience := soundPatience
	if end, ok := ctx.Deadline(); ok {
		conn.SetDeadline(end)
		patience = min(patience, time.Until(end))
	}
	if event == nil {
		event = func(any) {}
	}
	c := &proto.Client{Callback: event}
	c.SetTimeout(patience)
	c.Open(introduced(conn))
	var hello proto.AuthReply
	if err := c.Request(&proto.Auth{Version: c.Version(), Cookie: soundCookie()}, &hello); err != nil {
		return nil, err
	}
	c.SetVersion(hello.Version)
	me := proto.PropList{"application.name": proto.PropListString("Raisehand")}
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

// SoundError tells a sound server's refusal from its silence.
func SoundError(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, proto.ErrAccessDenied):
		return fmt.Errorf("%w: %w", ErrSoundDenied, err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(),
		errors.Is(err, proto.ErrConnectionRefused), errors.Is(err, proto.ErrConnectionTerminated): // PipeWire's PulseAudio part without PipeWire
		return fmt.Errorf("%w: %w", ErrSoundServerHung, err)
	}
	return err
}

// refusal tells a server that keeps its own person out, which is a fault, from
// another person's, which is right to refuse us.
func refusal(addr string) error {
	path, ok := strings.CutPrefix(addr, "unix:")
	for ok && path != "/" { // a folder that we may not enter hides the socket: ask the folder
		info, err := os.Stat(path)
		if err != nil {
			path = filepath.Dir(path)
			continue
		}
		if of, known := info.Sys().(*syscall.Stat_t); known && int(of.Uid) != os.Getuid() {
			return ErrSoundForeign
		}
		break
	}
	return ErrSoundDenied
}

// soundAddresses is where a server may be, as every PulseAudio client looks for
// it, and in the user's own folder for a terminal without the desktop's
// environment.
func soundAddresses() []string {
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

// soundCookie is the shared secret. A server that knows us by our user id takes
// an empty one.
func soundCookie() []byte {
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
