//go:build linux

package netlab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"raisehand/build/lab"
	"raisehand/capture/network"
	"raisehand/capture/report"
)

// Addresses of the small world: computer — router — town.
const (
	computerIP = "10.77.0.2"
	routerIP   = "10.77.0.1"
	deskIP     = "203.0.113.10"
	serviceIP  = "203.0.113.20"
	otherIP    = "203.0.113.21" // a second service
	deskName   = "desk.school.example"
	deskURL    = "https://" + deskName + ":8443"
	deskPlain  = "http://" + deskName + ":8080"
)

// world is three namespaces with cables between them, and who lives there.
type world struct {
	computer, router, town string
	dir                    string
	desk                   string // the desk's program
	running                []*exec.Cmd
}

// need says why the lab cannot be built here; never in CI.
func need(t *testing.T) {
	t.Helper()
	why := ""
	if os.Geteuid() != 0 {
		why = "network namespaces need root"
	}
	for _, p := range []string{"ip", "tc", "nft", "dnsmasq", "tinyproxy", "turnserver", "gsettings", "dig", "curl"} {
		if _, err := exec.LookPath(p); err != nil && why == "" {
			why = p + " is missing: build/setup.sh netlab"
		}
	}
	if why == "" {
		if out, err := exec.Command("unshare", "-n", "true").CombinedOutput(); err != nil {
			why = "no network namespace can be made: " + string(out)
		}
	}
	switch {
	case why == "":
	case os.Getenv("CI") == "true":
		t.Fatal("no network was broken: " + why)
	default:
		fmt.Fprintln(os.Stderr, "SKIPPED: no network was broken: "+why)
		t.Skip("no network was broken: " + why)
	}
}

func build(t *testing.T) *world {
	t.Helper()
	need(t)
	tag := fmt.Sprintf("rh%d", os.Getpid())
	w := &world{computer: tag + "c", router: tag + "r", town: tag + "t"}
	var err error
	if w.dir, err = os.MkdirTemp("", "netlab"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.tearDown(t) })
	if err := os.Chmod(w.dir, 0o755); err != nil { // the probe is nobody in particular
		t.Fatal(err)
	}
	for _, n := range []string{w.computer, w.router} { // the proxy looks names up, too
		resolver(t, n, "nameserver "+routerIP+"\n")
	}
	for _, n := range []string{w.computer, w.router, w.town} {
		sh(t, "ip netns add "+n+" && ip -n "+n+" link set lo up")
	}
	sh(t, w.fill(`
ip link add c0 netns COMPUTER type veth peer name r0 netns ROUTER
ip link add s0 netns TOWN type veth peer name r1 netns ROUTER
ip -n TOWN link set s0 up
ip -n TOWN addr add `+deskIP+`/24 dev s0
ip -n TOWN addr add `+serviceIP+`/24 dev s0
ip -n TOWN addr add `+otherIP+`/24 dev s0
ip -n TOWN addr add fd78::10/64 dev s0 nodad
ip netns exec ROUTER sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
`))
	w.whole(t)
	w.people(t)
	return w
}

// whole puts the cable and the router back as they should be.
func (w *world) whole(t *testing.T) {
	t.Helper()
	sh(t, w.fill(`
ip netns exec ROUTER nft flush ruleset
ip netns exec TOWN nft flush ruleset
ip netns exec COMPUTER nft flush ruleset
ip netns exec ROUTER tc qdisc del dev r0 root 2>/dev/null || true
ip netns exec COMPUTER tc qdisc del dev c0 root 2>/dev/null || true
ip -n ROUTER link set r0 up
ip -n ROUTER link set r1 up
ip -n ROUTER addr replace 203.0.113.1/24 dev r1
ip -n ROUTER addr replace fd78::1/64 dev r1 nodad
ip -n TOWN route replace default via 203.0.113.1
ip -n TOWN -6 route replace default via fd78::1
ip -n COMPUTER link set c0 up
ip -n ROUTER addr replace `+routerIP+`/24 dev r0
ip -n ROUTER addr replace fd77::1/64 dev r0 nodad
ip -n COMPUTER addr flush dev c0 scope global
ip -n COMPUTER addr del 169.254.7.7/16 dev c0 2>/dev/null || true
ip -n COMPUTER addr replace `+computerIP+`/24 dev c0
ip -n COMPUTER addr replace fd77::2/64 dev c0 nodad
ip -n COMPUTER route replace default via `+routerIP+`
ip -n COMPUTER -6 route replace default via fd77::1
ip -n COMPUTER neigh flush all
`))
}

// people start whoever lives in the world: names, pages, a desk.
func (w *world) people(t *testing.T) {
	t.Helper()
	certificates(t, w.dir)
	w.start(t, w.router, "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file=",
		"--user=root", "--bind-interfaces", "--listen-address="+routerIP, "--cache-size=0",
		"--address=/"+deskName+"/"+deskIP, "--address=/"+deskName+"/fd78::10",
		"--address=/turn.example/203.0.113.30", "--address=/class.example/"+serviceIP, "--address=/meet.example/"+otherIP, "--address=/beacon.example/"+serviceIP,
		"--address=/school.example/", "--address=/invalid/")
	w.serve(t, w.town, "town")
	w.serve(t, w.router, "between")
	conf := filepath.Join(w.dir, "tinyproxy.conf")
	write(t, conf, "Port 3128\nListen "+routerIP+"\nTimeout 10\nMaxClients 20\nConnectPort 443\nConnectPort 8443\nUser nobody\nGroup nogroup\n")
	w.start(t, w.router, "tinyproxy", "-d", "-c", conf)

	program, err := lab.Program("raisehand-desk")
	if err != nil {
		t.Fatal(err)
	}
	w.desk = program
	w.startDesk(t, "[::]:8443", "--tls-cert", filepath.Join(w.dir, "desk.pem"), "--tls-key", filepath.Join(w.dir, "desk.key"))
	w.startDesk(t, "[::]:8080", "--behind-tls-proxy")
}

func (w *world) startDesk(t *testing.T, listen string, more ...string) {
	t.Helper()
	args := append([]string{"serve", "--listen", listen, "--data", filepath.Join(w.dir, "desk"+listen[4:])}, more...)
	w.startUntil(t, w.town, "listening on ", w.desk, args...)
}

// serve starts this very test binary in another part; see TestMain.
func (w *world) serve(t *testing.T, where, part string) *exec.Cmd {
	t.Helper()
	return w.startUntil(t, where, "ready", os.Args[0], part, w.dir)
}

func (w *world) command(where, program string, args ...string) *exec.Cmd {
	cmd := exec.Command("ip", append([]string{"netns", "exec", where, program}, args...)...)
	cmd.Env = lab.Bare(partVar + "=1")
	return cmd
}

func (w *world) start(t *testing.T, where, program string, args ...string) {
	t.Helper()
	cmd := w.command(where, program, args...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	w.running = append(w.running, cmd)
	t.Cleanup(func() {
		if t.Failed() && said.Len() > 0 {
			t.Logf("%s said: %s", program, said.String())
		}
	})
}

func (w *world) startUntil(t *testing.T, where, sign, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := w.command(where, program, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	w.running = append(w.running, cmd)
	for s := bufio.NewScanner(out); s.Scan(); {
		if strings.HasPrefix(s.Text(), sign) {
			go io.Copy(io.Discard, out)
			return cmd
		}
	}
	t.Fatalf("%s %v ended: %s", program, args, errs.String())
	return nil
}

// end ends one of the running before the rest.
func (w *world) end(cmd *exec.Cmd) {
	cmd.Process.Kill()
	cmd.Wait()
	w.running = slices.DeleteFunc(w.running, func(c *exec.Cmd) bool { return c == cmd })
}

func (w *world) tearDown(t *testing.T) {
	for _, c := range w.running {
		c.Process.Kill()
		c.Wait()
	}
	for _, n := range []string{w.computer, w.router, w.town} {
		exec.Command("ip", "netns", "del", n).Run()
		os.RemoveAll(filepath.Join("/etc/netns", n))
	}
	os.Remove("/etc/netns") // only if nobody else needs it
	if err := os.RemoveAll(w.dir); err != nil {
		t.Errorf("clean up: %v", err)
	}
}

// resolver sets what is known about name servers in a namespace.
func resolver(t *testing.T, where, text string) {
	t.Helper()
	dir := filepath.Join("/etc/netns", where)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "resolv.conf"), text)
}

// fill puts the namespaces' names into a script.
func (w *world) fill(script string) string {
	return strings.NewReplacer("COMPUTER", w.computer, "ROUTER", w.router, "TOWN", w.town).Replace(script)
}

// probe runs the check on the computer, as an ordinary user.
func (w *world) probe(t *testing.T, c network.Check, env ...string) report.Result {
	t.Helper()
	raw, err := json.Marshal(asked{Desk: c.Desk, Services: c.Services, Beacons: c.Beacons, Outside: c.Outside, InClass: c.Situation.InClass(),
		STUN: c.STUN, TURN: c.TURN, User: c.TURNUser, Password: c.TURNPassword})
	if err != nil {
		t.Fatal(err)
	}
	cmd := w.command(w.computer, os.Args[0], "probe", string(raw))
	cmd.Env = append(cmd.Env, append(env, "SSL_CERT_FILE="+filepath.Join(w.dir, "school.pem"), "SSL_CERT_DIR="+w.dir+"/none")...)
	a, err := lab.Run(cmd)
	if err != nil || a.Code != 0 {
		t.Fatalf("the probe ended with %d, %v: %s", a.Code, err, a.Err)
	}
	var r report.Result
	if err := json.Unmarshal([]byte(a.Out), &r); err != nil {
		t.Fatalf("%v: %s", err, a.Out)
	}
	return r
}

// until waits for something in the world that has no event of its own.
func until(t *testing.T, what, script string) {
	t.Helper()
	err := lab.Until(context.Background(), what, func() bool { return exec.Command("sh", "-c", script).Run() == nil })
	if err != nil {
		t.Fatal(err)
	}
}

func sh(t *testing.T, script string) {
	t.Helper()
	if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s\n%s", err, out, script)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
