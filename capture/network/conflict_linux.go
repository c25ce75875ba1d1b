package network

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

var addresses6 = "/proc/net/if_inet6"

// dadFailed says that somebody else has an IPv6 address (IFA_F_DADFAILED).
const dadFailed = 0x08

const arpWait = 600 * time.Millisecond

// errNoRaw says that this person may not ask by ARP, and has no program that
// may.
var errNoRaw = errors.New("asking by ARP is not permitted here")

// clashes reads what the kernel found for IPv6; for IPv4 it asks by ARP, as a
// computer does before it takes an address (RFC 5227 §2.1.1).
func clashes(ctx context.Context) (list []clash, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*arpWait)
	defer cancel()
	list = failed6()
	all, err := onCables()
	if err != nil {
		return list, err
	}
	var mu sync.Mutex
	var done sync.WaitGroup
	for _, o := range all {
		done.Go(func() {
			mac, fail := whoElse(ctx, o)
			mu.Lock()
			defer mu.Unlock()
			if fail != nil {
				err = fail
			} else if mac != nil && !ourCard(mac) {
				list = append(list, clash{o.link.Name, o.address, mac.String()})
			}
		})
	}
	done.Wait()
	return list, err
}

func failed6() (list []clash) {
	raw, err := os.ReadFile(addresses6)
	if err != nil {
		return nil // no IPv6 in this kernel
	}
	for _, l := range strings.Split(string(raw), "\n") {
		f := strings.Fields(l) // address, index, prefix, scope, flags, name
		if len(f) < 6 {
			continue
		}
		flags, err := strconv.ParseUint(f[4], 16, 32)
		b, err2 := hex.DecodeString(f[0])
		if a, ok := netip.AddrFromSlice(b); ok && err == nil && err2 == nil && flags&dadFailed != 0 {
			list = append(list, clash{link: f[5], address: a})
		}
	}
	return list
}

// whoElse asks for the owner of an address. By itself where that is permitted,
// else by arping, which most systems permit to everybody.
func whoElse(ctx context.Context, o own) (net.HardwareAddr, error) {
	mac, err := askARP(ctx, o)
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EACCES) {
		return arping(ctx, o)
	}
	return mac, err
}

func network16(x uint16) uint16 { return x<<8 | x>>8 }

func askARP(ctx context.Context, o own) (net.HardwareAddr, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, int(network16(unix.ETH_P_ARP)))
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	to := &unix.SockaddrLinklayer{Protocol: network16(unix.ETH_P_ARP), Ifindex: o.link.Index, Halen: 6, Addr: [8]byte{255, 255, 255, 255, 255, 255}}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: to.Protocol, Ifindex: o.link.Index}); err != nil {
		return nil, err
	}
	ip := o.address.As4()
	ask := binary.BigEndian.AppendUint16(nil, 1)      // Ethernet
	ask = binary.BigEndian.AppendUint16(ask, 0x0800)  // IPv4
	ask = append(ask, 6, 4, 0, 1)                     // lengths; a question
	ask = append(append(ask, o.link.HardwareAddr...), // from here, but from no address: nobody's table changes
		make([]byte, 4+6)...)
	ask = append(ask, ip[:]...)
	end := time.Now().Add(arpWait)
	buf := make([]byte, 128)
	var again time.Time
	for time.Now().Before(end) && ctx.Err() == nil {
		if time.Now().After(again) {
			if err := unix.Sendto(fd, ask, 0, to); err != nil {
				return nil, err
			}
			again = time.Now().Add(arpWait / 2)
		}
		if n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 50); err != nil || n == 0 {
			continue
		}
		n, _, err := unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT)
		if err != nil || n < 28 || binary.BigEndian.Uint16(buf[6:]) != 2 || [4]byte(buf[14:18]) != ip {
			continue
		}
		if mac := net.HardwareAddr(append([]byte{}, buf[8:14]...)); !ourCard(mac) {
			return mac, nil
		}
	}
	return nil, nil
}

var arpingSaid = regexp.MustCompile(`from ([0-9.]+) \[([0-9A-Fa-f:]{17})\]`)

func arping(ctx context.Context, o own) (net.HardwareAddr, error) {
	path, err := exec.LookPath("arping")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/arping"); err != nil {
			return nil, errNoRaw
		}
	}
	cmd := exec.CommandContext(ctx, path, "-D", "-c", "1", "-w", "1", "-I", o.link.Name, o.address.String())
	cmd.Env = []string{"LC_ALL=C"}
	out, err := cmd.Output()
	if m := arpingSaid.FindSubmatch(out); m != nil && string(m[1]) == o.address.String() {
		return net.ParseMAC(string(m[2]))
	}
	if err != nil && ctx.Err() == nil {
		return nil, errNoRaw
	}
	return nil, nil
}
