package network

import (
	"context"
	"net"
	"net/netip"
	"reflect"
	"testing"

	"raisehand/capture/report"
)

func at(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestMapping(t *testing.T) {
	const here, a, b = "192.168.1.2:5000", "203.0.113.1:6000", "203.0.113.1:6001"
	for _, c := range []struct {
		name string
		seen []sight
		want string
	}{
		{"nobody answered", nil, ""},
		{"one answer proves nothing", []sight{{at("1.1.1.1:1"), at(a)}}, ""},
		{"seen as it is", []sight{{at("1.1.1.1:1"), at(here)}}, untranslated},
		{"the same for all", []sight{{at("1.1.1.1:1"), at(a)}, {at("2.2.2.2:1"), at(a)}, {at("2.2.2.2:2"), at(a)}}, sameForAll},
		{"by computer", []sight{{at("1.1.1.1:1"), at(a)}, {at("2.2.2.2:1"), at(b)}, {at("2.2.2.2:2"), at(b)}}, byAddress},
		{"by port", []sight{{at("1.1.1.1:1"), at(a)}, {at("2.2.2.2:1"), at(a)}, {at("2.2.2.2:2"), at(b)}}, byPort},
		{"two servers cannot tell", []sight{{at("1.1.1.1:1"), at(a)}, {at("2.2.2.2:1"), at(b)}}, byWhom},
		{"the same server twice", []sight{{at("1.1.1.1:1"), at(a)}, {at("1.1.1.1:1"), at(a)}}, ""},
	} {
		if got := mappingOf(c.seen, at(here)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhoElseTranslates(t *testing.T) {
	ip := netip.MustParseAddr
	home := nat{local: at("192.168.1.2:1"), mapped: at("203.0.113.1:1"), mapping: sameForAll, hops: []netip.Addr{ip("192.168.1.1")}}
	for _, c := range []struct {
		name    string
		change  func(*nat)
		double  string
		carrier bool
	}{
		{"an ordinary home", func(n *nat) {}, "", false},
		{"its router says where it is", func(n *nat) { n.outer = ip("203.0.113.1") }, "", false},
		{"a router behind a router, by its word", func(n *nat) { n.outer = ip("192.168.178.20") }, "yes", false},
		{"a second private step", func(n *nat) { n.hops = append(n.hops, ip("10.9.9.1")) }, "possible", false},
		{"a school with its own routers, no translation", func(n *nat) { n.mapping, n.mapped, n.hops = untranslated, n.local, append(n.hops, ip("10.9.9.1")) }, "", false},
		{"a school's own server inside", func(n *nat) { n.mapped, n.hops = at("10.0.0.9:1"), append(n.hops, ip("10.9.9.1")) }, "", false},
		{"a provider on the way", func(n *nat) { n.hops = append(n.hops, ip("100.64.0.1")) }, "", true},
		{"a provider by the router's word", func(n *nat) { n.outer = ip("100.70.1.2") }, "", true},
		{"another address than the router has", func(n *nat) { n.outer = ip("198.51.100.7") }, "", true},
		{"a step that says nothing", func(n *nat) { n.hops = []netip.Addr{{}, {}, ip("203.0.113.254")} }, "", false},
	} {
		n := home
		n.hops = append([]netip.Addr{}, home.hops...)
		c.change(&n)
		if n.double() != c.double || n.carrier() != c.carrier {
			t.Errorf("%s: double %q, carrier %t", c.name, n.double(), n.carrier())
		}
	}
}

func TestRelayAddresses(t *testing.T) {
	got := []string{}
	for _, r := range relays([]string{"turn:a.example", "turn:b.example:9?transport=tcp", "turns:c.example", "turns:[fd00::1]:443?transport=tcp", "stun:d.example", "", "e"}) {
		got = append(got, r.transport+" "+r.at)
	}
	want := []string{"udp a.example:3478", "tcp a.example:3478", "tcp b.example:9", "tls c.example:5349", "tls [fd00::1]:443"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

// A router that tells its outer address, and one that tells something else.
func TestAskRouter(t *testing.T) {
	for name, c := range map[string]struct {
		answer []byte
		want   string
	}{
		"its address": {[]byte{0, 128, 0, 0, 0, 0, 0, 1, 203, 0, 113, 7}, "203.0.113.7"},
		"refuses":     {[]byte{0, 128, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0}, "invalid IP"},
		"nothing yet": {[]byte{0, 128, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}, "invalid IP"},
	} {
		s, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		go func() {
			buf := make([]byte, 16)
			for {
				n, from, err := s.ReadFrom(buf)
				if err != nil {
					return
				}
				if n == 2 {
					s.WriteTo(c.answer, from)
				}
			}
		}()
		if got := askRouter(context.Background(), s.LocalAddr().(*net.UDPAddr).AddrPort()); got.String() != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestJudgeWays(t *testing.T) {
	type m = map[string]any
	strict := func(p *picture) { p.nat = nat{asked: true, mapping: byPort, answered: 1} }
	relayed := func(how ...string) []relay {
		list := relays([]string{"turn:t.example", "turns:t.example"})
		for i := range list {
			list[i].how = how[i]
		}
		return list
	}
	services := func(p *picture) {
		p.services = []service{{"zoom.example", talk{asked: true, how: answered}}}
	}
	stuck := func(p *picture) {
		p.services = []service{{"zoom.example", talk{asked: true, how: proxyFailed, proxy: "p.example:3128", status: 407}}}
	}
	clashing := func(ip string) func(*picture) {
		return func(p *picture) { p.clashes = []clash{{"eth0", netip.MustParseAddr(ip), "02:00:00:00:00:09"}} }
	}
	led := func(to, how string) func(*picture) {
		return func(p *picture) {
			p.services = []service{failed("zoom.example", how, "")}
			p.lies = map[string]lie{"zoom.example": {"zoom.example", []netip.Addr{netip.MustParseAddr(to)}, []netip.Addr{netip.MustParseAddr("203.0.113.1")}}}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*picture)
		v      report.Verdict
		code   string
		params m
	}{
		{"strict router", strict, report.Warn, "nat_strict", nil},
		{"strict router, relay by UDP", func(p *picture) { strict(p); p.relays = relayed(answered, silence, silence) }, report.OK, "ok", m{"ms": 12.0}},
		{"strict router, relay by TLS only", func(p *picture) { strict(p); p.relays = relayed(shut, silence, answered) }, report.Warn, "nat_strict", nil},
		{"no relay", func(p *picture) { p.relays = relayed(silence, silence, shut) }, report.Warn, "turn_closed", m{"server": "t.example:3478"}},
		{"relay, wrong password", func(p *picture) { p.relays = relayed(signedOut, signedOut, silence) }, report.OK, "ok", m{"ms": 12.0}},
		{"relay with a name nobody knows", func(p *picture) { p.relays = relayed(noName, noName, noName) }, report.OK, "ok", m{"ms": 12.0}},
		{"relay answers by TCP, its UDP is silent", func(p *picture) { p.relays = relayed(silence, answered, shut) }, report.Warn, "udp_closed", nil},
		{"relay's UDP refused", func(p *picture) { p.relays = relayed(shut, answered, shut) }, report.OK, "ok", m{"ms": 12.0}},
		{"no relay, no network", func(p *picture) { gone(p); p.relays = relayed(silence, silence, silence) }, report.Fail, "no_internet", nil},

		{"somebody has the same address, still reached", clashing("10.0.0.7"), report.Warn, "address_conflict", m{"address": "10.0.0.7"}},
		{"somebody has the same address", func(p *picture) {
			gone(p)
			clashing("10.0.0.7")(p)
			p.router.answered, p.router.neighbour = false, absent
		}, report.Fail, "address_conflict", m{"address": "10.0.0.7"}},
		{"an IPv6 address was given up", clashing("fd77::2"), report.OK, "ok", m{"ms": 12.0}},

		{"led nowhere", led("127.0.0.1", silence), report.Fail, "dns_lies", m{"name": "zoom.example"}},
		{"led to a stranger", led("198.51.100.1", unproven), report.Fail, "dns_lies", m{"name": "zoom.example"}},
		{"another place of the same service is silent", led("198.51.100.1", silence), report.Warn, "service_unreachable", m{"service": "zoom.example"}},
		{"another place of the same service, slow", led("198.51.100.1", answered), report.OK, "ok", m{"ms": 12.0}},

		{"proxy by hand away, desk reached", func(p *picture) {
			services(p)
			p.proxies = []proxy{{from: "GNOME", at: "p.example:3128", forClasses: true}}
		}, report.Warn, "proxy_broken", m{"proxy": "p.example:3128"}},
		{"proxy by hand away, no service reached", func(p *picture) {
			stuck(p)
			p.services[0].talk.status = 0
			p.proxies = []proxy{{from: "GNOME", at: "p.example:3128", forClasses: true}}
		}, report.Fail, "proxy_broken", m{"proxy": "p.example:3128"}},
		{"one of two proxies away", func(p *picture) { p.proxies = []proxy{{from: "PAC", at: "p.example:3128", spared: true}} }, report.OK, "ok", m{"ms": 12.0}},
		{"proxy wants a name", func(p *picture) {
			stuck(p)
			p.proxies = []proxy{{from: "KDE", at: "p.example:3128", answered: true, signIn: true, forClasses: true}}
		}, report.Fail, "proxy_sign_in", m{"proxy": "p.example:3128"}},
		{"proxy where programs sign in by themselves", func(p *picture) {
			stuck(p)
			p.proxies = []proxy{{from: "Windows", at: "p.example:3128", answered: true, schemes: "Negotiate", forClasses: true}}
		}, report.OK, "ok", m{"ms": 12.0}},

		{"PAC file gone", func(p *picture) { p.pac = &pacFile{at: "http://s/p.pac", why: pacMissing} }, report.Warn, "pac", m{"url": "http://s/p.pac", "why": "@why.pac_missing"}},
		{"PAC file broken, nothing reached", func(p *picture) { gone(p); p.pac = &pacFile{at: "x", why: pacBroken} }, report.Fail, "pac", m{"url": "x", "why": "@why.pac_broken"}},
		{"PAC file of the school, at home", func(p *picture) { p.pac = &pacFile{at: "x", why: pacUnreachable, lost: true} }, report.OK, "ok", m{"ms": 12.0}},
		{"PAC file not fetched because nothing is", func(p *picture) { gone(p); p.pac = &pacFile{at: "x", why: pacUnreachable} }, report.Fail, "no_internet", nil},
		{"PAC file too modern for us", func(p *picture) { p.pac = &pacFile{at: "x"} }, report.OK, "ok", m{"ms": 12.0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := healthy(c.change).judge()
			if r.Verdict != c.v || r.Code != "network."+c.code || !reflect.DeepEqual(r.Params, c.params) {
				t.Errorf("said %s %s %v; also %v", r.Verdict, r.Code, r.Params, r.Also)
			}
		})
	}
}
