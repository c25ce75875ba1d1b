//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"raisehand/build/lab"
	"raisehand/capture/report"
)

const teacher = 1000 // the teacher's user and group

//go:embed helpers.sh
var helpers string

// room is the lab of namespaces: the teacher's computer, the school's router,
// the town.
type room struct {
	dir                  string
	client, router, town string
	pipewire             bool
	first                int // the computer's first process
	running              []*exec.Cmd
	said                 []*os.File
	busy                 float64         // share of the machine that others used during the last check
	family               map[string]bool // processes that belong to the computer when nothing is broken
}

// need says why no lab can be built here; empty: it can.
func need() string {
	if os.Geteuid() != 0 {
		return "network namespaces need root"
	}
	for _, p := range []string{"ip", "nft", "dnsmasq", "tinyproxy", "turnserver", "nsenter", "pulseaudio", "pactl", "espeak-ng", "curl", "dig"} {
		if _, err := exec.LookPath(p); err != nil {
			return p + " is missing: build/setup.sh sound netlab faults"
		}
	}
	if out, err := exec.Command("unshare", "-n", "-p", "-m", "--fork", "true").CombinedOutput(); err != nil {
		return "no namespace can be made: " + string(out)
	}
	return ""
}

// build builds a room and returns when everybody in it is ready.
func build(ctx context.Context, pipewire bool) (*room, error) {
	sweep()
	tag := fmt.Sprintf("rf%d", os.Getpid())
	if pipewire {
		tag += "p"
	}
	r := &room{client: tag + "c", router: tag + "r", town: tag + "t", pipewire: pipewire}
	var err error
	if r.dir, err = os.MkdirTemp("/tmp", "faults"); err != nil { // short: a socket's path is limited
		return nil, err
	}
	for _, step := range []func(context.Context) error{r.furnish, r.cables, r.townspeople, r.computer, r.sound} {
		if err := step(ctx); err != nil {
			err = fmt.Errorf("build the lab: %w\n%s", err, r.overheard())
			r.tearDown()
			return nil, err
		}
	}
	r.family = r.processes()
	return r, nil
}

// sweep takes away what a killed run has left behind.
func sweep() {
	out, err := exec.Command("ip", "netns", "list").Output()
	if err != nil {
		return
	}
	for _, m := range regexp.MustCompile(`(?m)^rf(\d+)p?[crt]\b`).FindAllStringSubmatch(string(out), -1) {
		if _, err := os.Stat("/proc/" + m[1]); errors.Is(err, os.ErrNotExist) {
			exec.Command("ip", "netns", "del", m[0]).Run()
			os.RemoveAll(filepath.Join("/etc/netns", m[0]))
		}
	}
}

// furnish lays out the lab's folder: the computer's /etc, the teacher's home,
// certificates, the program.
func (r *room) furnish(ctx context.Context) error {
	product, err := lab.Program("raisehand")
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for _, d := range []string{"home", "work", "bin", "pki", "dns"} {
		if err := os.Mkdir(r.path(d), 0o755); err != nil {
			return err
		}
	}
	if err := certificates(r.path("pki")); err != nil {
		return err
	}
	if err := sh(ctx, r.fill(`
chmod 755 LAB; chmod 1777 LAB/work; chown TEACHER:TEACHER LAB/home
mkdir LAB/etc && cd /etc && find . -mindepth 1 -maxdepth 1 ! -name netns -exec cp -a -t LAB/etc {} +
install -m 755 `+product+` LAB/bin/raisehand
install -m 755 `+self+` LAB/parts
cat LAB/pki/school.pem >>LAB/etc/ssl/certs/ca-certificates.crt
sed -i '/^[^:]*:[^:]*:TEACHER:/d' LAB/etc/passwd LAB/etc/group
echo 'wang.fang:x:TEACHER:TEACHER:Wang Fang:LAB/home:/bin/bash' >>LAB/etc/passwd
echo 'wang.fang:x:TEACHER:' >>LAB/etc/group
rm -f LAB/etc/resolv.conf
echo 'nameserver `+routerIP+`' >LAB/etc/resolv.conf
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 room-305\n' >LAB/etc/hosts
mkdir -p LAB/etc/pulse && echo 'autospawn = no' >LAB/etc/pulse/client.conf
rm -rf LAB/etc/raisehand
mkdir -p LAB/etc/raisehand/policies/managed
`)); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"teacher.env": strings.Join([]string{"HOME=" + r.path("home"), "USER=wang.fang", "LOGNAME=wang.fang", "LANG=C.UTF-8",
			"XDG_RUNTIME_DIR=/run/user/1000", "PATH=" + r.path("bin") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}, "\n") + "\n",
		"environment": "",
		"helpers.sh":  helpers,
		"voice.is":    "",
		"sound.sh":    r.soundScript(),
		"room.pa":     roomPA,
		"etc/raisehand/policies/managed/10-lab.json": labPolicy,
	} {
		if err := os.WriteFile(r.path(name), []byte(text), 0o755); err != nil {
			return err
		}
	}
	if err := os.Chown(r.path("voice.is"), teacher, teacher); err != nil {
		return err
	}
	return nil
}

// labPolicy is what the school has set. Keys of the product that are not named
// here keep their defaults: the town answers for the places they name.
const labPolicy = `{
  "desk_url": "` + deskURL + `",
  "services": ["class.example", "meet.example"],
  "devices": ["microphone", "speaker"],
  "stun_servers": ["stun.example:3478"],
  "name": "Wang Fang", "room": "305"
}
`

// outside are the public addresses that the product may ask; in the lab the
// town answers for them.
var outside = []string{"223.5.5.5", "119.29.29.29", "1.1.1.1", "8.8.8.8"}

var outsideNames = []string{"connect.rom.miui.com", "connectivitycheck.platform.hicloud.com", "connectivitycheck.gstatic.com"}

func (r *room) cables(ctx context.Context) error {
	resolver := filepath.Join("/etc/netns", r.router)
	if err := os.MkdirAll(resolver, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(resolver, "resolv.conf"), []byte("nameserver "+routerIP+"\n"), 0o644); err != nil {
		return err
	}
	script := `
for n in CLIENT ROUTER TOWN; do
  ip netns add $n; ip -n $n link set lo up
  ip netns exec $n sh -c 'for f in all default; do echo 0 >/proc/sys/net/ipv6/conf/$f/accept_dad; echo 1 >/proc/sys/net/ipv6/conf/$f/keep_addr_on_down; done'
done
ip link add c0 netns CLIENT type veth peer name r0 netns ROUTER
ip link add s0 netns TOWN type veth peer name r1 netns ROUTER
ip netns exec ROUTER sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
ip netns exec ROUTER nft add table ip nat
ip netns exec ROUTER nft add chain ip nat post '{ type nat hook postrouting priority 100; }'
ip netns exec ROUTER nft add rule ip nat post oifname r1 masquerade
`
	for _, ip := range outside {
		script += "ip -n TOWN addr add " + ip + "/32 dev lo\n"
	}
	if err := sh(ctx, r.fill(script)); err != nil {
		return err
	}
	return r.bash(ctx, "network_whole")
}

func (r *room) townspeople(ctx context.Context) error {
	names := []string{"--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file=", "--user=root", "--bind-interfaces", "--cache-size=0"}
	public := append([]string{"--local=/#/", "--listen-address=" + namesIP,
		"--address=/desk.school.example/" + deskIP, "--address=/desk.school.example/fd78::10",
		"--address=/class.example/" + serviceIP, "--address=/meet.example/" + otherIP,
		"--address=/beacon.example/" + serviceIP, "--address=/stun.example/" + stunIP}, names...)
	for _, n := range outsideNames {
		public = append(public, "--address=/"+n+"/"+serviceIP)
	}
	for _, ip := range outside {
		public = append(public, "--listen-address="+ip)
	}
	desk, err := lab.Program("raisehand-desk")
	if err != nil {
		return err
	}
	turn := []string{"-n", "-L", stunIP, "-L", stunOther, "--listening-port", "3478", "--alt-listening-port", "3479", "--tls-listening-port", "5349",
		"--cert", r.path("pki/desk.pem"), "--pkey", r.path("pki/desk.key"), "--lt-cred-mech", "--user", "teacher:secret", "--realm", "school.example",
		"--no-dtls", "--no-cli", "--log-file", "stdout", "--simple-log", "--pidfile", r.path("turn.pid"), "--userdb", r.path("turn.db"),
		"--min-port", "49160", "--max-port", "49190"}
	return errors.Join(
		r.start(r.town, "dnsmasq", public...),
		r.start(r.router, "dnsmasq", append([]string{"--listen-address=" + routerIP, "--server=" + namesIP}, names...)...),
		r.start(r.town, "turnserver", turn...),
		r.startUntil("ready", r.town, r.path("parts"), "town", r.path("pki")),
		r.startUntil("listening on ", r.town, desk, "serve", "--listen", "[::]:8443", "--data", r.path("desk"),
			"--tls-cert", r.path("pki/desk.pem"), "--tls-key", r.path("pki/desk.key")),
		r.until(ctx, "the name servers", "dig +tries=1 +time=1 @"+routerIP+" class.example | grep -q "+serviceIP, r.router),
		r.until(ctx, "the STUN server", "ss -lun | grep -q "+stunOther+":3479", r.town),
	)
}

// computer starts the teacher's computer.
func (r *room) computer(ctx context.Context) error {
	cmd := exec.Command("ip", "netns", "exec", r.client, r.path("parts"), "computer", r.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC}
	if err := r.until1(cmd, "ready"); err != nil {
		return err
	}
	r.first = cmd.Process.Pid
	return nil
}

// sound starts the sound server and the voice, and waits until the microphone
// hears it.
func (r *room) sound(ctx context.Context) error {
	if err := record(ctx, r.dir); err != nil {
		return err
	}
	if err := os.WriteFile(r.path("voice"), []byte("on 0 en\n"), 0o644); err != nil {
		return err
	}
	if err := r.bash(ctx, "sound_server start"); err != nil {
		return err
	}
	if err := r.launch(exec.Command("nsenter", append(r.asTeacher(), r.path("parts"), "voice", r.dir)...)); err != nil {
		return err
	}
	return r.bash(ctx, `await cmp -s "$LAB/voice" "$LAB/voice.is"`)
}

// fill puts the lab's names into a script.
func (r *room) fill(script string) string {
	return strings.NewReplacer("CLIENT", r.client, "ROUTER", r.router, "TOWN", r.town, "LAB", r.dir, "TEACHER", fmt.Sprint(teacher)).Replace(script)
}

func (r *room) path(name string) string { return filepath.Join(r.dir, name) }

func (r *room) start(where, program string, args ...string) error {
	cmd := exec.Command("ip", append([]string{"netns", "exec", where, program}, args...)...)
	r.listenTo(cmd)
	return r.launch(cmd)
}

// startUntil returns when the program has said a line that begins with sign.
func (r *room) startUntil(sign, where, program string, args ...string) error {
	return r.until1(exec.Command("ip", append([]string{"netns", "exec", where, program}, args...)...), sign)
}

func (r *room) until1(cmd *exec.Cmd, sign string) error {
	r.listenTo(cmd)
	cmd.Stdout = nil
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := r.launch(cmd); err != nil {
		return err
	}
	for s := bufio.NewScanner(out); s.Scan(); {
		if strings.HasPrefix(s.Text(), sign) {
			go io.Copy(io.Discard, out)
			return nil
		}
	}
	return fmt.Errorf("%v ended before it was ready", cmd.Args)
}

// listenTo keeps what a program says, for the case that it goes wrong.
func (r *room) listenTo(cmd *exec.Cmd) {
	f, err := os.CreateTemp(r.dir, "said")
	if err != nil {
		return
	}
	r.said = append(r.said, f)
	cmd.Stdout, cmd.Stderr = f, f
}

func (r *room) launch(cmd *exec.Cmd) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	cmd.Env = lab.Bare("HOME=" + r.dir)
	if err := launch(cmd); err != nil {
		return fmt.Errorf("start %v: %w", cmd.Args, err)
	}
	r.running = append(r.running, cmd)
	return nil
}

// overheard is the end of what the programs of the lab have said.
func (r *room) overheard() string {
	var b strings.Builder
	files := []string{r.path("home/sound.log")}
	for _, f := range r.said {
		files = append(files, f.Name())
	}
	for _, name := range files {
		raw, _ := os.ReadFile(name)
		if len(raw) > 2000 {
			raw = raw[len(raw)-2000:]
		}
		b.Write(raw)
	}
	return b.String()
}

func (r *room) until(ctx context.Context, what, script, where string) error {
	return lab.Until(ctx, what, func() bool { return exec.Command("ip", "netns", "exec", where, "sh", "-c", script).Run() == nil })
}

func (r *room) tearDown() {
	for i := len(r.running) - 1; i >= 0; i-- {
		r.running[i].Process.Kill()
		r.running[i].Wait()
	}
	for _, n := range []string{r.client, r.router, r.town} {
		exec.Command("ip", "netns", "del", n).Run()
		os.RemoveAll(filepath.Join("/etc/netns", n))
	}
	os.Remove("/etc/netns") // only if nobody else needs it
	for _, f := range r.said {
		f.Close()
	}
	if err := os.RemoveAll(r.dir); err != nil {
		fmt.Fprintln(os.Stderr, "clean up:", err)
	}
}

const scriptLimit = 60 * time.Second

// bash runs a piece of a fault with the helpers; the error carries what it
// said.
func (r *room) bash(ctx context.Context, script string) error {
	ctx, cancel := context.WithTimeout(ctx, scriptLimit)
	defer cancel()
	out, err := os.CreateTemp(r.dir, "bash") // no pipe: what is started in the background would hold it open
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd := exec.CommandContext(ctx, "bash", "-c", "set -eu -o pipefail\n. \"$LAB/helpers.sh\"\n"+script)
	cmd.Dir = r.path("work")
	cmd.Env = lab.Bare("LAB="+r.dir, "WORK="+r.path("work"), "CLIENT="+r.client, "ROUTER="+r.router, "TOWN="+r.town,
		fmt.Sprint("INIT=", r.first), "PARTS="+r.path("parts"), "HOME="+r.path("work"))
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	if err != nil {
		raw, _ := os.ReadFile(out.Name())
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(raw))
	}
	return err
}

// check is the whole diagnosis as the teacher would start it, and how long it
// took.
func (r *room) check(ctx context.Context, more ...string) (got report.Report, took time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, scriptLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nsenter", append(r.asTeacher(), append([]string{r.path("bin/raisehand"), "check", "--json"}, more...)...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	before := r.usage()
	start := time.Now()
	err = cmd.Run()
	took = time.Since(start)
	r.busy = 0
	if cmd.ProcessState != nil {
		r.busy = r.others(before, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil // something failed: that is an answer
	}
	if err != nil {
		return got, took, fmt.Errorf("raisehand check: %w: %s%s", err, &errs, &out)
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		return got, took, fmt.Errorf("read the report: %w: %s", err, &out)
	}
	return got, took, nil
}

// asTeacher are the arguments of nsenter before a command of the teacher's.
func (r *room) asTeacher() []string {
	args := []string{"-t", fmt.Sprint(r.first), "-m", "-u", "-i", "-n", "-p", "-S", fmt.Sprint(teacher), "-G", fmt.Sprint(teacher), "--", "env", "-i"}
	for _, file := range []string{"teacher.env", "environment"} {
		raw, _ := os.ReadFile(r.path(file))
		args = append(args, strings.Fields(string(raw))...)
	}
	return args
}

// try makes one fault, lets the product look, and takes it back.
func (r *room) try(ctx context.Context, f fault) (o outcome) {
	o.fault = f
	source := ". " + f.path + "\n"
	defer func() {
		if err := r.tidy(ctx); err != nil && o.trouble == nil {
			o.trouble = err
		}
	}()
	if err := r.bash(ctx, source+"make"); err != nil {
		o.trouble = fmt.Errorf("make: %w", err)
		r.bash(ctx, source+"undo")
		o.spoilt = true
		return o
	}
	if err := r.bash(ctx, "set +e +o pipefail\n"+source+"prove"); err != nil {
		o.trouble = fmt.Errorf("the fault is not there: %w", err)
	} else {
		o.report, o.took, err = r.check(ctx)
		if err != nil {
			o.trouble = err
		}
	}
	if err := r.bash(ctx, source+"undo"); err != nil && o.trouble == nil {
		o.trouble, o.spoilt = fmt.Errorf("undo: %w", err), true
	}
	if err := r.bash(ctx, "set +e +o pipefail\n"+source+"prove"); err == nil {
		o.spoilt = true
		if o.trouble == nil {
			o.trouble = errors.New("the fault is still there after undo")
		}
	}
	return o
}

// tidy puts back what a fault may change by the helpers, and ends what it has
// left running on the computer.
func (r *room) tidy(ctx context.Context) error {
	if os.Remove(r.path("sound.new")) == nil { // a new sound server has joined the family
		if err := r.bash(ctx, `for f in "$WORK"/*.pid; do [ ! -e "$f" ] || finish "$(basename "$f" .pid)"; done`); err != nil {
			return err
		}
		r.family = r.processes()
	}
	for pid := range r.processes() {
		switch {
		case r.family[pid]:
		case sounds(pid):
			r.family[pid] = true
		default:
			exec.Command("kill", "-KILL", pid).Run()
		}
	}
	return r.bash(ctx, `
for f in "$WORK"/*.pid; do [ ! -e "$f" ] || finish "$(basename "$f" .pid)"; done
: >"$LAB/environment"; rm -f "$managed/90-fault.json"
rm -rf "$LAB/home/.local/state/raisehand"
find "$WORK" -mindepth 1 -delete
network_whole
grep -qx "on 0 en" "$LAB/voice" || speak`)
}

// sounds says whether a process belongs to the sound server, which a fault may
// have had to start anew.
func sounds(pid string) bool {
	raw, _ := os.ReadFile(filepath.Join("/proc", pid, "cmdline"))
	name, args, _ := strings.Cut(string(raw), "\x00")
	switch filepath.Base(name) {
	case "pulseaudio", "pipewire", "pipewire-pulse", "wireplumber", "dbus-daemon":
		return true
	case "pacat":
		return strings.Contains(args, "--client-name=silence\x00") || strings.Contains(args, "--client-name=voice\x00")
	}
	return false
}

// processes are the machine's numbers of all processes on the computer.
func (r *room) processes() map[string]bool {
	all := map[string]bool{}
	here, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", r.first))
	if err != nil {
		return all
	}
	spaces, _ := filepath.Glob("/proc/[0-9]*/ns/pid")
	for _, s := range spaces {
		if there, err := os.Readlink(s); err == nil && there == here {
			all[strings.Split(s, "/")[2]] = true
		}
	}
	return all
}

func sh(ctx context.Context, script string) error {
	if out, err := exec.CommandContext(ctx, "sh", "-ec", script).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s\n%s", err, out, script)
	}
	return nil
}

// launch starts a program that dies with this one. The signal that does it is
// tied to the thread that started the program, so one thread starts them all
// and never ends.
func launch(cmd *exec.Cmd) error {
	launcher.Do(func() {
		go func() {
			runtime.LockOSThread()
			for job := range launches {
				job.err <- job.cmd.Start()
			}
		}()
	})
	job := launching{cmd, make(chan error)}
	launches <- job
	return <-job.err
}

type launching struct {
	cmd *exec.Cmd
	err chan error
}

var (
	launcher sync.Once
	launches = make(chan launching)
)
