//go:build linux

package netlab

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// bad is what happens to frames on their way one way.
type bad struct {
	delay time.Duration
	stall time.Duration // so long nothing passes, so long everything
	loss  float64       // of a hundred
	kbps  float64       // 0: no limit
}

// frames is a bad cable's end.
type frames struct{ fd int }

func openFrames(name string) frames {
	i, err := net.InterfaceByName(name)
	must(err)
	every := uint16(unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, int(every))
	must(err)
	must(unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1))
	must(unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: every, Ifindex: i.Index}))
	return frames{fd}
}

// maxQueue is how long a frame may wait for a narrow cable; after that there
// is no room for it.
const maxQueue = 2 * time.Second

// carry takes what arrives at one end to the other, in order, the same way in
// every run.
func carry(from, to frames, b bad, seed uint64) {
	type parcel struct {
		due time.Time
		raw []byte
	}
	way := make(chan parcel, 1<<14)
	go func() {
		for p := range way {
			<-time.After(time.Until(p.due)) // this is what a cable does
			unix.Write(to.fd, p.raw)
		}
	}()
	chance := rand.New(rand.NewPCG(seed, 7))
	var free, before time.Time // the cable is free again; the frame before arrives
	buf := make([]byte, 1<<16)
	for {
		n, err := unix.Read(from.fd, buf)
		if err == unix.EINTR {
			continue
		}
		must(err)
		now := time.Now()
		if chance.Float64()*100 < b.loss {
			continue
		}
		if free.Before(now) {
			free = now
		}
		if b.kbps > 0 {
			if free.Sub(now) > maxQueue {
				continue
			}
			free = free.Add(time.Duration(float64(8*n) / b.kbps * float64(time.Millisecond)))
		}
		if b.stall > 0 && now.UnixNano()/int64(b.stall)%2 == 0 {
			free = now.Truncate(b.stall).Add(b.stall)
		}
		due := free.Add(b.delay)
		if due.Before(before) {
			due = before
		}
		before = due
		way <- parcel{due, append([]byte(nil), buf[:n]...)}
	}
}

// wire is a part of the lab: "delay=100ms,loss=10" each way between two
// interfaces.
func wire(text string) {
	words := strings.Fields(text)
	a, b := openFrames(words[0]), openFrames(words[1])
	up, down := readBad(words[2]), readBad(words[3])
	fmt.Println("ready")
	go carry(a, b, up, 1)
	carry(b, a, down, 2)
}

func readBad(text string) (b bad) {
	for _, kv := range strings.Split(text, ",") {
		k, v, _ := strings.Cut(kv, "=")
		var err error
		switch k {
		case "none":
		case "delay":
			b.delay, err = time.ParseDuration(v)
		case "stall":
			b.stall, err = time.ParseDuration(v)
		case "loss":
			b.loss, err = strconv.ParseFloat(v, 64)
		case "kbps":
			b.kbps, err = strconv.ParseFloat(v, 64)
		default:
			err = fmt.Errorf("no cable is bad by %q", k)
		}
		must(err)
	}
	return b
}

// cable puts a bad one in between computer and router until the test ends.
func (w *world) cable(t *testing.T, up, down string) {
	t.Helper()
	between := w.computer + "w"
	sh(t, "ip netns add "+between)
	t.Cleanup(func() {
		sh(t, "ip netns del "+between+w.fill(`
ip -n COMPUTER link del c0 2>/dev/null || true
ip -n ROUTER link del r0 2>/dev/null || true
ip link add c0 netns COMPUTER type veth peer name r0 netns ROUTER`))
		w.whole(t)
	})
	sh(t, w.fill(strings.ReplaceAll(`
ip -n COMPUTER link del c0
ip link add c0 netns COMPUTER type veth peer name wa netns WIRE
ip link add r0 netns ROUTER type veth peer name wb netns WIRE
ip -n WIRE link set wa up
ip -n WIRE link set wb up
for x in COMPUTER:c0 WIRE:wa WIRE:wb ROUTER:r0; do
  ip netns exec ${x%:*} ethtool -K ${x#*:} tx off rx off tso off gso off gro off >/dev/null 2>&1 || true
done
`, "WIRE", between)))
	w.whole(t)
	if up == "" {
		up = "none"
	}
	if down == "" {
		down = "none"
	}
	cmd := w.startUntil(t, between, "ready", os.Args[0], "wire", "wa wb "+up+" "+down)
	t.Cleanup(func() { w.end(cmd) })
}
