package network

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

const farthest = 4

// ipOptions is IP_OPTION_INFORMATION.
type ipOptions struct {
	ttl, tos, flags, size byte
	data                  uintptr
}

// What became of an echo, from the system's ipexport.h.
const (
	ipSuccess    = 0
	ipTTLExpired = 11013
)

// steps sends one ping per step that dies there. A router that says nothing
// is not valid in the list; the list ends where the goal answers.
func steps(ctx context.Context, to netip.AddrPort) ([]netip.Addr, error) {
	if !to.Addr().Is4() || icmpCreate.Find() != nil || icmpEcho.Find() != nil {
		return nil, errors.ErrUnsupported
	}
	wait := hopLimit
	if end, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(end))
	}
	found := make([]netip.Addr, farthest)
	var all sync.WaitGroup
	for i := range found {
		all.Go(func() { found[i] = step(to.Addr(), byte(i+1), wait-50*time.Millisecond) })
	}
	all.Wait()
	return path(found, to.Addr()), nil
}

func step(to netip.Addr, ttl byte, wait time.Duration) netip.Addr {
	if wait <= 0 {
		return netip.Addr{}
	}
	h, _, _ := icmpCreate.Call()
	if h == 0 || windows.Handle(h) == windows.InvalidHandle {
		return netip.Addr{}
	}
	defer icmpClose.Call(h)
	b, data, options := to.As4(), []byte("raisehand"), ipOptions{ttl: ttl}
	reply := make([]byte, 256)
	n, _, _ := icmpEcho.Call(h, uintptr(binary.LittleEndian.Uint32(b[:])), uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)),
		uintptr(unsafe.Pointer(&options)), uintptr(unsafe.Pointer(&reply[0])), uintptr(len(reply)), uintptr(wait.Milliseconds()))
	// ICMP_ECHO_REPLY begins with the address and the status.
	if status := binary.LittleEndian.Uint32(reply[4:]); n == 0 || status != ipSuccess && status != ipTTLExpired {
		return netip.Addr{}
	}
	return netip.AddrFrom4([4]byte(reply[:4]))
}
