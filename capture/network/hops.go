package network

import "net/netip"

// path ends the list of steps at the goal, and drops what is not known at its
// end.
func path(found []netip.Addr, goal netip.Addr) []netip.Addr {
	for i, a := range found {
		if a == goal {
			found = found[:i]
			break
		}
	}
	for len(found) > 0 && !found[len(found)-1].IsValid() {
		found = found[:len(found)-1]
	}
	return found
}
