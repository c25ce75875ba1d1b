//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"raisehand/capture/report"
)

// What the machine's network is like: a cable to a router that is also the
// name server and the desk.
const (
	insidePolicy = `{"desk_url": "http://desk.school.example:8080", "devices": ["camera"], "ask_outside": false}`
	insideParts  = "/tmp/parts"
	insideWork   = "/tmp/work"
)

// guest is what the machine runs: it does its jobs one after the other.
func guest() {
	if err := moveIn(); err != nil {
		fmt.Println("guest:", err)
		os.Exit(1)
	}
	jobs, err := os.ReadFile("/t/jobs")
	if err != nil {
		fmt.Println("guest:", err)
		os.Exit(1)
	}
	for _, job := range strings.Split(strings.TrimSpace(string(jobs)), "\n") {
		s := guestSays{ID: job}
		if err := s.do(); err != nil {
			s.Trouble = err.Error()
		}
		raw, _ := json.Marshal(s)
		fmt.Printf("\n%s%s\n", guestMark, raw)
	}
}

func moveIn() error {
	if err := errors.Join(
		exec.Command("/bin/busybox", "--install", "-s", "/bin").Run(),
		os.Symlink("/t/run", insideParts),
		os.MkdirAll("/etc/raisehand/policies/managed", 0o755),
		os.WriteFile("/etc/raisehand/policies/managed/10-lab.json", []byte(insidePolicy), 0o644),
		os.WriteFile("/etc/resolv.conf", []byte("nameserver "+routerIP+"\n"), 0o644),
		os.WriteFile("/etc/hosts", []byte("127.0.0.1 localhost\n"), 0o644),
		os.WriteFile("/etc/passwd", fmt.Appendf(nil, "root:x:0:0::/:/bin/sh\nwang.fang:x:%d:%d::/home:/bin/sh\n", teacher, teacher), 0o644),
	); err != nil {
		return err
	}
	return errors.Join(disk(), network())
}

// userRoot is the machine as its user sees it: the same, but on a disk that has
// room. The machine itself lives in memory, and its own is nearly full.
const userRoot = "/user"

func disk() error {
	if err := errors.Join(os.Mkdir(userRoot, 0o755), syscall.Mount("tmpfs", userRoot, "tmpfs", 0, "size=20g,mode=755")); err != nil {
		return err
	}
	for _, d := range []string{"bin", "usr", "lib", "lib64", "etc", "proc", "sys", "dev", "tmp", "t"} {
		if _, err := os.Stat("/" + d); err != nil {
			continue
		}
		if err := errors.Join(os.Mkdir(userRoot+"/"+d, 0o755), syscall.Mount("/"+d, userRoot+"/"+d, "", syscall.MS_BIND|syscall.MS_REC, "")); err != nil {
			return err
		}
	}
	return errors.Join(os.Mkdir(userRoot+"/home", 0o755), os.Chown(userRoot+"/home", teacher, teacher))
}

// network lays a cable to a second network namespace, in which the router is.
func network() error {
	router := exec.Command(insideParts, "router", "/tmp/desk")
	router.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	router.Stderr = os.Stderr
	out, err := router.StdoutPipe()
	if err != nil {
		return err
	}
	if err := router.Start(); err != nil {
		return err
	}
	script := fmt.Sprintf(`
load veth
ip link set lo up
ip link add c0 type veth
for n in /sys/class/net/veth*; do ip link set ${n##*/} netns %d; done
ip addr add %s/24 dev c0; ip link set c0 up
ip route add default via %s
`, router.Process.Pid, computerIP, routerIP)
	if out, err := exec.Command("sh", "-ec", script).CombinedOutput(); err != nil {
		return fmt.Errorf("lay the cable: %w: %s", err, out)
	}
	line := make([]byte, 64)
	if n, err := out.Read(line); err != nil || !strings.HasPrefix(string(line[:n]), "ready") {
		return fmt.Errorf("the router said %q, %v", line[:n], err)
	}
	go io.Copy(io.Discard, out)
	return nil
}

// router is at the other end of the cable: ARGS: the desk's folder.
func router(a []string) {
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		cables, _ := filepath.Glob("/sys/class/net/veth*") // this /sys is the first namespace's
		all, err := net.Interfaces()
		must(err)
		name := ""
		for _, i := range all {
			if strings.HasPrefix(i.Name, "veth") {
				name = i.Name
			}
		}
		if name != "" {
			must(exec.Command("sh", "-ec", "ip link set lo up; ip addr add "+routerIP+"/24 dev "+name+"; ip link set "+name+" up").Run())
			break
		}
		if time.Now().After(end) {
			log.Fatal("no cable: ", cables)
		}
	}
	go names(routerIP + ":53")
	desk := exec.Command("/t/raisehand-desk", "serve", "--listen", routerIP+":8080", "--behind-tls-proxy", "--data", a[0])
	desk.Env = []string{"HOME=/tmp", "PATH=/bin"}
	desk.Stderr = os.Stderr
	out, err := desk.StdoutPipe()
	must(err)
	must(desk.Start())
	line := make([]byte, 64)
	_, err = out.Read(line)
	must(err)
	go io.Copy(io.Discard, out)
	ready()
}

// names is a name server that knows the desk and nobody else.
func names(at string) {
	c, err := net.ListenPacket("udp", at)
	must(err)
	for {
		buf := make([]byte, 1500)
		n, from, err := c.ReadFrom(buf)
		if err != nil {
			return
		}
		if answer, err := nameAnswer(buf[:n]); err == nil {
			c.WriteTo(answer, from)
		}
	}
}

func nameAnswer(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) == 0 {
		return nil, errors.New("no question")
	}
	q := m.Questions[0]
	m.Header.Response, m.Header.RecursionAvailable, m.Header.RCode = true, true, dnsmessage.RCodeNameError
	m.Answers, m.Authorities, m.Additionals = nil, nil, nil
	if q.Name.String() == "desk.school.example." {
		m.Header.RCode = dnsmessage.RCodeSuccess
		if q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 60},
				Body:   &dnsmessage.AResource{A: [4]byte(net.ParseIP(routerIP).To4())},
			}}
		}
	}
	return m.Pack()
}

// as turns into a user and then into a program: UID GROUP PROGRAM ARGS.
func as(a []string) {
	uid, err := strconv.Atoi(a[0])
	must(err)
	group, err := strconv.Atoi(a[1])
	must(err)
	must(errors.Join(syscall.Chroot(userRoot), os.Chdir("/"), syscall.Setgroups([]int{group}), syscall.Setgid(uid), syscall.Setuid(uid)))
	must(syscall.Exec(a[2], a[2:], []string{"PATH=/bin:/usr/bin", "HOME=/home", "LANG=C.UTF-8"}))
}

// do is one fault or one healthy run.
func (s *guestSays) do() error {
	if err := errors.Join(os.RemoveAll(insideWork), os.Mkdir(insideWork, 0o777), os.RemoveAll(userRoot+"/home/.local")); err != nil {
		return err
	}
	if err := inside("plug"); err != nil {
		return fmt.Errorf("plug a camera in: %w", err)
	}
	if strings.HasPrefix(s.ID, healthyID) {
		return s.look()
	}
	source := ". /t/faults/" + s.ID + ".sh\n"
	if err := inside(source + "make"); err != nil {
		return fmt.Errorf("make: %w", err)
	}
	err := inside("set +e\n" + source + "prove")
	if err != nil {
		err = fmt.Errorf("the fault is not there: %w", err)
	} else {
		err = s.look()
	}
	if e := inside(source + "undo"); e != nil && err == nil {
		err = fmt.Errorf("undo: %w", e)
	}
	if inside("set +e\n"+source+"prove") == nil && err == nil {
		err = errors.New("the fault is still there after undo")
	}
	return err
}

func inside(script string) error {
	ctx, cancel := context.WithTimeout(context.Background(), scriptLimit)
	defer cancel()
	out, err := os.Create("/tmp/script.out")
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, "sh", "-c", "set -eu\n. /t/helpers.sh\n"+script)
	cmd.Env = []string{"PATH=/bin:/usr/bin", "HOME=/tmp", "WORK=" + insideWork, "PARTS=" + insideParts}
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, insideWork
	if err = cmd.Run(); err != nil {
		raw, _ := os.ReadFile(out.Name())
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(raw))
	}
	return err
}

// look is the whole diagnosis, as the teacher would start it.
func (s *guestSays) look() error {
	const video = 44
	cmd := exec.Command(insideParts, "as", fmt.Sprint(teacher), fmt.Sprint(video), "/t/raisehand", "check", "--json")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	start := time.Now()
	err := cmd.Run()
	s.TookMS = time.Since(start).Milliseconds()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == 1 {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("raisehand check: %w: %s%s", err, &errs, &out)
	}
	var r report.Report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return fmt.Errorf("read the report: %w: %s", err, &out)
	}
	s.Report = r
	return nil
}
