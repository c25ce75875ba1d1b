//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// way is what happens to frames that go one way.
type way struct {
	delay, jitter time.Duration
	loss          float64 // percent
	rate          float64 // bits per second; 0: no limit
	queue         time.Duration
}

func parseWay(s string) (w way, err error) {
	w.queue = 2 * time.Second
	for _, kv := range strings.Split(s, ",") {
		k, v, _ := strings.Cut(kv, "=")
		switch k {
		case "":
		case "delay":
			w.delay, err = time.ParseDuration(v)
		case "jitter":
			w.jitter, err = time.ParseDuration(v)
		case "queue":
			w.queue, err = time.ParseDuration(v)
		case "loss":
			w.loss, err = strconv.ParseFloat(v, 64)
		case "rate":
			times := map[bool]float64{true: 1e3}[strings.HasSuffix(v, "k")] + map[bool]float64{true: 1e6}[strings.HasSuffix(v, "m")]
			w.rate, err = strconv.ParseFloat(strings.TrimRight(v, "km"), 64)
			w.rate *= max(times, 1)
		default:
			err = fmt.Errorf("a wire knows no %q", k)
		}
		if err != nil {
			return w, err
		}
	}
	return w, nil
}

// wire joins two interfaces like a bad cable, each direction on its own and the
// same way at every run.
func wire(a, b, up, down string) {
	u, err := parseWay(up)
	must(err)
	d, err := parseWay(down)
	must(err)
	fa, fb := raw(a), raw(b)
	fmt.Println("ready")
	go carry(fa, fb, u, rand.New(rand.NewPCG(1, 1)))
	carry(fb, fa, d, rand.New(rand.NewPCG(1, 2)))
}

// raw sees the frames that arrive at an interface.
func raw(name string) int {
	i, err := net.InterfaceByName(name)
	must(err)
	proto := uint16(unix.ETH_P_ALL<<8 | unix.ETH_P_ALL>>8)
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, int(proto))
	must(err)
	must(unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1))
	must(unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: proto, Ifindex: i.Index}))
	return fd
}

type frame struct {
	at   time.Time
	data []byte
}

// carry moves frames from one end to the other; their order is kept, as on a
// cable.
func carry(from, to int, w way, r *rand.Rand) {
	line := make(chan frame, 65536)
	go func() {
		for f := range line {
			time.Sleep(time.Until(f.at))
			unix.Write(to, f.data)
		}
	}()
	var free, last time.Time // when the sender is free again; when the last frame arrives
	buf := make([]byte, 65536)
	for {
		n, err := unix.Read(from, buf)
		if err == unix.EINTR {
			continue
		}
		must(err)
		now := time.Now()
		if r.Float64()*100 < w.loss {
			continue
		}
		if free.Before(now) {
			free = now
		}
		if w.rate > 0 {
			if free.Sub(now) > w.queue {
				continue // the queue is full
			}
			free = free.Add(time.Duration(float64(n*8) / w.rate * 1e9))
		}
		at := free.Add(w.delay)
		if w.jitter > 0 {
			at = at.Add(time.Duration(r.NormFloat64() * float64(w.jitter)))
		}
		if at.Before(last) {
			at = last
		}
		last = at
		line <- frame{at, append([]byte(nil), buf[:n]...)}
	}
}
