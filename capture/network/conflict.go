package network

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"raisehand/capture/report"
)

// clash is an address of this computer that another device uses, too.
type clash struct {
	link    string
	address netip.Addr
	by      string // the other's hardware address; empty: the system did not say
}

// findClashes asks whether anybody else answers for this computer's addresses.
// Where nobody may ask, it is not known.
func findClashes(ctx context.Context) (func(*picture), error) {
	list, err := clashes(ctx)
	if err != nil {
		err = fmt.Errorf("look for a second owner of the address: %w", err)
	}
	return func(p *picture) { p.clashes = list }, err
}

// clashTrouble: as long as something is reached it is a warning, for it will
// not last. IPv6 is given up by itself when it clashes, and counts only when
// nothing is left.
func (p *picture) clashTrouble() *trouble {
	for _, c := range p.clashes {
		switch {
		case !p.reached():
			return &trouble{"address_conflict", report.Fail, map[string]any{"address": c.address.String()}}
		case c.address.Is4():
			return &trouble{"address_conflict", report.Warn, map[string]any{"address": c.address.String()}}
		}
	}
	return nil
}

func (c clash) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", c.link, c.address, c.by))
}

// own is an address that lies on a cable or on Wi-Fi.
type own struct {
	link    net.Interface
	address netip.Addr
}

// onCables lists this computer's IPv4 addresses on cables and Wi-Fi.
func onCables() (list []own, err error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		if kind := kindOf(i); i.Flags&net.FlagRunning == 0 || len(i.HardwareAddr) != 6 || kind != wired && kind != wireless {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addresses {
			if n, err := netip.ParsePrefix(a.String()); err == nil && n.Addr().Is4() {
				list = append(list, own{i, n.Addr()})
			}
		}
	}
	return list, nil
}

// ourCard says that a hardware address belongs to this computer.
func ourCard(mac net.HardwareAddr) bool {
	all, err := net.Interfaces()
	if err != nil {
		return true
	}
	for _, i := range all {
		if i.HardwareAddr.String() == mac.String() {
			return true
		}
	}
	return false
}
