//go:build linux

package netlab

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"

	"raisehand/capture"
	"raisehand/capture/network"
	"raisehand/capture/report"
)

// lines are what a line does to what goes over it, and what the check must
// call it.
var lines = []struct {
	name     string
	up, down string // the cable
	breaks   string
	shows    string // by a tool that is not ours
	inClass  bool
	verdict  report.Verdict
	code     string
	least    map[string]float64 // figures that have to be there, from …
	most     map[string]float64 // … to
	none     []string           // and those that must not
}{
	{name: "UDP closed before anybody has come through", breaks: rules("ROUTER", forward+"udp dport 8443 drop; }"),
		verdict: report.OK, code: "network.ok"},
	{name: "nothing wrong", verdict: report.OK, code: "network.ok",
		least: map[string]float64{"up_kbps": 10_000, "down_kbps": 10_000, "udp_packets": 25}, most: map[string]float64{"udp_loss_pct": 0, "udp_rtt_ms": 50}},
	{name: "in class", inClass: true, verdict: report.OK, code: "network.ok", least: map[string]float64{"udp_packets": 15}, most: map[string]float64{"udp_packets": 15},
		none: []string{"up_kbps", "down_kbps"}},
	{name: "UDP closed", breaks: rules("ROUTER", forward+"udp dport 8443 drop; }"), verdict: report.Warn, code: "network.udp_closed"},
	{name: "UDP closed on the way back", breaks: rules("ROUTER", forward+"udp sport 8443 drop; }"), verdict: report.Warn, code: "network.udp_closed"},
	{name: "UDP refused", breaks: rules("ROUTER", forward+"udp dport 8443 reject; }"), verdict: report.Warn, code: "network.udp_closed"},

	{name: "far away", up: "delay=60ms", down: "delay=60ms", verdict: report.OK, code: "network.ok", least: map[string]float64{"rtt_ms": 115, "up_kbps": 200, "down_kbps": 200}},
	{name: "far away, not the fastest", up: "delay=60ms,kbps=1000", down: "delay=60ms,kbps=2000", verdict: report.OK, code: "network.ok"},
	{name: "very far away", up: "delay=300ms", down: "delay=300ms", verdict: report.Warn, code: "network.slow", least: map[string]float64{"connect_ms": 590}},
	{name: "far away and slow", up: "delay=210ms", down: "delay=210ms", verdict: report.Warn, code: "network.slow", least: map[string]float64{"connect_ms": 415}},
	{name: "unsteady delay", up: "stall=350ms", verdict: report.Warn, code: "network.jittery"},
	{name: "packets lost on the way out", up: "loss=12", code: "network.unsteady", least: map[string]float64{"udp_lost_up": 1}, most: map[string]float64{"udp_lost_down": 1}},
	{name: "packets lost on the way back", down: "loss=12", code: "network.unsteady", least: map[string]float64{"udp_lost_down": 1}, most: map[string]float64{"udp_lost_up": 1}},
	{name: "a narrow way out", up: "kbps=200", verdict: report.Warn, code: "network.slow_up", most: map[string]float64{"up_kbps": 260}},
	{name: "a narrow way back", down: "kbps=200", verdict: report.Warn, code: "network.slow_down", most: map[string]float64{"down_kbps": 260}, least: map[string]float64{"up_kbps": 1000}},
	{name: "narrow both ways, and far", up: "delay=30ms,kbps=200", down: "delay=30ms,kbps=200", verdict: report.Warn, code: "network.slow_up", most: map[string]float64{"up_kbps": 260}},
	{name: "a narrow line by the kernel's own hand", breaks: "ip netns exec COMPUTER tc qdisc add dev c0 root tbf rate 200kbit burst 3kb latency 2000ms",
		shows: "ip netns exec COMPUTER tc qdisc show dev c0 | grep -q 200Kbit", verdict: report.Warn, code: "network.slow_up"},

	{name: "smaller packets, and the router says so", breaks: "ip -n ROUTER link set r1 mtu 1300\nip -n TOWN link set s0 mtu 1300", verdict: report.OK, code: "network.ok"},
	{name: "large packets vanish", breaks: "ip -n ROUTER link set r1 mtu 1300\n" + tellNothing, shows: narrowHole,
		verdict: report.Fail, code: "network.mtu"},
	{name: "large packets vanish, in class", inClass: true, breaks: "ip -n ROUTER link set r1 mtu 1300\n" + tellNothing, shows: narrowHole,
		verdict: report.Fail, code: "network.mtu"},
	{name: "large packets vanish, even the certificate", breaks: "ip -n ROUTER link set r1 mtu 700\n" + tellNothing, shows: narrowHole,
		verdict: report.Fail, code: "network.mtu"},
}

// tellNothing: a router that says nothing about packets that do not fit.
var tellNothing = rules("ROUTER", "chain o { type filter hook output priority 0; icmp type destination-unreachable drop; icmpv6 type packet-too-big drop; }")

const narrowHole = "ip netns exec COMPUTER ping -c 1 -W 1 " + deskIP + " >/dev/null && ! ip netns exec COMPUTER ping -c 1 -W 1 -M do -s 1400 " + deskIP + " >/dev/null"

// fits puts the sizes of packets back as they were.
const fits = "ip -n ROUTER link set r1 mtu 1500; ip -n TOWN link set s0 mtu 1500; ip -n TOWN addr replace fd78::10/64 dev s0 nodad; " +
	"ip -n COMPUTER route flush cache; ip -n TOWN route flush cache"

func TestLines(t *testing.T) {
	w := build(t)
	until(t, "the name server", w.fill("ip netns exec COMPUTER getent hosts "+deskName))
	until(t, "IPv6", w.fill("ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/fd78::10/8443'"))
	for _, l := range lines {
		t.Run(l.name, func(t *testing.T) {
			w.whole(t)
			defer func() { sh(t, w.fill(fits)); w.whole(t) }()
			if l.up != "" || l.down != "" {
				w.cable(t, l.up, l.down)
			}
			if l.breaks != "" {
				sh(t, w.fill(l.breaks))
			}
			if l.shows != "" {
				until(t, "the fault to be there", w.fill(l.shows))
			}
			f := fault{verdict: l.verdict, code: l.code}
			c := f.ask()
			c.Situation.ClassAssumed = l.inClass
			r := w.probe(t, c)
			f.check(t, r)
			for key, want := range l.least {
				if got, ok := r.Detail[key].(float64); !ok || got < want {
					t.Errorf("%s is %v, want at least %v", key, r.Detail[key], want)
				}
			}
			for key, want := range l.most {
				if got, ok := r.Detail[key].(float64); !ok || got > want {
					t.Errorf("%s is %v, want at most %v", key, r.Detail[key], want)
				}
			}
			for _, key := range l.none {
				if got, ok := r.Detail[key]; ok {
					t.Errorf("%s is %v", key, got)
				}
			}
		})
	}
}

// TestHealthyEveryTime: a network with nothing wrong is never called anything
// else, on a computer that has other things to do.
func TestHealthyEveryTime(t *testing.T) {
	runs := 10
	if n, err := strconv.Atoi(os.Getenv("RAISEHAND_NETLAB_RUNS")); err == nil {
		runs = n
	}
	w := build(t)
	until(t, "the name server", w.fill("ip netns exec COMPUTER getent hosts "+deskName))
	until(t, "IPv6", w.fill("ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/fd78::10/8443'"))
	stop := work(2)
	defer stop()
	for i := range runs {
		c := network.Check{Desk: deskURL, Services: []string{classes, meets}, Beacons: []string{}, Outside: []string{}}
		c.Situation = capture.Situation{ClassAssumed: i%3 == 0}
		if r := w.probe(t, c); r.Verdict != report.OK || r.Detail["not_measured"] != nil {
			t.Errorf("run %d: %s %s %v %v", i, r.Verdict, r.Code, r.Params, r.Detail)
		}
	}
	fmt.Fprintf(os.Stderr, "%d runs on a healthy network\n", runs)
}

// work keeps so many threads busy until stop.
func work(threads int) (stop func()) {
	end := make(chan struct{})
	var all sync.WaitGroup
	for range threads {
		all.Go(func() {
			for n := 0; ; n++ {
				if n%1_000_000 == 0 {
					select {
					case <-end:
						return
					default:
					}
				}
			}
		})
	}
	return func() { close(end); all.Wait() }
}
