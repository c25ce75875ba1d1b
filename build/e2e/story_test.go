//go:build linux

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image/png"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"raisehand/app/snapshot"
	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// introduced leaves the settings of somebody who has been here before.
func (l *lab) introduced() {
	l.t.Helper()
	os.MkdirAll(l.home(), 0o700)
	name, room := "Lily Wang", "Class 3.2"
	if l.lang == "zh" {
		name, room = "李老师", "三年二班"
	}
	raw, _ := json.Marshal(map[string]any{
		"role": "teacher", "name": name, "room": room,
		"consent_at": "2026-11-01T08:00:00Z", "consent_wording": "1 " + l.lang, "lang": l.lang,
	})
	if err := os.WriteFile(l.home()+"/settings.json", raw, 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// office is a lab whose desk runs and has a technician, with the app in its
// tray.
func office(t *testing.T, lang string) (*lab, *face) {
	t.Helper()
	l := newLab(t, lang)
	l.startDesk()
	l.furnishDesk()
	l.introduced()
	l.startTray()
	f := l.startApp()
	l.tray.icon()
	return l, f
}

func verdicts(h *snapshot.Help) map[string]string {
	m := map[string]string{}
	for _, r := range h.Rows {
		if r.Result != nil {
			m[r.Check] = r.Result.Code
		}
	}
	return m
}

func TestOneClickATicketAnAnswer(t *testing.T) {
	for _, lang := range words.Langs {
		t.Run(lang, func(t *testing.T) { oneClick(t, lang) })
	}
}

func oneClick(t *testing.T, lang string) {
	l, f := office(t, lang)
	l.draw()
	idle := l.tray.pixels()
	talk := l.sound.Speak("good morning class, please open your books")
	l.tray.click(l.ui("menu.get_help"))

	window := l.title(l.ui("help.title"))
	if window == "" {
		t.Fatal("no window")
	}
	s := f.wait("the screenshot", func(s snapshot.Snapshot) bool { return s.Help != nil && s.Help.Picture != nil })
	l.press(s, "help", "", l.ui("help.attach"))
	s = f.wait("the tick", func(s snapshot.Snapshot) bool { return s.Help != nil && s.Help.WithPicture })
	if s.Help.Hold != nil || s.Help.Phase != snapshot.Form {
		t.Errorf("a click in the form did not stop the hold: %+v", s.Help)
	}
	s = f.wait("every verdict", func(s snapshot.Snapshot) bool { return s.Help != nil && s.Help.Done })
	talk()
	if got := verdicts(s.Help); got["mic"] != "mic.ok" || got["system"] == "" || got["camera"] == "" {
		t.Errorf("verdicts %v", got)
	}
	l.picture("get-help")
	l.press(s, "help", "", l.ui("help.send"))
	s = f.wait("the desk's number", func(s snapshot.Snapshot) bool {
		return len(s.Tickets) == 1 && s.Tickets[0].Status.Number > 0 && s.Tickets[0].Pending == 0
	})
	l.gone(l.ui("help.title"))
	ticket := s.Tickets[0]
	if got := l.tray.pixels(); bytes.Equal(got, idle) {
		t.Error("the icon does not show that a request waits")
	}
	due := ticket.Status.Deadline.Due.Sub(ticket.Status.Timeline[0].At)
	if want := map[report.Priority]time.Duration{report.P0: 30 * time.Minute, report.P1: 2 * time.Hour}[ticket.Status.Priority]; due != want {
		t.Errorf("%s is due after %v, not %v", ticket.Status.Priority, due, want)
	}

	desk := l.signIn()
	desk.shows("tr[data-number]", fmt.Sprint(ticket.Status.Number))
	desk.picture("console-queue")
	desk.open(ticket.Status.Number)
	desk.click("#take")
	s = f.wait("who has it", func(s snapshot.Snapshot) bool { return s.Tickets[0].Status.Agent == technician })
	if s.Tickets[0].Left == nil {
		t.Error("taking alone stopped the countdown: nobody has answered yet")
	}
	reply := map[string]string{"zh": "老师您好，我正在看您的电脑。", "en": "Hello, I am looking at your computer."}[lang]
	desk.write("#reply", reply)
	desk.click("#send")
	desk.picture("console-ticket")
	s = f.wait("the reply", func(s snapshot.Snapshot) bool { return len(s.Tickets[0].Status.Messages) == 1 })
	if m := s.Tickets[0].Status.Messages[0]; m.Text != reply || m.Name != technician || s.State != snapshot.Answered {
		t.Errorf("message %+v, state %s", m, s.State)
	}
	l.until("the icon's tooltip to name the technician", func() bool { return bytes.Contains([]byte(l.tray.tooltip()), []byte(technician)) })
	l.title(l.ui("ticket.title", "number", ticket.Status.Number))
	l.picture("ticket-answered")

	l.arrived(ticket.Status.ID)

	l.press(s, "ticket", ticket.Status.ID, l.ui("ticket.solve"))
	s = f.wait("the end", func(s snapshot.Snapshot) bool { return s.Tickets[0].Status.State == deskapi.Solved })
	if s.State != snapshot.Idle {
		t.Errorf("solved, and the icon says %s", s.State)
	}
	desk.picture("console-solved")
	desk.shows(".crumbs .state", words.In(lang).T("console.state.solved"))
}

// arrived checks that the screenshot at the desk is the screen as it was.
func (l *lab) arrived(id string) {
	l.t.Helper()
	client := &http.Client{}
	var me deskapi.Me
	body, _ := json.Marshal(deskapi.SignIn{Name: technician, Password: password})
	resp, err := client.Post(l.deskURL+"/v1/desk/session", "application/json", bytes.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	json.NewDecoder(resp.Body).Decode(&me)
	req, _ := http.NewRequest("GET", l.deskURL+"/v1/desk/tickets/"+id+"/files/screen-1.png", nil)
	for _, c := range resp.Cookies() {
		req.AddCookie(c)
	}
	file, err := client.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer file.Body.Close()
	raw, _ := io.ReadAll(file.Body)
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		l.t.Fatalf("the screenshot at the desk (%s): %v", file.Status, err)
	}
	if err := drawn(img); err != nil {
		l.t.Error(err)
	}
}

// class starts a stand-in for a class app: a program with its process name.
func (l *lab) class() {
	l.t.Helper()
	sleep, err := os.ReadFile("/bin/sleep")
	if err == nil {
		err = os.WriteFile(l.path("wemeetapp"), sleep, 0o755)
	}
	if err != nil {
		l.t.Fatal(err)
	}
	l.start(l.env, l.path("wemeetapp"), "600")
}
