//go:build unix

package demo

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// responseTimes are the service's own promises.
var responseTimes = map[report.Priority]time.Duration{
	report.P0: 30 * time.Minute, report.P1: 2 * time.Hour, report.P2: 24 * time.Hour, report.P3: 72 * time.Hour,
}

// script is run.sh on a computer without a display, its data in a folder of the test.
func script(t *testing.T, data string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command("../run.sh", args...)
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name != "DISPLAY" && name != "WAYLAND_DISPLAY" && !strings.HasPrefix(name, "RAISEHAND_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "RAISEHAND_DEMO_DIR="+data, "RAISEHAND_LANG=en", "RAISEHAND_NO_INSTALL=1", "RAISEHAND_ASK_OUTSIDE=false")
	// A group of its own, so that whatever it leaves behind ends with the test.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 10 * time.Second
	t.Cleanup(func() {
		if cmd.Process != nil {
			syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
	})
	return cmd
}

type filed struct {
	ID       string             `json:"id"`
	Number   int64              `json:"number"`
	Priority report.Priority    `json:"priority"`
	State    deskapi.State      `json:"state"`
	Due      time.Time          `json:"response_due"`
	Source   string             `json:"deadline_source"`
	Now      time.Time          `json:"server_time"`
	Findings []string           `json:"findings"`
	Sent     []deskapi.FileInfo `json:"sent"`
}

func once(t *testing.T, data string) (filed, *url.URL) {
	t.Helper()
	cmd := script(t, data, "--once")
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("run.sh --once: %v\n%s%s", err, said.String(), out.String())
	}
	var got filed
	d := json.NewDecoder(&out)
	if err := d.Decode(&got); err != nil {
		t.Fatalf("the ticket is not JSON: %v\n%s", err, out.String())
	}
	if rest, err := io.ReadAll(d.Buffered()); err != nil || len(bytes.TrimSpace(rest)) > 0 {
		t.Errorf("more than the ticket on standard output: %q %v", rest, err)
	}
	address, _, _ := credentials(t, said.String())
	return got, address
}

var told = regexp.MustCompile(`(?s)console:\s+(http://\S+)/\n\s+name\s+(\S+)\n\s+password\s+(\S+)\n`)

func credentials(t *testing.T, said string) (address *url.URL, name, password string) {
	t.Helper()
	m := told.FindStringSubmatch(said)
	if m == nil {
		t.Fatalf("neither address nor password:\n%s", said)
	}
	address, err := url.Parse(m[1])
	if err != nil {
		t.Fatal(err)
	}
	return address, m[2], m[3]
}

func TestOneCommandEndsWithATicketThatTheDeskHasAccepted(t *testing.T) {
	data := t.TempDir()
	first, address := once(t, data)
	if first.ID == "" || first.Number == 0 || first.State != deskapi.Received {
		t.Errorf("not accepted: %+v", first)
	}
	if want, ok := responseTimes[first.Priority]; !ok || first.Source != "local" || first.Due.Sub(first.Now).Round(time.Minute) != want {
		t.Errorf("%s is due %s after %s by %s, want %s", first.Priority, first.Due.Sub(first.Now), first.Now, first.Source, want)
	}
	if len(first.Sent) == 0 {
		t.Error("a ticket without its report")
	}
	if c, err := net.Dial("tcp", address.Host); err == nil {
		c.Close()
		t.Errorf("the desk still listens at %s", address)
	}

	second, again := once(t, data)
	if second.Number <= first.Number {
		t.Errorf("number %d after %d: the first ticket is lost", second.Number, first.Number)
	}
	if again.Host != address.Host {
		t.Logf("the desk moved from %s to %s: something else had taken its port", address, again)
	}
}

func TestWithoutADisplayItFollowsTheTicketAndATechnicianCanSignIn(t *testing.T) {
	cmd := script(t, t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "no display here") {
			break
		}
	}
	address, name, password := credentials(t, said.String())

	signIn, err := json.Marshal(deskapi.SignIn{Name: name, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(address.String()+"/v1/desk/session", "application/json", bytes.NewReader(signIn))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var me deskapi.Me
	if err := json.NewDecoder(answer.Body).Decode(&me); err != nil || answer.StatusCode != http.StatusOK || me.Role != "technician" {
		t.Errorf("sign in: %s %+v %v", answer.Status, me, err)
	}
	page, err := http.Get(address.String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	if page.StatusCode != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Errorf("the console answers %s %s", page.Status, page.Header.Get("Content-Type"))
	}

	// The ticket's number stands in the terminal once the desk has accepted it.
	accepted := waitForTicket(t, address, answer.Cookies())
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), accepted) {
			break
		}
	}
	if err := lines.Err(); err != nil || !strings.Contains(lines.Text(), accepted) {
		t.Fatalf("number %s is not in the terminal: %v\n%s", accepted, err, said.String())
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(out) // ends when all that it started has ended
	if err != nil {
		t.Fatal(err)
	}
	if code := exitCode(cmd.Wait()); code != 143 {
		t.Errorf("exit code %d\n%s", code, rest)
	}
	if c, err := net.Dial("tcp", address.Host); err == nil {
		c.Close()
		t.Errorf("the desk still listens at %s", address)
	}
}

// waitForTicket returns the number of the first ticket in the queue.
func waitForTicket(t *testing.T, address *url.URL, cookies []*http.Cookie) string {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		r, err := http.NewRequestWithContext(t.Context(), "GET", address.String()+"/v1/desk/tickets", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cookies {
			r.AddCookie(c)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var q struct {
			Tickets []struct {
				Status struct{ Number json.Number }
			}
		}
		err = json.NewDecoder(answer.Body).Decode(&q)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if len(q.Tickets) > 0 {
			return q.Tickets[0].Status.Number.String()
		}
		<-tick.C
	}
}

func TestASecondRunOnTheSameDataSaysSo(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(data+"/run.pid", []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := script(t, data).CombinedOutput()
	if exitCode(err) != 1 || !strings.Contains(string(out), "running already") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestItSpeaksChineseWhereTheComputerDoes(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(data+"/run.pid", []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		t.Fatal(err)
	}
	for wrong, want := range map[string]string{"--once": "已经在运行了", "--twice": "没有显示器时"} {
		cmd := script(t, data, wrong)
		cmd.Env = append(cmd.Env, "RAISEHAND_LANG=", "LC_ALL=zh_CN.UTF-8")
		if out, _ := cmd.CombinedOutput(); !strings.Contains(string(out), want) || strings.Contains(string(out), "running") || strings.Contains(string(out), "display") {
			t.Errorf("%s: want %q alone:\n%s", wrong, want, out)
		}
	}
}

func TestADeskThatEndsByItselfIsSpokenOf(t *testing.T) {
	cmd := script(t, t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	killed, told := false, false
	for lines := bufio.NewScanner(out); !told && lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "no display here") {
			desk := children(t, cmd.Process.Pid, "raisehand-desk")
			if len(desk) != 1 {
				t.Fatalf("desks: %v\n%s", desk, said.String())
			}
			killed = syscall.Kill(desk[0], syscall.SIGKILL) == nil
		}
		told = strings.Contains(lines.Text(), "The desk has ended")
	}
	if !killed || !told {
		t.Errorf("desk killed %v, said so %v:\n%s", killed, told, said.String())
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if code := exitCode(cmd.Wait()); code != 143 {
		t.Errorf("exit code %d", code)
	}
}

// children are a process's children of this name.
func children(t *testing.T, pid int, name string) (found []int) {
	t.Helper()
	out, err := exec.Command("ps", "-A", "-o", "pid=,ppid=,comm=").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if len(f) == 3 && f[1] == strconv.Itoa(pid) && f[2] == name {
			child, _ := strconv.Atoi(f[0])
			found = append(found, child)
		}
	}
	return found
}

func exitCode(err error) int {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}
