//go:build linux

package bare

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/build/lab"
	"raisehand/capture/report"
	"raisehand/uploader"
	"raisehand/uploader/deskapi"
)

// home is a computer's user on whom things go wrong.
type home struct {
	t    *testing.T
	dir  string
	key  string // a file
	lang string
	env  []string
}

func newHome(t *testing.T, lang, key string) *home {
	t.Helper()
	dir, err := os.MkdirTemp("", "rhb") // a socket's path must stay short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return &home{t: t, dir: filepath.Join(dir, "home"), key: key, lang: lang}
}

func (h *home) command(args ...string) *exec.Cmd {
	h.t.Helper()
	program, err := lab.Program("raisehand")
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(program, args...)
	cmd.Env = lab.Bare(append([]string{"HOME=" + h.dir, "LANG=C.UTF-8", "RAISEHAND_LANG=" + h.lang, "PULSE_SERVER=unix:" + h.dir + "/none"}, h.env...)...)
	return cmd
}

func (h *home) run(args ...string) lab.Answer {
	h.t.Helper()
	a, err := lab.Run(h.command(args...))
	if err != nil {
		h.t.Fatal(err)
	}
	civil(h.t, a)
	return a
}

func (h *home) getHelp(desk string) lab.Answer {
	h.t.Helper()
	args := []string{"get-help", "--yes", "--json", "--say", "no sound", "--name", "Li", "--room", "1", "--role", "teacher", "--desk", desk, "--home", h.dir}
	if h.key != "" {
		args = append(args, "--enroll-key-file", h.key)
	}
	return h.run(args...)
}

// sentence checks that exactly one complaint stands on standard error: the
// words of this code in the language asked for.
func (h *home) sentence(a lab.Answer, code string, params map[string]any) {
	h.t.Helper()
	s := words.In(h.lang).Of(code, params)
	var complaints []string
	for line := range strings.Lines(a.Err) {
		if rest, ok := strings.CutPrefix(line, "raisehand: "); ok {
			complaints = append(complaints, strings.TrimSpace(rest))
		}
	}
	if len(complaints) != 1 || s.Says == "" || !strings.HasPrefix(complaints[0], s.Says) || !strings.HasSuffix(complaints[0], s.Do) {
		h.t.Errorf("it says %q, want only %q", complaints, s.Says+" "+s.Do)
	}
}

// kept reads the outbox: the request must be in it, with the words, and wait.
func (h *home) kept() {
	h.t.Helper()
	box, err := uploader.OpenOutbox(filepath.Join(h.dir, "outbox"))
	if err != nil {
		h.t.Fatal(err)
	}
	all := box.Entries()
	if len(all) != 1 || all[0].Ticket.Words != "no sound" || all[0].Pending == 0 || all[0].Report == nil || all[0].Refused != nil {
		h.t.Errorf("the outbox holds %+v", all)
	}
}

func TestEveryWayToTheDeskThatFailsHasItsSentenceAndKeepsTheRequest(t *testing.T) {
	t.Parallel()
	desk := startDesk(t)
	nobody, err := net.Listen("tcp", "127.0.0.1:0") // an address at which nothing answers
	if err != nil {
		t.Fatal(err)
	}
	nobody.Close()
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!doctype html><title>Wi-Fi login</title><form>accept the terms</form>")
	}))
	t.Cleanup(portal.Close) // not at the end of this function: the parts run after it
	redirect := httptest.NewServer(http.RedirectHandler(portal.URL, http.StatusFound))
	t.Cleanup(redirect.Close)
	wrong := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(wrong, []byte("rh-enroll-not-a-key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	foreign, expired, other := certificates(t, desk.URL)
	for _, c := range []struct{ name, url, key, trust, code string }{
		{"nothing answers", "http://" + nobody.Addr().String(), desk.KeyFile, "", "desk.unreachable"},
		{"no such name", "https://desk.invalid", desk.KeyFile, "", "desk.unreachable"},
		{"http to another computer", "http://desk.invalid", desk.KeyFile, "", "desk.not_secret"},
		{"no desk set", "", "", "", "desk.not_set"},
		{"no key", desk.URL, "", "", "desk.key_missing"},
		{"wrong key", desk.URL, wrong, "", "desk.key_wrong"},
		{"captive portal", portal.URL, desk.KeyFile, "", "desk.not_a_desk"},
		{"captive portal that redirects", redirect.URL, desk.KeyFile, "", "desk.not_a_desk"},
		{"https asked of http", strings.Replace(desk.URL, "http:", "https:", 1), desk.KeyFile, "", "desk.scheme_wrong"},
		{"foreign certificate", foreign.url, desk.KeyFile, "", "desk.certificate_foreign"},
		{"expired certificate", expired.url, desk.KeyFile, expired.authority, "desk.certificate_expired"},
		{"another's certificate", other.url, desk.KeyFile, other.authority, "desk.certificate_name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			lang := []string{"en", "zh"}[len(c.name)%2]
			h := newHome(t, lang, c.key)
			if c.trust != "" {
				h.env = []string{"SSL_CERT_FILE=" + c.trust}
			}
			a := h.getHelp(c.url)
			if a.Code != 3 {
				t.Errorf("exit %d, want 3", a.Code)
			}
			h.sentence(a, c.code, nil)
			var got ticket
			document(t, a.Out, &got, "id", "number", "priority", "state", "response_due", "server_time", "findings", "sent")
			if got.State != deskapi.Queued || got.Number != 0 || got.Waiting != c.code || got.Due != nil || len(got.Sent) > 0 {
				t.Errorf("it prints %s", a.Out)
			}
			h.kept()

			h.key, h.env = desk.KeyFile, nil // put right: the same request arrives
			a = h.run("status", "--json", "--home", h.dir, "--desk", desk.URL, "--enroll-key-file", desk.KeyFile)
			var now ticket
			document(t, a.Out, &now)
			if a.Code != 0 || now.ID != got.ID || now.State != deskapi.Received {
				t.Errorf("put right, it prints %s%s", a.Out, a.Err)
			}
		})
	}
}

// listener is a desk behind a certificate with something wrong.
type listener struct {
	url       string
	authority string // a file that says whom to trust
}

// certificates serve the desk with one that nobody has signed, one that has
// run out, and one that was made for another name.
func certificates(t *testing.T, desk string) (foreign, expired, other listener) {
	t.Helper()
	local := []net.IP{net.IPv4(127, 0, 0, 1)}
	year := 365 * 24 * time.Hour
	return serveTLS(t, desk, local, nil, year), serveTLS(t, desk, local, nil, -time.Hour), serveTLS(t, desk, nil, []string{"desk.elsewhere.example"}, year)
}

func serveTLS(t *testing.T, desk string, ips []net.IP, names []string, left time.Duration) listener {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "desk"}, NotBefore: now.Add(-2 * time.Hour), NotAfter: now.Add(left),
		IPAddresses: ips, DNSNames: names, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	raw, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" || r.ContentLength != 0 { // the time may be asked for, which tells nothing
			t.Errorf("a request went out behind a certificate that proves nothing: %s %s", r.Method, r.URL)
		}
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // that nobody trusts it is what is tried
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	file := filepath.Join(t.TempDir(), "authority.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return listener{s.URL, file}
}

func TestEveryMistypedCommandHasItsSentence(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, lang := range words.Langs {
		for _, c := range []struct {
			args   string
			code   string
			params map[string]any
		}{
			{"nonsense", "cli.unknown_command", map[string]any{"command": "nonsense"}},
			{"--lang en check extra", "cli.too_much", map[string]any{"word": "extra"}}, // options may stand before the command
			{"check --nonsense", "cli.unknown_flag", map[string]any{"flag": "--nonsense"}},
			{"check -q", "cli.unknown_flag", map[string]any{"flag": "-q"}},
			{"check --yes", "cli.unknown_flag", map[string]any{"flag": "--yes"}}, // another command's
			{"check extra", "cli.too_much", map[string]any{"word": "extra"}},
			{"check --timeout soon", "cli.flag_wrong_time", map[string]any{"flag": "--timeout", "such": "6s, 500ms", "value": "soon"}},
			{"check --timeout -1s", "cli.flag_wrong_time", map[string]any{"flag": "--timeout", "such": "6s, 500ms", "value": "-1s"}},
			{"check --home", "cli.flag_needs_value", map[string]any{"flag": "--home"}},
			{"check --json=perhaps", "cli.flag_wrong_value", map[string]any{"flag": "--json", "takes": "true, false", "value": "perhaps"}},
			{"check --desk ftp://desk", "cli.address_wrong", map[string]any{"address": "ftp://desk"}},
			{"get-help --desk desk.school.example", "cli.address_wrong", map[string]any{"address": "desk.school.example"}},
			{"get-help --yes --priority p9", "cli.flag_wrong_value", map[string]any{"flag": "--priority", "takes": "p0, p1, p2, p3", "value": "p9"}},
			{"get-help --yes --role boss", "cli.flag_wrong_value", map[string]any{"flag": "--role", "takes": "teacher, student", "value": "boss"}},
			{"get-help --yes extra", "cli.too_much", map[string]any{"word": "extra"}},
			{"get-help", "cli.needs_yes", nil},
			{"get-help --yes --enroll-key-file " + file, "cli.key_file", map[string]any{"file": file}},
			{"get-help --yes --enroll-key-file /nowhere", "cli.key_file", map[string]any{"file": "/nowhere"}},
			{"status", "cli.not_asked", nil},
			{"status --follow", "cli.not_asked", nil},
			{"status 4711", "cli.no_ticket", nil},
			{"status 1 2", "cli.too_much", map[string]any{"word": "2"}},
			{"policy extra", "cli.too_much", map[string]any{"word": "extra"}},
			{"bundle", "cli.bundle_where", nil},
		} {
			t.Run(lang+" "+c.args, func(t *testing.T) {
				t.Parallel()
				h := newHome(t, lang, "")
				h.env = []string{"RAISEHAND_HOME=" + h.dir}
				a := h.run(strings.Fields(c.args)...)
				if strings.Contains(c.args, "--lang") {
					h.lang = "en"
				}
				if a.Code != 2 || a.Out != "" {
					t.Errorf("exit %d, printed %q", a.Code, a.Out)
				}
				h.sentence(a, c.code, c.params)
			})
		}
	}
	t.Run("the language may stand anywhere", func(t *testing.T) {
		for _, args := range [][]string{{"nonsense", "--lang", "zh"}, {"check", "--nonsense", "--lang=zh"}} {
			h := newHome(t, "en", "")
			if a := h.run(args...); !strings.Contains(a.Err, "没有") {
				t.Errorf("%v: %s", args, a.Err)
			}
		}
	})
}

func TestASettingsFileThatCannotBeReadIsNamedWithItsLineAndStopsNobody(t *testing.T) {
	t.Parallel()
	desk := startDesk(t)
	for _, c := range []struct {
		text string
		line float64
	}{
		{"{\n  \"name\": \"Li\",\n  \"room\": three\n}\n", 3},
		{"{\"name\": \"Li\"", 1},
		{"[\n]\n", 1},
		{"\x00\x01", 1},
	} {
		h := newHome(t, "en", desk.KeyFile)
		if err := os.MkdirAll(h.dir, 0o700); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(h.dir, "settings.json")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		a := h.getHelp(desk.URL)
		h.sentence(a, "settings.unreadable", map[string]any{"file": path, "line": c.line})
		var got ticket
		document(t, a.Out, &got)
		if a.Code != 0 || got.State != deskapi.Received {
			t.Errorf("exit %d: %s", a.Code, a.Out)
		}
		if left, err := os.ReadFile(path); err != nil || string(left) != c.text {
			t.Errorf("the person's file was changed: %q %v", left, err)
		}
	}
}

func TestAHomeThatCannotBeWrittenIsNeverCalledSafe(t *testing.T) {
	t.Parallel()
	desk := startDesk(t)
	for _, lang := range words.Langs {
		for _, where := range []string{"/proc/raisehand", "file", "file/below"} {
			h := newHome(t, lang, desk.KeyFile)
			if where[0] != '/' {
				dir := filepath.Dir(h.dir)
				if err := os.WriteFile(filepath.Join(dir, "file"), []byte("not a folder"), 0o600); err != nil {
					t.Fatal(err)
				}
				where = filepath.Join(dir, where)
			}
			h.dir = where
			for _, a := range []lab.Answer{h.getHelp(desk.URL), h.run("status", "--home", where)} {
				said := words.In(lang).Of("cli.home_denied", map[string]any{"reason": "…"})
				start, _, _ := strings.Cut(said.Says, "…")
				if a.Code != 2 || a.Out != "" || !strings.HasPrefix(a.Err, "raisehand: "+start) || strings.Count(a.Err, "\n") != 1 {
					t.Errorf("%s: exit %d: %s%s", where, a.Code, a.Out, a.Err)
				}
			}
			// To look at the computer nothing has to be kept.
			if a := h.run("check", "--only", "system", "--home", where); a.Code > 1 || strings.Contains(a.Err, "raisehand: ") {
				t.Errorf("check: exit %d: %s", a.Code, a.Err)
			}
		}
	}
}

func TestAFullDiskLosesNothingThatWasCalledSafe(t *testing.T) {
	t.Parallel()
	desk := startDesk(t)
	technician, err := desk.SignIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, pages := range []int{16, 15, 14, 13, 12, 11} { // 4 kB each, of 64: from quite full to room for a part
		t.Run(fmt.Sprint(pages), func(t *testing.T) {
			h := newHome(t, "zh", desk.KeyFile)
			mount := filepath.Dir(h.dir)
			name := fmt.Sprintf("full %d", pages)
			script := `mount -t tmpfs -o size=64k none "$1" || exit 97; dd if=/dev/zero of="$1/fill" bs=4k count="$2" 2>/dev/null; at=$1; shift 2
"$@"; code=$?; find "$at" -name '*.part' -printf 'LEFT %p\n' >&2; exit $code`
			cmd := h.command("get-help", "--yes", "--json", "--say", "no sound", "--name", name, "--room", "1", "--role", "teacher", "--desk", desk.URL, "--enroll-key-file", desk.KeyFile, "--home", h.dir)
			unshare := []string{"unshare", "--mount"}
			if os.Getuid() != 0 {
				unshare = append(unshare, "--user", "--map-root-user")
			}
			cmd.Args = slices.Concat(unshare, []string{"sh", "-c", script, "sh", mount, fmt.Sprint(pages)}, cmd.Args)
			if cmd.Path, err = exec.LookPath("unshare"); err != nil {
				t.Fatal(err)
			}
			a, err := lab.Run(cmd)
			if err != nil {
				t.Fatal(err)
			}
			if a.Code == 97 || strings.Contains(a.Err, "unshare") {
				if os.Getenv("CI") != "" {
					t.Fatalf("a small disk cannot be made, and this must run in CI: %s", a.Err)
				}
				t.Skipf("a small disk cannot be made here: %s", a.Err)
			}
			civil(t, a)
			if strings.Contains(a.Err, "LEFT ") {
				t.Errorf("half a file is left: %s", a.Err)
			}
			mine, err := technician.Search(name)
			if err != nil {
				t.Fatal(err)
			}
			switch a.Code {
			case 0: // it went all the same: the desk has it
				var got ticket
				document(t, a.Out, &got)
				if len(mine) != 1 || mine[0].Status.ID != got.ID || got.Number == 0 {
					t.Errorf("it says %s, the desk has %+v", a.Out, mine)
				}
			case 1, 2: // not kept, and said so
				h.sentence(a, "outbox.full", nil)
				if a.Out != "" || len(mine) > 0 {
					t.Errorf("it says %s%s, the desk has %+v", a.Out, a.Err, mine)
				}
			default:
				t.Errorf("exit %d: %s%s", a.Code, a.Out, a.Err)
			}
		})
	}
}

func TestAMillionCharactersArriveWhole(t *testing.T) {
	t.Parallel()
	desk := startDesk(t)
	technician, err := desk.SignIn()
	if err != nil {
		t.Fatal(err)
	}
	h := newHome(t, "zh", desk.KeyFile)
	// As long as one argument can be.
	long := strings.Repeat("声音", 20_000)
	a := h.run("get-help", "--yes", "--json", "--say", long, "--name", "Li", "--room", "1", "--role", "teacher", "--desk", desk.URL, "--enroll-key-file", desk.KeyFile, "--home", h.dir)
	var got ticket
	document(t, a.Out, &got)
	if raw, err := technician.File(got.ID, "words.txt"); err != nil || string(raw) != long || a.Code != 0 {
		t.Errorf("exit %d: %d of %d bytes arrived: %v", a.Code, len(raw), len(long), err)
	}

	// A megabyte, by the door that every face uses.
	million := strings.Repeat("x声", 250_000)
	first := h.command("status", got.ID, "--follow", "--json", "--home", h.dir, "--desk", desk.URL, "--enroll-key-file", desk.KeyFile)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { first.Process.Kill(); first.Wait() }()
	var conn net.Conn
	err = lab.Until(t.Context(), "the socket", func() bool {
		conn, err = net.Dial("unix", filepath.Join(h.dir, "ipc.sock"))
		return err == nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(lab.Patience))
	const id = "01932b6a-7c00-7000-8000-00000000abcd"
	if err := snapshot.Write(conn, snapshot.Message{Verb: &snapshot.Verb{Do: snapshot.HelpNow, Ticket: id, Text: million, Priority: report.P1}}); err != nil {
		t.Fatal(err)
	}
	snapshot.Read(conn, func(m snapshot.Message) {
		if m.Snapshot == nil {
			return
		}
		if x := m.Snapshot.Find(id); x != nil && x.Status.Number > 0 && x.Pending == 0 {
			conn.Close() // which ends the reading
		}
	})
	raw, err := technician.File(id, "words.txt")
	if err != nil || string(raw) != million {
		t.Errorf("%d of %d bytes arrived: %v", len(raw), len(million), err)
	}
	page, err := technician.Page(id)
	if err != nil || len(page.Ticket.Words) == 0 || len(page.Ticket.Words) > deskapi.MaxTicketBytes {
		t.Errorf("the ticket itself: %d bytes of words, %v", len(page.Ticket.Words), err)
	}
}
