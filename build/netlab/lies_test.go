//go:build linux

package netlab

import (
	"testing"

	"raisehand/capture/report"
)

// redirected sends every question about a name to another name server.
func redirected(port string) string {
	return rules("ROUTER", prerouting+"ip daddr "+routerIP+" meta l4proto { tcp, udp } th dport 53 redirect to :"+port+"; }")
}

// rumours are name servers of which some lie.
var rumours = []fault{
	{name: "a service is led nowhere", service: both, breaks: redirected("8053"),
		shows:   "ip netns exec COMPUTER getent hosts " + classes + " | grep -q 127.0.0.1",
		verdict: report.Warn, code: "network.dns_lies", params: map[string]string{"name": classes}},
	{name: "a service is led to a stranger inside", service: both, breaks: redirected("8054"),
		shows:   "ip netns exec COMPUTER getent hosts " + meets + " | grep -q " + routerIP,
		verdict: report.Warn, code: "network.dns_lies", params: map[string]string{"name": meets}},
	{name: "services are said not to exist", service: both, breaks: redirected("8055"), shows: "! ip netns exec COMPUTER getent hosts " + classes,
		verdict: report.Fail, code: "network.dns_lies", params: map[string]string{"name": classes}},
	{name: "the desk is led to another", breaks: redirected("8056"), shows: "ip netns exec COMPUTER getent hosts " + deskName + " | grep -q " + routerIP,
		verdict: report.Fail, code: "network.dns_lies", params: map[string]string{"name": deskName}},
	{name: "inside another address than outside, and it works", service: both, breaks: redirected("8057"), verdict: report.OK, code: "network.ok"},
	{name: "a name of the school's own, unknown outside", desk: "https://inside.school.example", service: both, breaks: redirected("8057"),
		code: "network.desk_unreachable"},
	{name: "nobody may be asked", service: both, breaks: redirected("8053"), alone: true, verdict: report.Warn, code: "network.service_unreachable"},
	{name: "the first of two name servers is dead", service: both, breaks: "printf 'nameserver 203.0.113.99\\nnameserver " + routerIP + "\\n' >/etc/netns/COMPUTER/resolv.conf",
		shows: "! ip netns exec COMPUTER dig +tries=1 +time=1 @203.0.113.99 " + deskName, code: "network.dns_slow", params: map[string]string{"seconds": "*"}},
}

func TestRumours(t *testing.T) {
	w := build(t)
	common := []string{"--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--bind-interfaces", "--cache-size=0"}
	truth := []string{"--address=/" + classes + "/" + serviceIP, "--address=/" + meets + "/" + otherIP}
	public := append(append([]string{"--listen-address=" + otherIP, "--local=/#/", "--address=/" + deskName + "/" + deskIP}, truth...), common...)
	w.start(t, w.town, "dnsmasq", public...)
	for port, says := range map[string][]string{
		"8053": {"--address=/" + classes + "/127.0.0.1", truth[1], "--address=/" + deskName + "/" + deskIP},
		"8054": {truth[0], "--address=/" + meets + "/" + routerIP, "--address=/" + deskName + "/" + deskIP},
		"8055": {"--address=/" + classes + "/", "--address=/" + meets + "/", "--address=/" + deskName + "/" + deskIP},
		"8056": {"--address=/" + deskName + "/" + routerIP},
		"8057": append([]string{"--address=/" + deskName + "/fd78::10", "--address=/inside.school.example/" + routerIP}, truth...),
	} {
		w.start(t, w.router, "dnsmasq", append(append([]string{"--port=" + port, "--listen-address=" + routerIP, "--local=/#/"}, says...), common...)...)
		until(t, "the name server at "+port, w.fill("ip netns exec ROUTER ss -lun | grep -q :"+port))
	}
	until(t, "the public name server", w.fill("ip netns exec TOWN ss -ltn | grep -q "+otherIP+":53"))
	until(t, "IPv6", w.fill("ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/fd78::10/8443'"))
	for _, f := range rumours {
		t.Run(f.name, func(t *testing.T) {
			w.whole(t)
			resolver(t, w.computer, "nameserver "+routerIP+"\n")
			sh(t, w.fill(f.breaks))
			if f.shows != "" {
				until(t, "the fault to be there", w.fill(f.shows))
			}
			c := f.ask()
			if !f.alone {
				c.Outside = []string{otherIP + ":53", "203.0.113.99:53"}
			}
			f.check(t, w.probe(t, c))
		})
	}
}
