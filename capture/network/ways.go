package network

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	"raisehand/capture/report"
)

// ways are the parts of the picture that only schools with sound and picture
// of their own, or with networks of their own, ask for.
type ways struct {
	nat    nat
	relays []relay

	clashes []clash
	lies    map[string]lie // by name

	proxySetting string   // who says how programs go out
	pac          *pacFile // nil: none is set
}

// ownParts are the parts to look at for it.
func (x *examination) ownParts() (list []part) {
	list = append(list, part{"conflict", findClashes})
	if x.desk != nil || len(x.services) > 0 {
		list = append(list, part{"truth", x.findLies})
	}
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
	w.proxyFigures(put)
	var clashes []string
	for _, c := range w.clashes {
		clashes = append(clashes, c.String())
	}
	put("address_conflicts", clashes, len(clashes) > 0)
	var lies []string
	for _, name := range slices.Sorted(maps.Keys(w.lies)) {
		l := w.lies[name]
		lies = append(lies, fmt.Sprintf("%s: here %v, elsewhere %v", name, l.here, l.there))
	}
	put("dns_lies", lies, len(lies) > 0)
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

// proxyTrouble: a proxy is set and does not lead out. One that wants a name and
// a password is named before one that says nothing.
func (p *picture) proxyTrouble() *trouble {
	if p.near() {
		return nil
	}
	if p.talk.how == proxyFailed && p.talk.signIn() {
		return &trouble{"proxy_sign_in", report.Fail, map[string]any{"proxy": p.talk.proxy}}
	}
	for _, x := range p.proxies {
		if x.signIn && !x.spared {
			return &trouble{"proxy_sign_in", p.stopped(x), map[string]any{"proxy": x.at}}
		}
	}
	for _, x := range p.proxies {
		if !x.answered && !x.spared {
			return &trouble{"proxy_broken", p.stopped(x), map[string]any{"proxy": x.at}}
		}
	}
	return nil
}

// stopped is Fail when nothing gets past a proxy that is needed, Warn when
// another way was found and only what goes by this one is stuck.
func (p *picture) stopped(x proxy) report.Verdict {
	if x.forDesk && !p.talk.ok() || x.forClasses && len(p.services) > 0 && p.servicesReached() == 0 {
		return report.Fail
	}
	return report.Warn
}

// stuck says that a conversation ended at a proxy which is a trouble of its
// own, or where programs sign in by themselves and we cannot.
func (p *picture) stuck(t talk) bool {
	if t.proxy == "" {
		return false
	}
	if t.signIn() {
		return true
	}
	for _, x := range p.proxies {
		if x.at == t.proxy && !x.answered {
			return true
		}
	}
	return false
}

func (t talk) signIn() bool {
	return t.status == 407 || t.err != nil && strings.Contains(t.err.Error(), "Proxy Authentication Required")
}

// pacTrouble: the file that says how to get out cannot be used. Browsers then
// go out directly; where that works, a file that only exists at school is no
// fault at home.
func (p *picture) pacTrouble() *trouble {
	if p.pac == nil || p.near() {
		return nil
	}
	why, err := p.pac.broken()
	switch {
	case why == "", p.pac.lost && p.reached():
		return nil
	case why == pacUnreachable && !p.reached() && p.outside.asked && !refused(err) && !p.pac.lost:
		return nil // nothing is there at all: that is the cause
	}
	v := report.Warn
	if !p.talk.ok() || len(p.services) > 0 && p.servicesReached() == 0 {
		v = report.Fail
	}
	return &trouble{"pac", v, map[string]any{"url": p.pac.shown(), "why": "@" + why}}
}

// lieTrouble: names lead to wrong places here.
func (p *picture) lieTrouble() *trouble {
	if p.near() {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(p.lies)) {
		if !p.lied(name) {
			continue
		}
		v := report.Warn
		if p.servicesReached() == 0 && (len(p.services) > 0 || !p.talk.ok()) {
			v = report.Fail
		}
		return &trouble{"dns_lies", v, map[string]any{"name": name}}
	}
	return nil
}

// lied says that a name, with or without a port, was led astray: not when it
// works all the same, and not when a place that may well be right is silent.
func (p *picture) lied(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	l, ok := p.lies[host]
	if !ok {
		return false
	}
	led := len(l.here) == 0
	for _, a := range l.here {
		led = led || !a.IsGlobalUnicast() || a.IsPrivate()
	}
	wrong := func(t talk) bool {
		return t.asked && !t.ok() && (led || t.how != silence && t.how != unreachable && t.how != broken)
	}
	if p.desk != nil && p.desk.Hostname() == host && wrong(p.talk) {
		return true
	}
	for _, s := range p.services {
		if (s.host == host || strings.HasPrefix(s.host, host+":")) && wrong(s.talk) {
			return true
		}
	}
	return false
}
