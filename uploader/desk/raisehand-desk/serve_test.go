package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// builtIn is where it was built.
var builtIn string

// built is the real program, built once.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "raisehand-desk")
	if err != nil {
		return "", err
	}
	builtIn = dir
	file := filepath.Join(dir, "raisehand-desk")
	if runtime.GOOS == "windows" {
		file += ".exe"
	}
	cmd := exec.Command("go", "build", "-o", file, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = errors.New(string(out))
	}
	return file, err
})

func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file, args...)
	cmd.Env = append(os.Environ(), "RAISEHAND_LANG=en")
	return cmd
}

// output runs a command that has to work.
func output(t *testing.T, args ...string) string {
	t.Helper()
	var errs bytes.Buffer
	cmd := command(t, args...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", args, err, errs.String())
	}
	return strings.TrimSpace(string(out))
}

// running is a desk that has said where it listens.
type running struct {
	*exec.Cmd
	url  string
	errs *logged
}

// logged is what a program says while it runs.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func serve(t *testing.T, data string, more ...string) *running {
	t.Helper()
	r := &running{Cmd: command(t, append([]string{"serve", "--data", data, "--listen", "127.0.0.1:0"}, more...)...), errs: &logged{}}
	r.Stderr = r.errs
	out, err := r.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Process.Kill(); r.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		r.Process.Kill()
		r.Wait()
		t.Fatalf("%q %v: %s", line, err, r.errs)
	}
	r.url = url
	return r
}

// enrolled is a client of that desk with a token.
func enrolled(t *testing.T, data, url string) *deskapi.Client {
	t.Helper()
	c := &deskapi.Client{Base: url}
	e, err := c.Enrol(t.Context(), deskapi.Enrol{Key: output(t, "enroll-key", "new", "--data", data), Computer: "PC", OS: "linux"})
	if err != nil {
		t.Fatal(err)
	}
	c.Token = func() string { return e.Token }
	return c
}

func someTicket() deskapi.Ticket {
	now := time.Now().UTC()
	return deskapi.Ticket{Schema: 1, ID: uuid.Must(uuid.NewV7()).String(), CreatedAt: now, Computer: "PC", Lang: "en",
		Person: deskapi.Person{Role: "teacher", Name: "Wang"}, Priority: report.P1, Findings: []string{"mic.muted"},
		Consent: deskapi.Consent{At: now, Wording: "2026-11 en", How: "terminal"}, App: "test"}
}

// What the desk has answered for is there after it is killed mid-write, and
// whole: the ticket, its event, its attachment.
func TestWhatWasAcceptedSurvivesKill9(t *testing.T) {
	data := t.TempDir()
	desk := serve(t, data)
	first := enrolled(t, data, desk.url)

	type kept struct {
		id, sha string
		body    []byte
	}
	var mu sync.Mutex
	var accepted, attached []kept
	answered := make(chan struct{}, 1)
	for round := range 3 {
		client := &deskapi.Client{Base: desk.url, Token: first.Token}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					ticket := someTicket()
					if _, err := client.PostTicket(ctx, ticket); err != nil {
						return // the desk is dead
					}
					body := bytes.Repeat([]byte(ticket.ID), 10+(n%2)*3000) // in the database, and as a file
					h := sha256.Sum256(body)
					k := kept{ticket.ID, hex.EncodeToString(h[:]), body}
					mu.Lock()
					accepted = append(accepted, k)
					mu.Unlock()
					select {
					case answered <- struct{}{}:
					default:
					}
					if client.Upload(ctx, k.sha, bytes.NewReader(body), int64(len(body)), nil) != nil ||
						client.PutFile(ctx, k.id, deskapi.FileInfo{Name: "a.bin", SHA256: k.sha}) != nil {
						return
					}
					mu.Lock()
					attached = append(attached, k)
					mu.Unlock()
				}
			})
		}
		for range 10 + 7*round { // in the middle of writing, each time elsewhere
			<-answered
		}
		if err := desk.Process.Kill(); err != nil { // SIGKILL
			t.Fatal(err)
		}
		desk.Wait()
		stop()
		wg.Wait()
		desk = serve(t, data)
	}

	client := &deskapi.Client{Base: desk.url, Token: first.Token}
	numbers := map[int64]bool{}
	for _, k := range accepted {
		s, _, err := client.Ticket(t.Context(), k.id, "")
		if err != nil {
			t.Fatalf("an accepted ticket is gone: %v", err)
		}
		if numbers[s.Number] {
			t.Errorf("number %d twice", s.Number)
		}
		numbers[s.Number] = true
		next := int64(1)
		if _, err := client.Events(t.Context(), k.id, 0, true, 0, func(e deskapi.Event) bool {
			if e.Seq != next {
				t.Errorf("event %d where %d was due", e.Seq, next)
			}
			next++
			return true
		}); err != nil || next != 2 {
			t.Errorf("events: %v", err)
		}
	}
	for _, k := range attached {
		s, _, err := client.Ticket(t.Context(), k.id, "")
		if err != nil || len(s.Files) != 1 || s.Files[0].SHA256 != k.sha {
			t.Fatalf("an attachment is gone: %+v %v", s.Files, err)
		}
		if got := get(t, desk.url+"/v1/blobs/"+k.sha, client.Token()); !bytes.Equal(got, k.body) {
			t.Fatalf("%d bytes of %d", len(got), len(k.body))
		}
	}
	if len(accepted) < 30 || len(attached) == 0 {
		t.Errorf("only %d accepted, %d attached: the test proves little", len(accepted), len(attached))
	}
	t.Logf("%d tickets and %d attachments survived", len(accepted), len(attached))

	// The same again from its computer is the same, not a second one.
	if s, err := client.PostTicket(t.Context(), someTicket()); err != nil || numbers[s.Number] {
		t.Errorf("the next number was given before: %d %v", s.Number, err)
	}
}

func get(t *testing.T, url, token string) []byte {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	return body
}

func TestADeskEndsInOrder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGTERM to send")
	}
	data := t.TempDir()
	desk := serve(t, data)
	client := enrolled(t, data, desk.url)
	ticket := someTicket()
	if _, err := client.PostTicket(t.Context(), ticket); err != nil {
		t.Fatal(err)
	}
	heard := make(chan error, 1)
	first := make(chan struct{})
	go func() { // somebody follows: a stream must not hold the desk back
		_, err := client.Events(t.Context(), ticket.ID, 0, false, 0, func(deskapi.Event) bool { close(first); return true })
		heard <- err
	}()
	<-first
	if err := desk.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := desk.Wait(); err != nil {
		t.Errorf("%v: %s", err, desk.errs)
	}
	<-heard
}

func TestTwoDesksDoNotShareAFolder(t *testing.T) {
	data := t.TempDir()
	serve(t, data)
	var errs bytes.Buffer
	second := command(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
	second.Stderr = &errs
	if err := second.Run(); err == nil || !strings.Contains(errs.String(), "already running on the folder") {
		t.Errorf("%v: %s", err, errs.String())
	}
}

func TestCommandsWorkBesideARunningDesk(t *testing.T) {
	data := t.TempDir()
	desk := serve(t, data, "--contact-name", "信息中心", "--contact-phone", "8001")
	client := enrolled(t, data, desk.url) // the key was made while the desk ran
	ticket := someTicket()
	if _, err := client.PostTicket(t.Context(), ticket); err != nil {
		t.Fatal(err)
	}
	if got := output(t, "contact", "set", "--data", data, "--mail", "it@school.example"); got != "Name    信息中心\nPhone   8001\nE-mail  it@school.example" {
		t.Errorf("contact %q", got)
	}
	password := output(t, "user", "add", "李明", "--data", data, "--role", "technician")
	body, _ := json.Marshal(deskapi.SignIn{Name: "李明", Password: password})
	resp, err := http.Post(desk.url+"/v1/desk/session", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var me deskapi.Me
	if err := json.NewDecoder(resp.Body).Decode(&me); err != nil || resp.StatusCode != 200 || me.Team != "信息中心" {
		t.Errorf("%s %+v %v", resp.Status, me, err)
	}
	if strings.Contains(desk.errs.String(), password) || strings.Contains(desk.errs.String(), client.Token()) {
		t.Error("a secret in the log")
	}

	// A backup of the running desk holds the ticket, and is a desk again.
	blob := bytes.Repeat([]byte("x"), 100<<10)
	h := sha256.Sum256(blob)
	sha := hex.EncodeToString(h[:])
	if err := client.Upload(t.Context(), sha, bytes.NewReader(blob), int64(len(blob)), nil); err != nil {
		t.Fatal(err)
	}
	copied, second := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "second")
	output(t, "backup", "--data", data, copied)
	output(t, "restore", "--data", second, copied)
	again := serve(t, second)
	other := &deskapi.Client{Base: again.url, Token: client.Token}
	if s, _, err := other.Ticket(t.Context(), ticket.ID, ""); err != nil || s.Number != 1001 {
		t.Errorf("%+v %v", s, err)
	}
	if got := get(t, again.url+"/v1/blobs/"+sha, client.Token()); !bytes.Equal(got, blob) {
		t.Error("the restored file is not the same")
	}
	var page deskapi.Page
	if err := json.Unmarshal([]byte(output(t, "export", "--data", second)), &page); err != nil || page.Ticket.ID != ticket.ID {
		t.Errorf("exported %+v %v", page, err)
	}

	// A backup that lacks a file is told before anything is written.
	if err := os.Remove(filepath.Join(copied, "blobs", sha[:2], sha)); err != nil {
		t.Fatal(err)
	}
	if out, err := command(t, "restore", "--data", second+"3", copied).CombinedOutput(); err == nil || !strings.Contains(string(out), "is not a backup") {
		t.Errorf("%v %s", err, out)
	}
}
