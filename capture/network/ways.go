package network

import "raisehand/capture/report"

// ways are the parts of the picture that only schools with sound and picture
// of their own, or with networks of their own, ask for.
type ways struct {
	nat    nat
	relays []relay
}

// ownParts are the parts to look at for it.
func (x *examination) ownParts() (list []part) {
	if len(x.STUN) > 0 {
		list = append(list, part{"nat", x.findNAT})
	}
	if len(x.TURN) > 0 {
		list = append(list, part{"turn", x.findRelays})
	}
	return list
}

func (w *ways) figures(put func(string, any, bool)) {
	w.nat.figures(put)
	relayFigures(w.relays, put)
}

// udpOnlyFails names a server that answers over TCP and whose UDP is silent;
// empty when UDP gets out to somebody, or when nobody can tell.
func (w *ways) udpOnlyFails() string {
	if w.nat.answered > 0 {
		return ""
	}
	for _, r := range w.relays {
		if r.transport == "udp" && r.open() {
			return ""
		}
	}
	if w.nat.onlyTCP != "" {
		return w.nat.onlyTCP
	}
	return relayByTCPOnly(w.relays)
}

// relayTrouble: no relay can be reached in any way, though the rest is there.
func (p *picture) relayTrouble() *trouble {
	if len(p.relays) == 0 || !p.reached() {
		return nil
	}
	for _, r := range p.relays {
		if r.open() || r.how == noName || r.how == "" {
			return nil
		}
	}
	return &trouble{"turn_closed", report.Warn, map[string]any{"server": p.relays[0].at}}
}

// natTrouble: a strict router hurts where no relay takes the detour by UDP.
func (p *picture) natTrouble() *trouble {
	if !p.nat.strict() || relayed(p.relays, "udp") {
		return nil
	}
	return &trouble{"nat_strict", report.Warn, nil}
}
