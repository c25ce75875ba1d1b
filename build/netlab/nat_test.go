//go:build linux

package netlab

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"raisehand/capture/network"
	"raisehand/capture/report"
)

// Where the servers for sound and picture live: in the town, and once more
// behind a provider who translates, too.
const (
	stunIP, stunOther   = "203.0.113.30", "203.0.113.31"
	outerIP, outerOther = "198.51.100.30", "198.51.100.31"
	turnName            = "turn.example"
)

// translates is a rule of nft that gives what leaves by an interface its address.
func translates(where, by, how string) string {
	return rules(where, `chain post { type nat hook postrouting priority 100; oifname "`+by+`" masquerade `+how+`; }`)
}

// detours are what a router does to sound and picture.
var detours = []struct {
	name     string
	breaks   string
	shows    string // a tool that is not ours sees it
	stun     []string
	turn     []string
	password string // instead of the right one
	verdict  report.Verdict
	code     string
	detail   map[string]string // "" must not be there
}{
	{name: "no translation", stun: []string{"stun:" + stunIP}, verdict: report.OK, code: "network.ok",
		detail: map[string]string{"nat_mapping": "none", "nat_double": "", "nat_carrier": "", "nat_hops": "[10.77.0.1]"}},
	{name: "an ordinary router", breaks: translates("ROUTER", "r1", ""), stun: []string{stunIP}, verdict: report.OK, code: "network.ok",
		detail: map[string]string{"nat_mapping": "endpoint_independent", "nat_filtering": "address_and_port_dependent", "nat_double": "", "nat_carrier": ""}},
	{name: "a strict router", breaks: translates("ROUTER", "r1", "fully-random"), stun: []string{stunIP}, verdict: report.Warn, code: "network.nat_strict",
		shows:  "ip netns exec ROUTER nft list ruleset | grep -q fully-random",
		detail: map[string]string{"nat_mapping": "address_and_port_dependent"}},
	{name: "a strict router, two servers with one address each", breaks: translates("ROUTER", "r1", "fully-random"), stun: []string{stunIP + ":3480", stunOther + ":3480"},
		verdict: report.Warn, code: "network.nat_strict", detail: map[string]string{"nat_mapping": "destination_dependent"}},
	{name: "one server with one address cannot tell", breaks: translates("ROUTER", "r1", "fully-random"), stun: []string{stunIP + ":3480"},
		verdict: report.OK, code: "network.ok", detail: map[string]string{"nat_mapping": ""}},
	{name: "a strict router, and a relay by UDP", breaks: translates("ROUTER", "r1", "fully-random"), stun: []string{stunIP}, turn: []string{"turn:" + stunIP + "?transport=udp"},
		verdict: report.OK, code: "network.ok", detail: map[string]string{"nat_mapping": "address_and_port_dependent", "turn": "packet passed on: true"}},
	{name: "a strict router, and a relay by TCP only", breaks: translates("ROUTER", "r1", "fully-random"), stun: []string{stunIP}, turn: []string{"turn:" + stunIP + "?transport=tcp"},
		verdict: report.Warn, code: "network.nat_strict", detail: map[string]string{"turn": "tcp answered"}},
	{name: "two routers one behind the other", breaks: translates("ROUTER", "r2", "") + behind("192.168.178"), stun: []string{outerIP},
		verdict: report.OK, code: "network.ok", detail: map[string]string{"nat_mapping": "endpoint_independent", "nat_double": "possible", "nat_carrier": "", "nat_hops": "[10.77.0.1 192.168.178.1]"}},
	{name: "two routers, the outer one strict", breaks: translates("ROUTER", "r2", "") + behind("192.168.178") + "ip netns exec PROVIDER nft flush ruleset\n" + translates("PROVIDER", "p1", "fully-random"), stun: []string{outerIP},
		verdict: report.Warn, code: "network.nat_strict", detail: map[string]string{"nat_double": "possible"}},
	{name: "the provider translates", breaks: translates("ROUTER", "r2", "") + behind("100.64.0"), stun: []string{outerIP},
		verdict: report.OK, code: "network.ok", detail: map[string]string{"nat_mapping": "endpoint_independent", "nat_carrier": "true", "nat_double": ""}},
	{name: "a STUN server that is away is no fault", stun: []string{"203.0.113.99", "nowhere.example"}, verdict: report.OK, code: "network.ok",
		detail: map[string]string{"nat_mapping": ""}},

	{name: "relay by every transport", turn: []string{"turn:" + stunIP, "turns:" + turnName}, verdict: report.OK, code: "network.ok",
		detail: map[string]string{"turn": "packet passed on: true"}},
	{name: "relay shut by the firewall", turn: []string{"turn:" + stunIP, "turns:" + turnName}, breaks: rules("ROUTER", forward+"ip daddr "+stunIP+" drop; }"),
		shows:   "! ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/" + stunIP + "/3478' 2>/dev/null",
		verdict: report.Warn, code: "network.turn_closed", detail: map[string]string{"turn": "no_answer"}},
	{name: "relay with its doors shut", turn: []string{"turn:" + stunIP + ":9", "turns:" + turnName + ":9"}, verdict: report.Warn, code: "network.turn_closed",
		detail: map[string]string{"turn": "refused"}},
	{name: "one transport is enough", turn: []string{"turn:" + stunIP + "?transport=udp", "turns:" + turnName}, breaks: rules("ROUTER", forward+"ip daddr "+stunIP+" meta l4proto udp drop; }"),
		verdict: report.OK, code: "network.ok", detail: map[string]string{"turn": "tls answered"}},
	{name: "relay that does not know the name", turn: []string{"turn:" + stunIP + "?transport=udp"}, password: "wrong", verdict: report.OK, code: "network.ok",
		detail: map[string]string{"turn": "sign_in_refused"}},
}

// behind puts a second router between the first one and the servers.
func behind(net string) string {
	return `ip -n ROUTER addr add ` + net + `.2/24 dev r2; ip -n PROVIDER addr add ` + net + `.1/24 dev p0
ip -n ROUTER route replace 198.51.100.0/24 via ` + net + `.1
` + translates("PROVIDER", "p1", "")
}

func TestDetours(t *testing.T) {
	w := build(t)
	w.media(t)
	until(t, "IPv6", w.fill("ip netns exec COMPUTER timeout 1 bash -c ': </dev/tcp/fd78::10/8443'"))
	for _, d := range detours {
		t.Run(d.name, func(t *testing.T) {
			w.whole(t)
			defer w.whole(t)
			defer sh(t, w.inPlaces(asBefore))
			sh(t, w.inPlaces(d.breaks))
			if d.shows != "" {
				until(t, "the fault to be there", w.inPlaces(d.shows))
			}
			c := network.Check{Desk: deskURL, Beacons: []string{}, Outside: []string{}, STUN: d.stun, TURN: d.turn, TURNUser: "teacher", TURNPassword: "secret"}
			if d.password != "" {
				c.TURNPassword = d.password
			}
			r := w.probe(t, c)
			fault{verdict: d.verdict, code: d.code, also: func(t *testing.T, r report.Result) {
				for key, want := range d.detail {
					got, there := r.Detail[key]
					if there != (want != "") || there && !strings.Contains(fmt.Sprint(got), want) {
						t.Errorf("%s is %v, want %q", key, got, want)
					}
				}
			}}.check(t, r)
		})
	}
}

// asBefore takes the second router's addresses back.
const asBefore = `ip -n ROUTER addr flush dev r2; ip -n PROVIDER addr flush dev p0; ip netns exec PROVIDER nft flush ruleset
`

// inPlaces puts the namespaces' names into a script, the provider's too.
func (w *world) inPlaces(script string) string {
	return strings.ReplaceAll(w.fill(script), "PROVIDER", w.town+"p")
}

// media builds the second way out, and starts the servers.
func (w *world) media(t *testing.T) {
	t.Helper()
	t.Cleanup(func() { exec.Command("ip", "netns", "del", w.town+"p").Run() })
	sh(t, w.inPlaces(`
ip netns add PROVIDER; ip -n PROVIDER link set lo up
ip link add r2 netns ROUTER type veth peer name p0 netns PROVIDER
ip link add p1 netns PROVIDER type veth peer name s1 netns TOWN
for x in ROUTER:r2 PROVIDER:p0 PROVIDER:p1 TOWN:s1; do ip -n ${x%:*} link set ${x#*:} up; done
ip netns exec PROVIDER sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
ip -n PROVIDER addr add 198.51.100.1/24 dev p1
for a in `+outerIP+" "+outerOther+`; do ip -n TOWN addr add $a/24 dev s1; done
for a in `+stunIP+" "+stunOther+`; do ip -n TOWN addr add $a/24 dev s0; done
`))
	pair := filepath.Join(w.dir, "turn")
	signed := sign(t, w.dir, "media", "Media", nil)
	sign(t, w.dir, "turn", "Relay", signed, turnName)
	sh(t, "cat "+filepath.Join(w.dir, "media.pem")+" >>"+filepath.Join(w.dir, "school.pem"))
	for i, who := range []string{"-L " + stunIP + " -L " + stunOther, "-L " + outerIP + " -L " + outerOther,
		"-L " + stunIP + " --listening-port 3480", "-L " + stunOther + " --listening-port 3480"} {
		args := append(strings.Fields(who), "-n", "--lt-cred-mech", "--user", "teacher:secret", "--realm", "school.example", "--no-dtls", "--no-cli",
			"--cert", pair+".pem", "--pkey", pair+".key", "--log-file", "stdout", "--simple-log",
			"--pidfile", fmt.Sprintf("%s%d.pid", pair, i), "--userdb", fmt.Sprintf("%s%d.db", pair, i),
			"--min-port", fmt.Sprint(49160+100*i), "--max-port", fmt.Sprint(49190+100*i))
		if i > 1 {
			args = append(args, "--no-tls")
		}
		w.start(t, w.town, "turnserver", args...)
	}
	for _, at := range []string{stunOther + ":3479", outerOther + ":3479", stunIP + ":3480", stunOther + ":3480"} {
		until(t, "the STUN server at "+at, w.fill("ip netns exec TOWN ss -lun | grep -q "+at))
	}
}
