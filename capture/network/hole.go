package network

import (
	"context"
	"net"
	"net/http"
	"syscall"
	"time"
)

// A network in which large packets vanish lets a connection begin and then
// hangs: small questions pass, a certificate or a picture does not. The same
// conversation in small packets proves it.
const (
	holePatience = 900 * time.Millisecond // the desk has not said a word by then
	holeLimit    = 800 * time.Millisecond // a conversation in small packets
	smallPiece   = 536                    // bytes of TCP in a packet: every network carries them (RFC 9293 §3.7.1)
)

// hole is what was seen of large packets before the desk had said a word.
type hole struct{ proven bool }

// findHole tries small packets when the desk takes a connection and then hangs.
func (x *examination) findHole(ctx context.Context) (func(*picture), error) {
	brief, cancel := context.WithTimeout(ctx, holePatience)
	defer cancel()
	if _, ok := x.met.hear(brief); ok || ctx.Err() != nil {
		return nil, errNone
	}
	small := x.client(x.desk)
	if err := inSmallPieces(small); err != nil {
		return nil, errNone // not possible here; the desk's silence says enough
	}
	if !x.greet(ctx, small).ok() {
		return nil, errNone
	}
	again := x.greet(ctx, x.client(x.desk))
	h := hole{proven: again.how == silence && again.connect > 0}
	return func(p *picture) { p.hole = h }, nil
}

func (x *examination) greet(ctx context.Context, by *http.Client) talk {
	ctx, cancel := context.WithTimeout(ctx, holeLimit)
	defer cancel()
	defer by.CloseIdleConnections()
	return x.speakBy(ctx, by, "GET", x.clockAt(), nil)
}

// inSmallPieces makes a client's connections send and accept small packets
// only; errors.ErrUnsupported where the system does not let a program ask.
func inSmallPieces(c *http.Client) error {
	if err := canLimitSegments(); err != nil {
		return err
	}
	t := c.Transport.(*http.Transport)
	t.DialContext = (&net.Dialer{Resolver: &net.Resolver{}, Control: func(_, _ string, raw syscall.RawConn) error {
		var failed error
		if err := raw.Control(func(fd uintptr) { failed = limitSegments(fd, smallPiece) }); err != nil {
			return err
		}
		return failed
	}}).DialContext
	return nil
}
