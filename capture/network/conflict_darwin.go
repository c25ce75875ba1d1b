package network

import (
	"context"
	"net/netip"
	"os/exec"
	"strings"
)

// clashes reads which addresses the system has given up because somebody else
// has them.
func clashes(ctx context.Context) (list []clash, err error) {
	out, err := exec.CommandContext(ctx, "/sbin/ifconfig", "-a").Output()
	if err != nil {
		return nil, err
	}
	link := ""
	for _, l := range strings.Split(string(out), "\n") {
		if name, _, ok := strings.Cut(l, ": flags="); ok {
			link = name
		}
		f := strings.Fields(l)
		if len(f) < 2 || f[0] != "inet" && f[0] != "inet6" || !strings.Contains(l, "duplicated") {
			continue
		}
		at, _, _ := strings.Cut(f[1], "%")
		if a, err := netip.ParseAddr(at); err == nil {
			list = append(list, clash{link: link, address: a})
		}
	}
	return list, nil
}
