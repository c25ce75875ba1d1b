package uploader

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// realDesk is the desk's own program on loopback.
type realDesk struct {
	t         *testing.T
	bin, data string
	addr, key string
	cmd       *exec.Cmd
}

var buildDesk = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(scratch, "raisehand-desk")
	cmd := exec.Command("go", "build", "-o", bin, "./desk/raisehand-desk")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return bin, nil
})

func startDesk(t *testing.T) *realDesk {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the desk is killed by signal here, which Windows does not have")
	}
	bin, err := buildDesk()
	must(t, err)
	d := &realDesk{t: t, bin: bin, data: t.TempDir(), addr: "127.0.0.1:0"}
	d.key = d.run("", "enroll-key", "new")
	d.run("correct horse battery", "user", "add", "li", "--role", "technician", "--password-stdin")
	d.start()
	t.Cleanup(d.kill)
	return d
}

func (d *realDesk) run(in string, args ...string) string {
	d.t.Helper()
	cmd := exec.Command(d.bin, append(args, "--data", d.data)...)
	cmd.Stdin = strings.NewReader(in)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("%v: %v %s", args, err, &errs)
	}
	return strings.TrimSpace(string(out))
}

func (d *realDesk) start() {
	d.t.Helper()
	d.cmd = exec.Command(d.bin, "serve", "--listen", d.addr, "--data", d.data)
	out, err := d.cmd.StdoutPipe()
	must(d.t, err)
	must(d.t, d.cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
			d.addr = strings.TrimPrefix(strings.TrimSpace(url), "http://")
			go io.Copy(io.Discard, out)
			return
		}
	}
	d.t.Fatal("the desk does not listen")
}

func (d *realDesk) kill() {
	d.cmd.Process.Kill()
	d.cmd.Wait()
}

func (d *realDesk) url() string { return "http://" + d.addr }

// technician signs in and returns how to act.
func (d *realDesk) technician() func(method, path string, in, out any) {
	d.t.Helper()
	jar, _ := cookiejar.New(nil)
	c := &http.Client{Jar: jar}
	var me deskapi.Me
	do := func(method, path string, in, out any) {
		d.t.Helper()
		raw, _ := json.Marshal(in)
		req, err := http.NewRequest(method, d.url()+"/v1/desk"+path, bytes.NewReader(raw))
		must(d.t, err)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-CSRF-Token", me.CSRF)
		resp, err := c.Do(req)
		must(d.t, err)
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		if resp.StatusCode >= 300 {
			d.t.Fatalf("%s %s: %s %s", method, path, resp.Status, body)
		}
		switch out := out.(type) {
		case nil:
		case *[]byte:
			*out = body
		default:
			must(d.t, json.Unmarshal(body, out))
		}
	}
	do("POST", "/session", deskapi.SignIn{Name: "li", Password: "correct horse battery"}, &me)
	return do
}

func TestTheRealDeskFromPutToSolved(t *testing.T) {
	desk := startDesk(t)
	home := t.TempDir()
	o := open(t, filepath.Join(home, "outbox"))
	account := OpenDesk(desk.url(), desk.key, filepath.Join(home, "device.json"))
	big := make([]byte, 5<<20+77)
	rand.New(rand.NewSource(1)).Read(big)
	a := newTicket(report.P0)
	a.Words = strings.Repeat("麦克风没有声音。", 200)
	files := []File{{"screen-1.png", "image/png", append([]byte("\x89PNG\r\n\x1a\n"), big...)}, {"log.txt", "text/plain", []byte("a log")}, {"empty.txt", "text/plain", nil}}
	must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{Schema: 1, TakenAt: time.Now().UTC()}, Files: files}))
	must(t, o.AddMessage(a.ID, deskapi.NewMessage{ID: "01932b6a-7c00-7000-8000-0000000000aa", Text: "还在吗"}))
	must(t, o.AddReport(a.ID, report.Report{Schema: 1, TakenAt: time.Now().UTC(), Reason: "second"}))

	moved := make(chan struct{}, 100)
	l := &told{news: make(chan struct{}, 1)}
	_, until := post(t, o, account)
	until("all sent", o.allSent)
	e, _ := o.Entry(a.ID)
	if e.Status == nil || e.Status.Deadline == nil || len(e.Sent) != 6 || len(e.Denied) != 0 {
		t.Fatalf("%+v", e)
	}
	if d := account.Client.Offset().Abs(); d > time.Second {
		t.Errorf("the desk's clock is off by %v on the same machine", d)
	}
	if _, err := account.Client.Contact(t.Context()); err != nil {
		t.Errorf("contact: %v", err)
	}

	end := make(chan error, 1)
	go func() {
		end <- Follow(t.Context(), account.Client, a.ID, *e.Status, func(s deskapi.Status) {
			l.on(s)
			must(t, o.SaveStatus(a.ID, s))
			moved <- struct{}{}
		})
	}()
	so := func(what string, ok func(deskapi.Status) bool) {
		t.Helper()
		late := time.After(30 * time.Second)
		for !ok(l.last()) {
			select {
			case <-moved:
			case err := <-end:
				t.Fatalf("%s: the following ended: %v", what, err)
			case <-late:
				t.Fatalf("%s: still not so: %+v", what, l.last())
			}
		}
	}
	so("first", func(s deskapi.Status) bool { return len(s.Messages) == 1 })
	do := desk.technician()
	do("POST", "/tickets/"+a.ID+"/take", nil, nil)
	so("taken", func(s deskapi.Status) bool { return s.State == deskapi.Assigned && s.Agent != "" })
	desk.kill()
	desk.start()
	do = desk.technician()
	do("POST", "/tickets/"+a.ID+"/messages", deskapi.NewMessage{ID: "01932b6a-7c00-7000-8000-0000000000bb", Text: "看到了"}, nil)
	so("answered, after a restart", func(s deskapi.Status) bool {
		return len(s.Messages) == 2 && s.Deadline != nil && s.Deadline.MetAt != nil
	})
	for _, f := range append(files, File{"words.txt", "text/plain", []byte(a.Words)}) {
		var got []byte
		do("GET", "/tickets/"+a.ID+"/files/"+f.Name, nil, &got)
		if !bytes.Equal(got, f.Data) {
			t.Errorf("%s: %d bytes arrived of %d", f.Name, len(got), len(f.Data))
		}
	}
	must(t, o.AddState(a.ID, deskapi.Solved))
	must(t, <-end)
	seqs := l.seqs()
	for i := 1; i < len(seqs); i++ {
		if seqs[i] <= seqs[i-1] {
			t.Errorf("told %v", seqs)
		}
	}
	until("all sent", o.allSent)
	if e, _ := o.Entry(a.ID); e.Status.State != deskapi.Solved || e.Pending != 0 {
		t.Errorf("%+v", e)
	}
}

// A ticket without a desk, one sent to a wrong path, one to the right address:
// all three arrive.
func TestAWrongPathLosesNothing(t *testing.T) {
	desk := startDesk(t)
	home := t.TempDir()
	dead := httptest.NewServer(nil)
	dead.Close()
	for i, at := range []struct{ url, code string }{
		{dead.URL, "desk.unreachable"},
		{desk.url() + "/help/", "desk.address_wrong"},
		{desk.url() + "/v1", "desk.address_wrong"},
		{desk.url(), ""},
	} {
		o := open(t, filepath.Join(home, "outbox"))
		a := newTicket(report.P1)
		must(t, o.Put(Parcel{Ticket: a, Report: &report.Report{Schema: 1, TakenAt: time.Now().UTC()}}))
		ctx, cancel := context.WithCancel(t.Context())
		p := &Post{Outbox: o, Desk: OpenDesk(at.url, desk.key, filepath.Join(home, "device.json"))}
		p.Changed = func(string) {
			if e, _ := o.Entry(a.ID); e.Refused != nil || at.code != "" && e.Code != "" || o.allSent() {
				cancel()
			}
		}
		p.Run(ctx)
		e, _ := o.Entry(a.ID)
		if e.Refused != nil || e.Code != at.code || (e.Status != nil) != (at.code == "") {
			t.Errorf("%s: %+v", at.url, e)
		}
		for _, e := range o.Entries() {
			if e.Refused != nil || (e.Pending == 0) != (at.code == "") {
				t.Errorf("after %d, %s: %+v", i, at.url, e)
			}
		}
	}
}

func TestTheRealDesksRefusals(t *testing.T) {
	desk := startDesk(t)
	c := &deskapi.Client{Base: desk.url()}
	if _, err := c.Enrol(t.Context(), deskapi.Enrol{Key: "wrong", Computer: "pc", OS: "linux"}); !errors.Is(err, deskapi.ErrKey) {
		t.Errorf("wrong key: %v", err)
	}
	if _, _, err := c.Ticket(t.Context(), newTicket(report.P1).ID, ""); !errors.Is(err, deskapi.ErrToken) {
		t.Errorf("no token: %v", err)
	}
	d := OpenDesk(desk.url(), desk.key, filepath.Join(t.TempDir(), "device.json"))
	must(t, d.Enrol(t.Context()))
	c = d.Client
	a := newTicket(report.P2)
	st, err := c.PostTicket(t.Context(), a)
	must(t, err)
	again, err := c.PostTicket(t.Context(), a)
	if err != nil || again.Number != st.Number {
		t.Errorf("again: %+v %v", again, err)
	}
	a.Words = "other"
	if _, err := c.PostTicket(t.Context(), a); deskapi.Code(err) != "desk.ticket_changed" {
		t.Errorf("changed: %v", err)
	}
	_, etag, err := c.Ticket(t.Context(), a.ID, "")
	must(t, err)
	if _, _, err := c.Ticket(t.Context(), a.ID, etag); !errors.Is(err, deskapi.ErrUnchanged) {
		t.Errorf("etag %q: %v", etag, err)
	}
	if _, _, err := c.Ticket(t.Context(), newTicket(report.P1).ID, ""); !errors.As(err, new(deskapi.ErrRefused)) {
		t.Errorf("somebody else's: %v", err)
	}
	if err := c.PutFile(t.Context(), a.ID, File{"x.txt", "text/plain", []byte("never sent")}.Info()); !errors.As(err, new(deskapi.ErrRefused)) {
		t.Errorf("a file without its blob: %v", err)
	}
	wrong := bytes.Repeat([]byte("x"), 3<<20)
	sum := sha256.Sum256([]byte("something else"))
	if err := c.Upload(t.Context(), hex.EncodeToString(sum[:]), bytes.NewReader(wrong), int64(len(wrong)), nil); !errors.As(err, new(deskapi.ErrRefused)) {
		t.Errorf("a wrong hash: %v", err)
	}
}
