package network

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// farthest is how many steps are looked at: who translates is near.
const farthest = 4

// steps sends one question per step that dies there, and reads who says so
// from the socket's own queue of errors, which needs no rights. A router that
// says nothing is not valid in the list; the list ends where the goal answers.
func steps(ctx context.Context, to netip.AddrPort) ([]netip.Addr, error) {
	found := make([]netip.Addr, farthest)
	errs := make([]error, farthest)
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() { found[i], errs[i] = step(ctx, to, i+1) })
	}
	all.Wait()
	return path(found, to.Addr()), errors.Join(errs...)
}

func step(ctx context.Context, to netip.AddrPort, ttl int) (netip.Addr, error) {
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return netip.Addr{}, err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	raw, err := c.SyscallConn()
	if err != nil {
		return netip.Addr{}, err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = errors.Join(unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TTL, ttl),
			unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_RECVERR, 1))
	})
	if err = errors.Join(err, set); err != nil {
		return netip.Addr{}, fmt.Errorf("limit the way of a packet: %w", err)
	}
	m, err := question(0)
	if err != nil {
		return netip.Addr{}, err
	}
	// Nothing goes out at all: others say why. A router that says little is
	// asked twice.
	c.Write(m.Raw)
	again := time.AfterFunc(hopLimit/3, func() { c.Write(m.Raw) })
	defer again.Stop()
	var who netip.Addr
	buf, oob := make([]byte, 512), make([]byte, 512)
	listen := func(fd uintptr) bool {
		if n, _, err := unix.Recvfrom(int(fd), buf, unix.MSG_DONTWAIT); err == nil && n > 0 {
			who = to.Addr()
			return true
		}
		_, n, _, _, err := unix.Recvmsg(int(fd), buf, oob, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
		if err != nil {
			return !errors.Is(err, unix.EAGAIN)
		}
		who = offender(oob[:n])
		return true
	}
	// An error alone, without anything to read, ends the waiting; it is then there.
	if raw.Read(listen) != nil {
		raw.Control(func(fd uintptr) { listen(fd) })
	}
	return who, nil
}

// offender reads who sent an ICMP message: sock_extended_err of the kernel's
// errqueue.h, 16 bytes, and that computer's sockaddr_in after it.
func offender(oob []byte) netip.Addr {
	list, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return netip.Addr{}
	}
	const fromICMP = 2
	for _, m := range list {
		if m.Header.Level == unix.IPPROTO_IP && m.Header.Type == unix.IP_RECVERR && len(m.Data) >= 24 && m.Data[4] == fromICMP &&
			binary.NativeEndian.Uint16(m.Data[16:]) == unix.AF_INET {
			return netip.AddrFrom4([4]byte(m.Data[20:24]))
		}
	}
	return netip.Addr{}
}
