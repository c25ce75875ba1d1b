package echo

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"raisehand/uploader/deskapi"
)

// bench is a server with a caller by real UDP, and a clock that is moved.
type bench struct {
	*testing.T
	*Server
	clock  time.Time
	caller *net.UDPConn
}

func newBench(t *testing.T, at string) *bench {
	t.Helper()
	b := &bench{T: t, clock: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	l, err := net.ListenPacket("udp", at)
	if err != nil {
		t.Fatal(err)
	}
	c := l.(*net.UDPConn)
	port := c.LocalAddr().(*net.UDPAddr).Port
	b.Server = &Server{Now: func() time.Time { return b.clock }, Port: port}
	ended := make(chan error, 1)
	go func() { ended <- b.Answer(c) }()
	d, err := net.Dial("udp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	b.caller = d.(*net.UDPConn)
	t.Cleanup(func() {
		d.Close()
		c.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) open() deskapi.Echo {
	b.Helper()
	e, err := b.Open("192.0.2.7")
	if err != nil {
		b.Fatal(err)
	}
	return e
}

// answered sends a packet, and then one that is surely answered: what comes
// first tells whether the other was.
func (b *bench) answered(packet []byte) []byte {
	b.Helper()
	last := b.open().Packet(1, 77)
	b.caller.Write(packet)
	b.caller.Write(last)
	b.caller.SetReadDeadline(time.Now().Add(20 * time.Second))
	var first []byte
	buf := make([]byte, 4096)
	for {
		n, err := b.caller.Read(buf)
		if err != nil {
			b.Fatal(err)
		}
		if bytes.HasPrefix(buf[:n], last[:20]) {
			return first
		}
		first = bytes.Clone(buf[:n])
	}
}

func TestAnAnswerIsAsLongAsItsPacket(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "0.0.0.0:0", "[::]:0"} {
		b := newBench(t, at)
		e := b.open()
		for n, size := range []int{deskapi.MinPacket, 200, deskapi.MaxPacket} {
			got := b.answered(e.Packet(n, size))
			number, arrived, ok := e.Answer(got)
			if len(got) != size || !ok || number != n || arrived != n+1 {
				t.Errorf("at %s: %d bytes, packet %d, %d arrived, %t", at, len(got), number, arrived, ok)
			}
		}
		b.answered(e.Packet(1, 200)) // doubled on its way
		if c, err := b.Count([16]byte(e.Token)); err != nil || c.Packets != 3 {
			t.Errorf("%+v %v", c, err)
		}
	}
}

func TestNothingIsAnsweredWithoutLeave(t *testing.T) {
	b := newBench(t, "127.0.0.1:0")
	e := b.open()
	foreign := e
	foreign.Token = bytes.Repeat([]byte{7}, 16)
	for name, packet := range map[string][]byte{
		"a foreign token": foreign.Packet(0, 100), "too short": e.Packet(0, 0)[:deskapi.MinPacket-1],
		"too long": e.Packet(0, deskapi.MaxPacket+1), "a number too high": e.Packet(deskapi.EchoPackets, 100), "empty": {},
	} {
		if got := b.answered(packet); got != nil {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
	for range deskapi.EchoPackets {
		if b.answered(e.Packet(0, 30)) == nil {
			t.Fatal("not answered")
		}
	}
	if b.answered(e.Packet(0, 30)) != nil {
		t.Error("more packets than allowed")
	}
	late := b.open()
	b.clock = b.clock.Add(deskapi.EchoTime + time.Second)
	if b.answered(late.Packet(0, 30)) != nil {
		t.Error("answered after its time")
	}
	if _, err := b.Count([16]byte(late.Token)); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestOneAddressCannotAskForEver(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := &Server{Now: func() time.Time { return now }}
	for i := range leaves {
		if _, err := s.Open("[2001:db8::" + strconv.Itoa(i) + "]"); err != nil {
			t.Fatal(i, err)
		}
	}
	if _, err := s.Open("2001:db8::ffff"); !errors.Is(err, ErrSlowDown) {
		t.Error("its neighbour has no end: ", err)
	}
	if _, err := s.Open("192.0.2.1"); err != nil {
		t.Error("another is refused: ", err)
	}
	now = now.Add(leavesEvery)
	if _, err := s.Open("2001:db8::ffff"); err != nil {
		t.Error(err)
	}
}

func TestAllTogetherCannotFillTheDesk(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	s := &Server{Now: func() time.Time { return now }}
	open := func(i int) error {
		_, err := s.Open("10.0." + strconv.Itoa(i/250) + "." + strconv.Itoa(i%250))
		return err
	}
	for i := range most {
		if err := open(i); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := open(most); !errors.Is(err, ErrSlowDown) {
		t.Error(err)
	}
	now = now.Add(deskapi.EchoTime + time.Second)
	if err := open(most); err != nil {
		t.Error("the old ones are not forgotten: ", err)
	}
}

func TestTransfersAreBounded(t *testing.T) {
	s := &Server{}
	e, err := s.Open("192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	token := [16]byte(e.Token)
	for _, want := range []int{400 << 10, 240 << 10, 0} {
		got, done, err := s.Transfer(token, 400<<10, true)
		if err != nil || got != want {
			t.Errorf("%d of %d, %v", got, want, err)
		}
		done()
	}
	if got, done, err := s.Transfer(token, 100, false); err != nil || got != 100 {
		t.Error("the other way counts by itself: ", got, err)
	} else {
		done()
	}
	for range transfers {
		if _, _, err := s.Transfer(token, 1, false); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Transfer(token, 1, false); !errors.Is(err, ErrSlowDown) {
		t.Error("more transfers than allowed: ", err)
	}
}

// The school's word, or somebody from another computer, makes the port sure.
func TestThePortIsSureWhenSomebodyCameThrough(t *testing.T) {
	b := newBench(t, "127.0.0.1:0")
	b.answered(b.open().Packet(0, 30))
	if b.open().UDPSure {
		t.Error("by loopback nobody came through")
	}
	if _, ok := b.arrive(b.open().Packet(0, 30), netip.MustParseAddr("192.0.2.9")); !ok || !b.open().UDPSure {
		t.Error("somebody came through, and it is not sure")
	}
}
