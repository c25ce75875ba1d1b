package network

import (
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"raisehand/assets/words"
	"raisehand/capture/report"
)

// healthy is a network with nothing wrong; change makes what a test is about.
func healthy(change func(*picture)) *picture {
	p := &picture{
		desk: address("https://desk.school.example"), limits: DefaultLimits, missing: map[string]any{}, linksKnown: true,
		links:  []link{{name: "eth0", kind: wired, connected: true, addresses: []netip.Addr{netip.MustParseAddr("10.0.0.7")}}},
		router: router{known: true, route: route{gateway: netip.MustParseAddr("10.0.0.1"), link: "eth0"}, answered: true, rtt: time.Millisecond, neighbour: present},
		dns: resolving{known: true, lookups: []lookup{{name: "desk.school.example", took: 20 * time.Millisecond}},
			servers: []netip.Addr{netip.MustParseAddr("10.0.0.1")}, answers: map[netip.Addr]time.Duration{netip.MustParseAddr("10.0.0.1"): time.Millisecond}},
		talk:  talk{asked: true, how: answered, connect: 10 * time.Millisecond, first: 12 * time.Millisecond},
		pulse: pulse{measured: true, sent: 25, rtt: 12 * time.Millisecond, quickest: 10 * time.Millisecond, jitter: time.Millisecond},
	}
	if change != nil {
		change(p)
	}
	return p
}

// gone is a desk from which nothing comes, and nothing from elsewhere either.
func gone(p *picture) {
	p.talk, p.pulse = talk{asked: true, how: silence, err: errors.New("no answer")}, pulse{}
	p.outside.asked = true
}

func failed(host, how, issuer string) service {
	return service{host, talk{asked: true, how: how, issuer: issuer}}
}

func TestJudge(t *testing.T) {
	type m = map[string]any
	unknown := &net.DNSError{Err: "no such host", IsNotFound: true}
	slow := &net.DNSError{Err: "timeout", IsTimeout: true}
	self := []netip.Addr{netip.MustParseAddr("169.254.3.4"), netip.MustParseAddr("fe80::1")}
	reached := service{"zoom.example", talk{asked: true, how: answered}}
	for _, c := range []struct {
		name   string
		change func(*picture)
		v      report.Verdict
		code   string
		params m
		also   []string
	}{
		{"healthy", nil, report.OK, "ok", m{"ms": 12.0}, nil},
		{"amber is no fault", func(p *picture) {
			p.pulse.rtt, p.pulse.jitter, p.pulse.lost = 390*time.Millisecond, 90*time.Millisecond, 1
		}, report.OK, "ok", m{"ms": 390.0}, nil},
		{"no figures but an answer", func(p *picture) { p.pulse = pulse{} }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"nothing known", func(p *picture) { *p = picture{desk: p.desk, limits: DefaultLimits} }, report.Unknown, "not_measured", nil, nil},
		{"desk answers, all else looks bad", func(p *picture) {
			p.links, p.router = nil, router{known: true, route: p.router.route, neighbour: absent}
			p.dns = resolving{known: true}
		}, report.OK, "ok", m{"ms": 12.0}, nil},

		{"cable out", func(p *picture) { gone(p); p.links[0].connected, p.links[0].addresses = false, nil }, report.Fail, "no_link", nil, nil},
		{"only a VPN left", func(p *picture) {
			gone(p)
			p.links[0].connected = false
			p.links = append(p.links, link{"tun0", tunnel, true, nil})
		}, report.Fail, "no_link", nil, nil},
		{"Wi-Fi off", func(p *picture) { gone(p); p.links = []link{{name: "wlan0", kind: wireless}}; p.radio.off = true }, report.Fail, "wifi_off", nil, nil},
		{"Wi-Fi off, but a cable", func(p *picture) { p.radio.off = true }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"no address", func(p *picture) { gone(p); p.links[0].addresses = nil }, report.Fail, "no_address", nil, nil},
		{"self-assigned address", func(p *picture) { gone(p); p.links[0].addresses = self }, report.Fail, "self_assigned", m{"address": "169.254.3.4"}, nil},
		{"no route", func(p *picture) { gone(p); p.router = router{known: true} }, report.Fail, "no_route", nil, nil},
		{"no route, desk near by with its door shut", func(p *picture) { gone(p); p.talk.how = shut; p.router = router{known: true} }, report.Warn, "desk_unreachable", nil, nil},
		{"router away", func(p *picture) { gone(p); p.router.answered, p.router.neighbour = false, absent }, report.Fail, "gateway_silent", m{"gateway": "10.0.0.1"}, nil},
		{"router says nothing, but is there", func(p *picture) { gone(p); p.router.answered = false }, report.Fail, "no_internet", nil, nil},
		{"router not measured", func(p *picture) { gone(p); p.router = router{} }, report.Fail, "no_internet", nil, nil},

		{"portal", func(p *picture) { gone(p); p.outside.portal = true }, report.Fail, "portal", nil, nil},
		{"portal for all but the desk", func(p *picture) {
			p.services, p.outside = []service{failed("zoom.example", silence, "")}, outside{asked: true, portal: true}
		}, report.Fail, "portal", nil, nil},
		{"plain desk shows a page", func(p *picture) { gone(p); p.desk = address("http://desk.school.example"); p.talk.how = elsewhere }, report.Fail, "portal", nil, nil},
		{"plain desk shows a page, the internet is open", func(p *picture) {
			gone(p)
			p.desk, p.talk.how, p.outside.beacon = address("http://desk.school.example"), elsewhere, true
		}, report.Warn, "desk_unreachable", nil, nil},

		{"proxy away", func(p *picture) {
			gone(p)
			p.talk.how, p.proxies = proxyFailed, []proxy{{from: "environment", at: "proxy.example:3128", forDesk: true}}
		}, report.Fail, "proxy_broken", m{"proxy": "proxy.example:3128"}, nil},
		{"the browsers' proxy away", func(p *picture) { p.proxies = []proxy{{from: "system", at: "proxy.example:3128"}} }, report.Warn, "proxy_broken", m{"proxy": "proxy.example:3128"}, nil},
		{"proxy wants a name", func(p *picture) {
			gone(p)
			p.talk = talk{asked: true, how: proxyFailed, proxy: "proxy.example:3128", err: errors.New("Proxy Authentication Required")}
			p.proxies = []proxy{{at: "proxy.example:3128", answered: true, forDesk: true}}
		}, report.Fail, "proxy_sign_in", m{"proxy": "proxy.example:3128"}, nil},
		{"proxy is there, the desk behind it is not", func(p *picture) {
			gone(p)
			p.talk = talk{asked: true, how: proxyFailed, proxy: "proxy.example:3128", err: errors.New("Bad Gateway")}
			p.proxies, p.outside.beacon = []proxy{{at: "proxy.example:3128", answered: true, forDesk: true}}, true
		}, report.Warn, "desk_unreachable", nil, nil},

		{"DNS dead", func(p *picture) { gone(p); p.talk.how, p.dns.lookups[0].err, p.dns.answers = noName, slow, nil }, report.Fail, "dns_dead", nil, nil},
		{"DNS dead out there, but the world is there", func(p *picture) {
			gone(p)
			p.talk.how, p.dns.lookups[0].err, p.dns.answers, p.dns.servers = noName, slow, nil, []netip.Addr{netip.MustParseAddr("9.9.9.9")}
			p.outside.reached = true
		}, report.Fail, "dns_dead", nil, nil},
		{"DNS out there, and nothing is there", func(p *picture) {
			gone(p)
			p.talk.how, p.dns.lookups[0].err, p.dns.answers, p.dns.servers = noName, slow, nil, []netip.Addr{netip.MustParseAddr("9.9.9.9")}
		}, report.Fail, "no_internet", nil, nil},
		{"DNS says it cannot, and nothing is there", func(p *picture) { gone(p); p.talk.how, p.dns.lookups[0].err = noName, slow }, report.Fail, "no_internet", nil, nil},
		{"desk unknown by name", func(p *picture) { gone(p); p.talk.how, p.dns.lookups[0].err, p.outside.beacon = noName, unknown, true }, report.Fail, "name_unknown", m{"name": "desk.school.example"}, nil},
		{"the packet with the name was lost", func(p *picture) { p.dns.lookups[0].took = 1240 * time.Millisecond }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"DNS slow", func(p *picture) {
			p.dns.lookups[0].took = 1240 * time.Millisecond
			p.dns.answers[p.dns.servers[0]] = 1230 * time.Millisecond
		}, report.Warn, "dns_slow", m{"seconds": 1.2}, nil},
		{"one name slow", func(p *picture) {
			p.dns.lookups = append(p.dns.lookups, lookup{name: "zoom.example", took: 3 * time.Second})
		}, report.OK, "ok", m{"ms": 12.0}, nil},

		{"desk by another certificate", func(p *picture) { gone(p); p.talk.how, p.talk.issuer, p.outside.beacon = unproven, "Nobody", true }, report.Warn, "desk_unproven", m{"issuer": "Nobody"}, nil},
		{"desk's certificate expired", func(p *picture) { gone(p); p.talk.how, p.talk.expired, p.outside.beacon = unproven, true, true }, report.Warn, "desk_expired", nil, nil},
		{"intercepted", func(p *picture) {
			gone(p)
			p.talk.how, p.talk.issuer, p.services = unproven, "Firewall", []service{failed("zoom.example", unproven, "Firewall")}
		}, report.Fail, "tls_intercepted", m{"issuer": "Firewall"}, nil},
		{"one service with a certificate of its own", func(p *picture) {
			p.services = []service{reached, failed("meet.example", unproven, "Firewall")}
		}, report.Warn, "service_unproven", m{"service": "meet.example", "issuer": "Firewall"}, nil},

		{"desk silent, the world is there", func(p *picture) { gone(p); p.outside.reached = true }, report.Warn, "desk_unreachable", nil, nil},
		{"desk silent, a service is there", func(p *picture) { gone(p); p.services = []service{reached} }, report.Warn, "desk_unreachable", nil, nil},
		{"desk silent, nobody else may be asked", func(p *picture) { gone(p); p.outside.asked = false }, report.Warn, "desk_unreachable", nil, nil},
		{"desk and services silent, nobody else may be asked", func(p *picture) {
			gone(p)
			p.outside.asked, p.services = false, []service{failed("zoom.example", silence, "")}
		}, report.Fail, "no_internet", nil, []string{"network.service_unreachable"}},
		{"only this computer itself, its desk's door shut", func(p *picture) { gone(p); p.talk.how, p.links, p.dns.lookups, p.dns.answers = shut, nil, nil, nil }, report.Warn, "desk_unreachable", nil, nil},
		{"desk's door shut", func(p *picture) { gone(p); p.talk.how = shut }, report.Warn, "desk_unreachable", nil, nil},
		{"nothing anywhere", gone, report.Fail, "no_internet", nil, nil},
		{"one service away", func(p *picture) { p.services = []service{reached, failed("meet.example", silence, "")} }, report.Warn, "service_unreachable", m{"service": "meet.example"}, nil},
		{"all services away", func(p *picture) {
			p.services = []service{failed("zoom.example", silence, ""), failed("meet.example", silence, "")}
		}, report.Warn, "services_unreachable", nil, nil},

		{"slow", func(p *picture) { p.pulse.rtt = 401 * time.Millisecond }, report.Warn, "slow", m{"ms": 401.0}, nil},
		{"too slow", func(p *picture) { p.pulse.rtt = 2100 * time.Millisecond }, report.Fail, "slow", m{"ms": 2100.0}, nil},
		{"too slow for an answer", func(p *picture) { gone(p); p.talk.connect = 700 * time.Millisecond }, report.Warn, "slow", m{"ms": 700.0}, nil},
		{"two lost", func(p *picture) { p.pulse.lost = 2 }, report.Warn, "unsteady", m{"lost": 2, "sent": 25}, nil},
		{"two lost of few", func(p *picture) { p.pulse.lost, p.pulse.sent = 2, 9 }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"one lost of ten", func(p *picture) { p.pulse.lost, p.pulse.sent = 1, 10 }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"many lost", func(p *picture) { p.pulse.lost = 8 }, report.Fail, "unsteady", m{"lost": 8, "sent": 25}, nil},
		{"jitter", func(p *picture) { p.pulse.jitter = 130 * time.Millisecond }, report.Warn, "jittery", m{"ms": 130.0}, nil},
		{"a busy desk on this computer", func(p *picture) {
			p.pulse.here, p.pulse.lost, p.pulse.rtt, p.pulse.jitter = true, 9, time.Second, time.Second
		}, report.OK, "ok", m{"ms": 1000.0}, nil},
		{"lost by UDP", func(p *picture) { p.far.udp = echoed{tried: true, sent: 50, decided: 50, lost: 4} }, report.Warn, "unsteady", m{"lost": 4, "sent": 50}, nil},
		{"two lost by UDP", func(p *picture) {
			p.far.udp = echoed{tried: true, sent: 25, decided: 25, lost: 2, rtt: 12 * time.Millisecond}
		}, report.OK, "ok", m{"ms": 12.0}, nil},
		{"two lost by UDP, and a question", func(p *picture) {
			p.pulse.lost, p.far.udp = 1, echoed{tried: true, sent: 25, decided: 25, lost: 2}
		}, report.Warn, "unsteady", m{"lost": 2, "sent": 25}, nil},
		{"questions held up, no packet lost", func(p *picture) {
			p.pulse.lost, p.far.udp = 4, echoed{tried: true, sent: 50, decided: 50, rtt: 12 * time.Millisecond}
		}, report.OK, "ok", m{"ms": 12.0}, nil},
		{"the desk is slow, the network is not", func(p *picture) {
			p.pulse.rtt, p.far.udp = time.Second, echoed{tried: true, sent: 25, decided: 25, rtt: 9 * time.Millisecond}
		}, report.OK, "ok", m{"ms": 9.0}, nil},
		{"jitter by UDP", func(p *picture) {
			p.far.udp = echoed{tried: true, sent: 25, decided: 25, jitter: 150 * time.Millisecond}
		}, report.Warn, "jittery", m{"ms": 150.0}, nil},
		{"UDP closed", func(p *picture) { p.far.udp = echoed{tried: true, sure: true, sent: 25, decided: 25, lost: 25} }, report.Warn, "udp_closed", nil, nil},
		{"UDP closed, perhaps at the desk", func(p *picture) { p.far.udp = echoed{tried: true, sent: 25, decided: 25, lost: 25} }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"UDP closed to the desk, open to another", func(p *picture) {
			p.far.udp, p.nat.answered = echoed{tried: true, sure: true, sent: 25, decided: 25, lost: 25}, 1
		}, report.OK, "ok", m{"ms": 12.0}, nil},
		{"narrow way out", func(p *picture) { p.far.up = speed{kbps: 200, sure: true} }, report.Warn, "slow_up", m{"kbps": 200.0, "need": 300.0}, nil},
		{"hardly a way out", func(p *picture) { p.far.up = speed{kbps: 36, sure: true, atMost: true} }, report.Fail, "slow_up", m{"kbps": 36.0, "need": 300.0}, nil},
		{"narrow way in", func(p *picture) { p.far.down = speed{kbps: 299, sure: true} }, report.Warn, "slow_down", m{"kbps": 299.0, "need": 300.0}, nil},
		{"over too soon to say", func(p *picture) { p.far.up = speed{kbps: 200, sure: true, atLeast: true} }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"measured once", func(p *picture) { p.far.up = speed{kbps: 200} }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"narrow, and unsteady for it", func(p *picture) {
			p.far.up, p.far.udp = speed{kbps: 200, sure: true}, echoed{tried: true, sent: 25, decided: 25, jitter: 150 * time.Millisecond}
		}, report.Warn, "slow_up", m{"kbps": 200.0, "need": 300.0}, []string{"network.jittery"}},
		{"large packets vanish", func(p *picture) { p.far.hole = "up" }, report.Fail, "mtu", nil, nil},
		{"large packets vanish before the desk says a word", func(p *picture) {
			gone(p)
			p.talk.connect, p.hole.proven, p.outside.reached = 9*time.Millisecond, true, true
		}, report.Fail, "mtu", nil, nil},
		{"a desk that answers in the end", func(p *picture) { p.hole.proven = true }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"IPv6 hole", func(p *picture) { p.six = sixth{measured: true, hole: true} }, report.Warn, "ipv6_broken", nil, nil},
		{"weak Wi-Fi", func(p *picture) { p.radio = radio{name: "eth0", signalDBM: -80} }, report.Warn, "wifi_weak", nil, nil},
		{"weak Wi-Fi beside a cable", func(p *picture) { p.radio = radio{name: "wlan0", signalDBM: -80} }, report.OK, "ok", m{"ms": 12.0}, nil},
		{"the worst first", func(p *picture) { p.six, p.pulse.lost = sixth{measured: true, hole: true}, 8 }, report.Fail, "unsteady", m{"lost": 8, "sent": 25}, []string{"network.ipv6_broken"}},

		{"no desk", func(p *picture) { p.desk, p.talk, p.pulse, p.dns.lookups = nil, talk{}, pulse{}, nil }, report.OK, "ok_local", nil, nil},
		{"no desk, router away", func(p *picture) {
			p.desk, p.talk, p.pulse, p.dns.lookups = nil, talk{}, pulse{}, nil
			p.router.answered, p.router.neighbour = false, absent
		}, report.Fail, "gateway_silent", m{"gateway": "10.0.0.1"}, nil},
		{"no desk, DNS dead", func(p *picture) {
			p.desk, p.talk, p.pulse, p.dns.lookups, p.dns.answers = nil, talk{}, pulse{}, nil, nil
		}, report.Warn, "dns_dead", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := healthy(c.change).judge()
			if r.Verdict != c.v || r.Code != "network."+c.code || !reflect.DeepEqual(r.Params, map[string]any(c.params)) {
				t.Errorf("said %s %s %v", r.Verdict, r.Code, r.Params)
			}
			if also := codes(r.Also); !reflect.DeepEqual(also, c.also) {
				t.Errorf("also %v, want %v", also, c.also)
			}
			for _, lang := range words.Langs {
				if words.In(lang).Of(r.Code, r.Params).Title == r.Code {
					t.Errorf("no words in %s", lang)
				}
			}
		})
	}
}

func TestPulse(t *testing.T) {
	list := func(ms ...int) (b []beat) {
		for _, x := range ms {
			d := time.Duration(x) * time.Millisecond
			b = append(b, beat{d, d})
		}
		return b
	}
	for _, c := range []struct {
		name       string
		beats      []beat
		others     []time.Duration
		sent, lost int
		rtt        time.Duration
	}{
		{"even", list(10, 11, 12, 11, 10), nil, 5, 0, 11 * time.Millisecond},
		{"one late", list(10, 11, 230, 11, 10, 12), nil, 6, 1, 11 * time.Millisecond},
		{"slow is not late", list(500, 650, 700, 620, 550), nil, 5, 0, 620 * time.Millisecond},
		{"no answer at the end", append(list(10, 11, 12, 11, 10), beat{0, time.Second}), nil, 6, 1, 11 * time.Millisecond},
		{"cut short by the deadline", append(list(10, 11, 12, 11, 10), beat{0, 50 * time.Millisecond}), nil, 5, 0, 11 * time.Millisecond},
		{"few, with the first conversation", list(610), []time.Duration{600 * time.Millisecond}, 1, 0, 600 * time.Millisecond},
		{"nothing", nil, nil, 0, 0, 0},
	} {
		var p pulse
		p.read(c.beats, c.others...)
		if p.sent != c.sent || p.lost != c.lost || p.rtt != c.rtt || p.measured != (c.rtt > 0) {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"zoom.us": "https://zoom.us", "meet.example:8443": "https://meet.example:8443", "http://10.0.0.1:80/x": "http://10.0.0.1:80/x",
		"https://name:secret@desk.example": "https://desk.example", "": "", "ftp://x": "", "::": "", "https://": "",
	} {
		got := ""
		if u := address(in); u != nil {
			got = u.String()
		}
		if got != want {
			t.Errorf("%q is read as %q, want %q", in, got, want)
		}
	}
}

func TestSignerIsNeverEmptyHanded(t *testing.T) {
	if s := signer(nil); s != "" {
		t.Errorf("nobody signs as %q", s)
	}
	c := &x509.Certificate{}
	c.Issuer.Organization = []string{"School"}
	if s := signer(c); s != "School" {
		t.Errorf("an issuer without a name is %q", s)
	}
}

func codes(faults []report.Fault) (list []string) {
	for _, f := range faults {
		list = append(list, f.Code)
	}
	return list
}
