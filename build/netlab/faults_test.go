//go:build linux

package netlab

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"raisehand/assets/words"
	"raisehand/capture/network"
	"raisehand/capture/report"
)

// fault is one broken network and what the check must call it.
type fault struct {
	name    string
	breaks  string   // shell, with COMPUTER, ROUTER and TOWN for the namespaces
	shows   string   // shell that succeeds when the fault is there, by a tool that is not ours
	with    string   // somebody else who runs on the computer
	env     []string // of the probe
	desk    string   // instead of deskURL; "-": none
	service []string // instead of none
	alone   bool     // nobody elsewhere may be asked
	verdict report.Verdict
	code    string
	params  map[string]string // "*" only has to be there
	also    func(*testing.T, report.Result)
}

// rules is a table of nft in a namespace.
func rules(where, text string) string {
	return "ip netns exec " + where + " nft -f - <<'X'\ntable inet lab {\n" + text + "\n}\nX\n"
}

const (
	forward    = "chain f { type filter hook forward priority 0; "
	input      = "chain i { type filter hook input priority 0; "
	prerouting = "chain p { type nat hook prerouting priority -100; "
	toDesk     = `! ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/` + deskIP + `/8443' 2>/dev/null`
	classes    = "class.example"
	meets      = "meet.example"
)

var faults = []fault{
	{name: "healthy", verdict: report.OK, code: "network.ok", params: map[string]string{"ms": "*"}, also: measured,
		shows: `ip netns exec COMPUTER bash -c ': </dev/tcp/` + deskIP + `/8443'`},
	{name: "healthy, with services", service: []string{classes, "https://" + meets + "/"}, verdict: report.OK, code: "network.ok"},
	{name: "healthy, desk by number, nobody else in the world", desk: "http://" + deskIP + ":8080", alone: true, verdict: report.OK, code: "network.ok",
		breaks: rules("ROUTER", forward+"ip daddr "+serviceIP+" drop; }")},
	{name: "healthy, no desk set", desk: "-", verdict: report.OK, code: "network.ok_local"},
	{name: "healthy, router that says nothing by itself", verdict: report.OK, code: "network.ok",
		breaks: rules("ROUTER", input+"udp dport 53 accept; meta l4proto ipv6-icmp accept; ip saddr "+computerIP+" drop; }")},
	{name: "healthy, through a proxy", env: []string{"https_proxy=http://" + routerIP + ":3128"}, verdict: report.OK, code: "network.ok",
		also: throughProxy},

	{name: "cable out", breaks: "ip -n ROUTER link set r0 down", shows: "ip -n COMPUTER link show c0 | grep -q NO-CARRIER",
		verdict: report.Fail, code: "network.no_link"},
	{name: "interface off", breaks: "ip -n COMPUTER link set c0 down", shows: "! ip -n COMPUTER link show c0 | grep -q LOWER_UP",
		verdict: report.Fail, code: "network.no_link"},
	{name: "no address", breaks: "ip -n COMPUTER addr flush dev c0 scope global", shows: "! ip -n COMPUTER addr show c0 | grep -q 'scope global'",
		verdict: report.Fail, code: "network.no_address"},
	{name: "address made up by itself", breaks: "ip -n COMPUTER addr flush dev c0 scope global; ip -n COMPUTER addr add 169.254.7.7/16 dev c0",
		shows: "ip -n COMPUTER addr show c0 | grep -q 169.254.7.7", verdict: report.Fail, code: "network.self_assigned", also: selfAssigned},
	{name: "no way out", breaks: "ip -n COMPUTER route del default; ip -n COMPUTER -6 route del default",
		shows: "! ip -n COMPUTER route | grep -q default", verdict: report.Fail, code: "network.no_route"},
	{name: "router away", breaks: "ip -n ROUTER addr flush dev r0; ip -n COMPUTER neigh flush all", shows: toDesk,
		verdict: report.Fail, code: "network.gateway_silent", params: map[string]string{"gateway": routerIP}},
	{name: "router away, no desk set", desk: "-", breaks: "ip -n ROUTER addr flush dev r0; ip -n COMPUTER neigh flush all", shows: toDesk,
		verdict: report.Fail, code: "network.gateway_silent", params: map[string]string{"gateway": routerIP}},
	{name: "line beyond the router cut", breaks: "ip -n ROUTER link set r1 down", shows: toDesk, verdict: report.Fail, code: "network.no_internet"},
	{name: "DNS dead", breaks: rules("ROUTER", input+"meta l4proto { tcp, udp } th dport 53 drop; }"),
		shows: "! ip netns exec COMPUTER timeout 1 getent hosts " + deskName, verdict: report.Fail, code: "network.dns_dead"},
	{name: "DNS refused", breaks: rules("ROUTER", input+"meta l4proto { tcp, udp } th dport 53 reject; }"),
		shows: "! ip netns exec COMPUTER timeout 1 getent hosts " + deskName, verdict: report.Fail, code: "network.dns_dead"},
	{name: "DNS slow", breaks: rules("ROUTER", prerouting+"udp dport 53 redirect to :8003; }"),
		shows: "! ip netns exec COMPUTER timeout 1 getent hosts " + deskName, verdict: report.Warn, code: "network.dns_slow", params: map[string]string{"seconds": "*"}},
	{name: "DNS does not know the desk", desk: "https://inside.school.example", shows: "! ip netns exec COMPUTER getent hosts inside.school.example",
		verdict: report.Fail, code: "network.name_unknown", params: map[string]string{"name": "inside.school.example"}},
	{name: "portal", breaks: rules("ROUTER", prerouting+"tcp dport 80 redirect to :8000; }\n"+forward+"tcp dport != 80 drop; }"), shows: toDesk,
		verdict: report.Fail, code: "network.portal"},
	{name: "portal, plain desk", desk: deskPlain, alone: true, breaks: rules("ROUTER", prerouting+"tcp dport 8080 redirect to :8001; }"),
		verdict: report.Fail, code: "network.portal"},
	{name: "desk behind a closed door", breaks: rules("TOWN", input+"tcp dport 8443 reject with tcp reset; }"), shows: toDesk,
		verdict: report.Warn, code: "network.desk_unreachable"},
	{name: "desk silent", breaks: rules("TOWN", input+"tcp dport 8443 drop; }"), shows: toDesk,
		verdict: report.Warn, code: "network.desk_unreachable"},
	{name: "one service away", service: []string{classes, meets}, breaks: rules("ROUTER", forward+"ip daddr "+otherIP+" drop; }"),
		verdict: report.Warn, code: "network.service_unreachable", params: map[string]string{"service": meets}},
	{name: "proxy away", env: []string{"https_proxy=http://" + routerIP + ":3129"}, verdict: report.Fail, code: "network.proxy_broken",
		params: map[string]string{"proxy": routerIP + ":3129"}},
	{name: "proxy wants a name", env: []string{"https_proxy=http://" + routerIP + ":8004"}, verdict: report.Fail, code: "network.proxy_sign_in",
		params: map[string]string{"proxy": routerIP + ":8004"}},
	{name: "secure pages opened on the way", service: []string{classes, meets},
		breaks:  rules("ROUTER", prerouting+"tcp dport { 443, 8443 } redirect to :8002; }"),
		verdict: report.Fail, code: "network.tls_intercepted", params: map[string]string{"issuer": "Watchful Firewall"}},
	// Somebody sends too much into a narrow line with a long queue, as homes have.
	{name: "slow", with: "upload", desk: "http://" + deskIP + ":8080", breaks: "ip netns exec COMPUTER tc qdisc add dev c0 root tbf rate 1200kbit burst 4kb limit 120kb",
		shows:   `[ "$(ip netns exec COMPUTER tc -s -j qdisc show dev c0 | sed -n 's/.*"backlog":\([0-9]*\).*/\1/p')" -gt 80000 ]`,
		verdict: report.Warn, code: "network.slow", params: map[string]string{"ms": "*"}},
	{name: "lossy", breaks: rules("ROUTER", forward+"meta l4proto { tcp, udp } th dport 8443 numgen inc mod 7 == 0 drop; meta l4proto { tcp, udp } th sport 8443 numgen inc mod 7 == 0 drop; }"),
		code: "network.unsteady", params: map[string]string{"lost": "*", "sent": "*"}},
	{name: "IPv6 leads nowhere", breaks: rules("ROUTER", forward+"meta nfproto ipv6 drop; }"),
		shows: "! ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/fd78::10/8443' 2>/dev/null", verdict: report.Warn, code: "network.ipv6_broken"},
}

func TestFaults(t *testing.T) {
	w := build(t)
	until(t, "the name server", w.fill("ip netns exec COMPUTER getent hosts "+deskName))
	until(t, "the proxy", w.fill("ip netns exec COMPUTER bash -c ': </dev/tcp/"+routerIP+"/3128'"))
	until(t, "IPv6", w.fill("ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/fd78::10/8443'"))
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			w.whole(t)
			defer w.whole(t)
			if f.breaks != "" {
				sh(t, w.fill(f.breaks))
			}
			if f.with != "" {
				defer w.end(w.serve(t, w.computer, f.with))
			}
			if f.shows != "" {
				until(t, "the fault to be there", w.fill(f.shows))
			}
			f.check(t, w.probe(t, f.ask(), f.env...))
		})
	}
}

func (f fault) ask() network.Check {
	c := network.Check{Desk: deskURL, Services: f.service, Beacons: []string{"http://beacon.example/generate_204"}, Outside: []string{serviceIP + ":53"}}
	if f.desk != "" {
		c.Desk = strings.TrimPrefix(f.desk, "-")
	}
	if f.alone {
		c.Beacons, c.Outside = []string{}, []string{}
	}
	return c
}

func (f fault) check(t *testing.T, r report.Result) {
	t.Helper()
	all, _ := json.Marshal(r)
	t.Logf("%s", all)
	if r.Check != "network" || r.Code != f.code || f.verdict != "" && r.Verdict != f.verdict {
		t.Errorf("said %s %s %s, want %s %s", r.Check, r.Verdict, r.Code, f.verdict, f.code)
	}
	for key, value := range f.params {
		if got, ok := r.Params[key]; !ok || value != "*" && fmt.Sprint(got) != value {
			t.Errorf("param %s = %v, want %s", key, got, value)
		}
	}
	for _, lang := range words.Langs {
		s := words.In(lang).Of(r.Code, r.Params)
		if s.Title == r.Code || strings.ContainsAny(s.Title+s.Says+s.Do, "{}…@") {
			t.Errorf("in %s it reads %+v", lang, s)
		}
	}
	if f.also != nil {
		f.also(t, r)
	}
}

// measured: every figure of the way is there.
func measured(t *testing.T, r report.Result) {
	for _, key := range []string{"links", "gateway", "gateway_ms", "dns_servers", "dns_ms", "connect_ms", "tls_ms", "answer_ms", "rtt_ms", "jitter_ms", "ipv6"} {
		if _, ok := r.Detail[key]; !ok {
			t.Errorf("no %s", key)
		}
	}
	for _, key := range []string{"not_measured", "internet", "also"} {
		if v, ok := r.Detail[key]; ok {
			t.Errorf("%s: %v", key, v)
		}
	}
}

func throughProxy(t *testing.T, r report.Result) {
	if r.Detail["desk_proxy"] != routerIP+":3128" {
		t.Errorf("by way of %v", r.Detail["desk_proxy"])
	}
}

func selfAssigned(t *testing.T, r report.Result) {
	if r.Detail["self_assigned"] != "c0" {
		t.Errorf("self-assigned: %v", r.Detail["self_assigned"])
	}
}
