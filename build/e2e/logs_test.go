package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"raisehand/app/snapshot"
	"raisehand/uploader/deskapi"
)

// The person ticks the logs, reads them, sends them; the technician opens them.
func TestLogs(t *testing.T) {
	l, f := office(t, "en")
	dir := filepath.Join(l.path("person"), ".zoom", "logs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	const line = "10:02:31 audio device lost, account li.ming@school.example, token=abcdef1234567890\n"
	if err := os.WriteFile(filepath.Join(dir, "zoom_stdout_stderr.log"), []byte(line), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "z.log")); err != nil {
		t.Fatal(err)
	}
	l.tray.click(l.ui("menu.get_help"))
	l.title(l.ui("help.title"))
	s := f.wait("the form", func(s snapshot.Snapshot) bool { return s.Help != nil && s.Help.Picture != nil })
	l.press(s, "help", "", l.ui("help.attach_logs"))
	s = f.wait("the logs", func(s snapshot.Snapshot) bool {
		return s.Help != nil && s.Help.WithLogs && s.Help.Logs != nil && !s.Help.Logs.Running
	})
	if s.Help.Hold != nil || s.Help.Logs.Files == 0 {
		t.Errorf("hold %+v, logs %+v", s.Help.Hold, s.Help.Logs)
	}
	l.picture("logs-ticked")
	l.press(s, "help", "", l.ui("help.send"))
	s = f.wait("the desk's number", func(s snapshot.Snapshot) bool {
		return len(s.Tickets) == 1 && s.Tickets[0].Status.Number > 0 && s.Tickets[0].Pending == 0
	})
	got, head := l.file(s.Tickets[0].Status.ID, "logs-zoom-1.txt")
	if !strings.Contains(got, "audio device lost, account [mail], token=[secret]") || strings.Contains(got, "root:") {
		t.Errorf("at the desk: %q", got)
	}
	if head.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.Contains(head.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("it is handed out as %v", head)
	}
}

// file is a file of a ticket as a technician fetches it.
func (l *lab) file(ticket, name string) (string, http.Header) {
	l.t.Helper()
	body, _ := json.Marshal(deskapi.SignIn{Name: technician, Password: password})
	resp, err := http.Post(l.deskURL+"/v1/desk/session", "application/json", bytes.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	resp.Body.Close()
	req, _ := http.NewRequest("GET", l.deskURL+"/v1/desk/tickets/"+ticket+"/files/"+name, nil)
	for _, c := range resp.Cookies() {
		req.AddCookie(c)
	}
	file, err := http.DefaultClient.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer file.Body.Close()
	raw, err := io.ReadAll(file.Body)
	if err != nil || file.StatusCode != http.StatusOK {
		l.t.Fatalf("%s at the desk: %s, %v", name, file.Status, err)
	}
	return string(raw), file.Header
}
