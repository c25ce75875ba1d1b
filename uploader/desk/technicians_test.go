package desk

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"raisehand/assets/words"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

func TestEveryEndpointRefusesAStranger(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	id := pc.filed(report.P1)
	var api struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	r.stranger().do("GET", "/v1/openapi.json", nil).want(200).into(&api)
	if !strings.HasPrefix(api.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s", api.OpenAPI)
	}
	// The only ones that answer without knowing who asks.
	free := []string{"GET /v1/time", "GET /v1/healthz", "POST /v1/enroll", "POST /v1/echo", "POST /v1/desk/session"}
	fill := strings.NewReplacer("{id}", id, "{version}", "1", "{name}", "a.png", "{sha256}", strings.Repeat("a", 64))
	garbled := func(w *who) *who {
		other := r.stranger()
		for k, v := range w.head {
			other.head[k] = []string{strings.Replace(v[0], w.token, w.token[1:]+"A", 1)}
		}
		return other
	}
	seen := 0
	for _, path := range slices.Sorted(maps.Keys(api.Paths)) {
		for method := range api.Paths[path] {
			method = strings.ToUpper(method)
			if slices.Contains(free, method+" "+path) {
				continue
			}
			seen++
			wrong := map[string]*who{"nobody": r.stranger(), "a token that is none": garbled(pc), "a session that is none": garbled(li)}
			if strings.HasPrefix(path, "/v1/desk/") {
				wrong["a computer"] = pc
			} else {
				wrong["a technician"] = li
			}
			for name, w := range wrong {
				body := any(map[string]string{})
				if method == "GET" || method == "HEAD" {
					body = nil
				}
				a := w.do(method, fill.Replace(path), body)
				if a.status != 401 {
					t.Errorf("%s %s lets in %s: %d %s", method, path, name, a.status, a.body)
				}
				if method != "HEAD" && !strings.Contains(string(a.body), `"code":"desk.`) {
					t.Errorf("%s %s: no code: %s", method, path, a.body)
				}
			}
		}
	}
	if n := strings.Count(string(api.Paths["/v1/tickets"]["post"]), "octet-stream"); n != 0 {
		t.Error("a ticket is described as bytes")
	}
	if seen < 20 {
		t.Errorf("only %d endpoints described", seen)
	}
	r.stranger().do("GET", "/v1/nothing", nil).refused(401, "desk.token_unknown")
	pc.do("GET", "/v1/nothing", nil).refused(404, "desk.not_found")
	li.do("GET", "/v1/desk/nothing", nil).refused(404, "desk.not_found")
}

func TestAChangeNeedsTheCSRFToken(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	id := pc.filed(report.P1)
	take := "/v1/desk/tickets/" + id + "/take"
	li.do("POST", take, nil, "X-CSRF-Token", "").refused(403, "desk.csrf")
	li.do("POST", take, nil, "X-CSRF-Token", r.technician("other").me.CSRF).refused(403, "desk.csrf")
	li.do("DELETE", "/v1/desk/session", nil, "X-CSRF-Token", "x").refused(403, "desk.csrf")
	li.do("POST", take, nil, "Sec-Fetch-Site", "cross-site").refused(403, "desk.csrf")
	r.stranger().do("POST", "/v1/desk/session", deskapi.SignIn{Name: "李明", Password: password}, "Sec-Fetch-Site", "cross-site").refused(403, "desk.csrf")
	li.do("GET", "/v1/desk/tickets", nil, "X-CSRF-Token", "").want(200)
	li.do("POST", take, nil).want(200)
}

func TestSigningIn(t *testing.T) {
	r := newRoom(t, func(d *Desk) { d.Secure = true })
	r.account("李明", password)
	try := func(name, password string) *answered {
		return r.stranger().do("POST", "/v1/desk/session", deskapi.SignIn{Name: name, Password: password})
	}
	try("李明", "wrong horse").refused(401, "desk.sign_in_wrong")
	try("nobody", password).refused(401, "desk.sign_in_wrong")
	try("", "").refused(401, "desk.sign_in_wrong")
	li := r.stranger()
	a := try(" 李明 ", password).want(200)
	a.into(&li.me)
	c := (&http.Response{Header: a.head}).Cookies()[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Name != "__Host-raisehand" || c.Path != "/" {
		t.Errorf("cookie %+v", c)
	}
	li.signedIn(a)
	var me deskapi.Me
	li.do("GET", "/v1/desk/session", nil).want(200).into(&me)
	if me != li.me || me.Name != "李明" || me.Role != "technician" || me.CSRF == "" {
		t.Errorf("%+v, signed in as %+v", me, li.me)
	}
	if strings.Contains(r.log.String(), "horse") || strings.Contains(r.log.String(), li.token) {
		t.Error("a secret in the log")
	}
	li.do("DELETE", "/v1/desk/session", nil).want(204)
	li.do("GET", "/v1/desk/session", nil).refused(401, "desk.signed_out")
}

func TestASessionEndsInTheEveningAndWithANewPassword(t *testing.T) {
	r := newRoom(t)
	li := r.technician("李明")
	r.pass(sessionTime - time.Minute)
	li.do("GET", "/v1/desk/session", nil).want(200)
	r.pass(time.Minute)
	li.do("GET", "/v1/desk/session", nil).refused(401, "desk.signed_out")
	li = r.technician("李明")
	r.account("李明", "another one")
	li.do("GET", "/v1/desk/session", nil).refused(401, "desk.signed_out")
}

func TestGuessingIsSlowedDown(t *testing.T) {
	r := newRoom(t)
	r.account("李明", password)
	try := func(password string) *answered {
		return r.stranger().do("POST", "/v1/desk/session", deskapi.SignIn{Name: "李明", Password: password})
	}
	for range guessesOfName {
		try("wrong").refused(401, "desk.sign_in_wrong")
	}
	a := try(password) // also the right one: that it is right is not told
	a.refused(429, "desk.slow_down")
	if a.head.Get("Retry-After") == "" {
		t.Error("does not say how long")
	}
	r.pass(time.Minute)
	try(password).want(200)
	for i := range guessesOfAddress { // now with other names
		r.stranger().do("POST", "/v1/desk/session", deskapi.SignIn{Name: fmt.Sprint(i), Password: "x"})
	}
	r.stranger().do("POST", "/v1/desk/session", deskapi.SignIn{Name: "one more", Password: "x"}).refused(429, "desk.slow_down")
}

// Each plot: what is done to a ticket, and whether and when its response
// deadline was met.
func TestWhatMeetsTheDeadline(t *testing.T) {
	minute := func(n int) *time.Time {
		at := time.Date(2026, 11, 23, 9, n, 0, 0, time.UTC)
		return &at
	}
	for name, c := range map[string]struct {
		do    []string
		state deskapi.State
		agent string
		met   *time.Time
	}{
		"nothing":                            {nil, deskapi.Received, "", nil},
		"taking alone is seen":               {[]string{"take"}, deskapi.Assigned, "李明", nil},
		"first reply":                        {[]string{"reply"}, deskapi.Assigned, "李明", minute(1)},
		"reply after taking":                 {[]string{"take", "reply"}, deskapi.Assigned, "李明", minute(2)},
		"a second reply changes nothing":     {[]string{"reply", "reply"}, deskapi.Assigned, "李明", minute(1)},
		"work begun":                         {[]string{"in_progress"}, deskapi.InProgress, "李明", minute(1)},
		"waiting is no answer":               {[]string{"take", "waiting_user"}, deskapi.WaitingUser, "李明", nil},
		"solved at once":                     {[]string{"solved"}, deskapi.Solved, "李明", minute(1)},
		"the user's words do not meet it":    {[]string{"say"}, deskapi.Received, "", nil},
		"an answer puts it back to work":     {[]string{"reply", "waiting_user", "say"}, deskapi.InProgress, "李明", minute(1)},
		"given back":                         {[]string{"take", "received"}, deskapi.Received, "", nil},
		"solved by its owner":                {[]string{"user solved"}, deskapi.Solved, "", nil},
		"withdrawn":                          {[]string{"take", "user withdrawn"}, deskapi.Withdrawn, "李明", nil},
		"not solved after all":               {[]string{"reply", "solved", "user received"}, deskapi.Received, "李明", nil},
		"answered again after not solved":    {[]string{"reply", "solved", "user received", "reply"}, deskapi.Assigned, "李明", minute(4)},
		"taken twice":                        {[]string{"take", "take"}, deskapi.Assigned, "李明", nil},
		"opened again by a technician":       {[]string{"solved", "in_progress"}, deskapi.InProgress, "李明", minute(1)},
		"refused: take what is solved":       {[]string{"solved", "!take"}, deskapi.Solved, "李明", minute(1)},
		"refused: withdraw what is solved":   {[]string{"solved", "!user withdrawn"}, deskapi.Solved, "李明", minute(1)},
		"refused: user begins work":          {[]string{"!user in_progress"}, deskapi.Received, "", nil},
		"refused: user asks again too early": {[]string{"take", "!user received"}, deskapi.Assigned, "李明", nil},
		"refused: technician withdraws":      {[]string{"!withdrawn"}, deskapi.Received, "", nil},
		"refused: back to the computer":      {[]string{"!queued"}, deskapi.Received, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t)
			pc, li := r.computer("PC-312"), r.technician("李明")
			id := pc.filed(report.P0)
			received := r.clock()
			for _, step := range c.do {
				r.pass(time.Minute)
				step, refused := strings.CutPrefix(step, "!")
				var a *answered
				switch state, byUser := strings.CutPrefix(step, "user "); {
				case step == "take":
					a = li.do("POST", "/v1/desk/tickets/"+id+"/take", nil)
				case step == "reply":
					a = li.do("POST", "/v1/desk/tickets/"+id+"/messages", said("来了"))
				case step == "say":
					a = pc.do("POST", "/v1/tickets/"+id+"/messages", said("好的"))
				case byUser:
					a = pc.do("POST", "/v1/tickets/"+id+"/state", deskapi.SetState{State: deskapi.State(state)})
				default:
					a = li.do("POST", "/v1/desk/tickets/"+id+"/state", deskapi.SetState{State: deskapi.State(step)})
				}
				if refused != (a.status == 409 || a.status == 422) || a.status >= 500 {
					t.Fatalf("%s: %d %s", step, a.status, a.body)
				}
			}
			s := pc.do("GET", "/v1/tickets/"+id, nil).want(200).ticket()
			if s.State != c.state || s.Agent != c.agent {
				t.Errorf("%s, agent %q; want %s, %q", s.State, s.Agent, c.state, c.agent)
			}
			if fmt.Sprint(s.Deadline.MetAt) != fmt.Sprint(c.met) {
				t.Errorf("met at %v, want %v", s.Deadline.MetAt, c.met)
			}
			if s.Deadline.Paused != (c.state == deskapi.WaitingUser) || s.Deadline.Source != "local" {
				t.Errorf("deadline %+v", s.Deadline)
			}
			from := received
			if i := slices.Index(c.do, "user received"); i >= 0 { // the clock starts again
				from = received.Add(time.Duration(i+1) * time.Minute)
			}
			if !s.Deadline.Due.Equal(from.Add(30 * time.Minute)) {
				t.Errorf("due %v", s.Deadline.Due)
			}
			if s.Timeline[0].State != deskapi.Received || s.Timeline[len(s.Timeline)-1].State != s.State {
				t.Errorf("timeline %+v", s.Timeline)
			}
		})
	}
}

func TestTheDeadlineFollowsThePriorityFromWhenItWasReceived(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	id, received := pc.filed(report.P2), r.clock()
	r.pass(45 * time.Minute)
	set := func(p string) *answered {
		return li.do("POST", "/v1/desk/tickets/"+id+"/priority", map[string]string{"priority": p})
	}
	s := set("p0").want(200).page().Status
	if s.Priority != report.P0 || !s.Deadline.Due.Equal(received.Add(30*time.Minute)) || s.Seq != 2 {
		t.Errorf("%+v %+v", s, s.Deadline)
	}
	if again := set("p0").want(200).page().Status; again.Seq != 2 {
		t.Error("setting the same again is a change")
	}
	set("none").refused(422, "desk.bad_request")
	set("p9").refused(422, "desk.bad_request")
	if own := pc.do("GET", "/v1/tickets/"+id, nil).ticket(); own.Priority != report.P0 {
		t.Errorf("its owner sees %s", own.Priority)
	}
}

func TestTheQueueHasWhatIsDueFirstOnTop(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	file := func(p report.Priority, words string) string {
		ticket := someTicket(p)
		ticket.Words = words
		pc.file(ticket).want(201)
		return ticket.ID
	}
	name := map[string]string{}
	name[file(report.P1, "p1 at nine")] = "p1 at nine"
	r.pass(90 * time.Minute)
	name[file(report.P2, "p2")] = "p2"
	name[file(report.P0, "p0 due at eleven too")] = "p0 at the same instant" // 10:30 + 30 min = 9:00 + 2 h
	answeredID := file(report.P0, "answered")
	name[answeredID] = "answered"
	li.do("POST", "/v1/desk/tickets/"+answeredID+"/messages", said("on my way")).want(200)
	done := file(report.P0, "Done")
	name[done] = "done"
	li.do("POST", "/v1/desk/tickets/"+done+"/state", deskapi.SetState{State: deskapi.Solved}).want(200)

	list := func(query string) (got []string) {
		var q deskapi.Queue
		li.do("GET", "/v1/desk/tickets"+query, nil).want(200).into(&q)
		for _, x := range q.Tickets {
			got = append(got, name[x.Status.ID])
		}
		return got
	}
	open := []string{"p0 at the same instant", "p1 at nine", "p2", "answered"}
	for query, want := range map[string][]string{
		"": open, "?state=open": open,
		"?state=all":                append(slices.Clone(open), "done"),
		"?state=all&q=%23" + "1005": {"done"},
		"?state=all&q=done":         {"done"},
		"?q=done":                   nil,
		"?q=P2":                     {"p2"},
		"?q=三年二班":                   open,
		"?q=pc-312":                 open,
		"?q=李明":                     {"answered"},
		"?q=%25":                    nil,
	} {
		if got := list(query); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	li.do("GET", "/v1/desk/tickets?state=other", nil).refused(422, "desk.bad_request")
}

func TestTheQueueNamesWhatTheNewestReportFound(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	ticket := someTicket(report.P1)
	ticket.Findings = []string{"camera.busy"}
	pc.file(ticket).want(201)
	program := func() any {
		var q deskapi.Queue
		li.do("GET", "/v1/desk/tickets", nil).want(200).into(&q)
		return q.Tickets[0].Params["program"]
	}
	if got := program(); got != nil {
		t.Errorf("before any report: %v", got)
	}
	for i, code := range []string{"camera.busy", "mic.muted"} {
		rep := report.Report{Schema: 1, TakenAt: r.now, Findings: []report.Finding{{Code: code, Params: map[string]any{"program": "cheese"}}}}
		if a := pc.do("PUT", fmt.Sprintf("/v1/tickets/%s/reports/%d", ticket.ID, i+1), rep); a.status >= 300 {
			t.Fatalf("report %d: %d %s", i+1, a.status, a.body)
		}
		want := any("cheese")
		if code != "camera.busy" {
			want = nil // the ticket's own finding is another: its sentence must not borrow the new one's words
		}
		if got := program(); got != want {
			t.Errorf("after %s: %v, want %v", code, got, want)
		}
	}
}

func TestUnreadCountsSinceTheLastReply(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("李明")
	id := pc.filed(report.P1)
	unread := func() int {
		var q deskapi.Queue
		li.do("GET", "/v1/desk/tickets", nil).want(200).into(&q)
		return q.Tickets[0].Unread
	}
	say := func() { pc.do("POST", "/v1/tickets/"+id+"/messages", said("还在吗")).want(201) }
	say()
	say()
	if n := unread(); n != 2 {
		t.Errorf("%d unread after two", n)
	}
	li.do("POST", "/v1/desk/tickets/"+id+"/messages", said("在")).want(200)
	if n := unread(); n != 0 {
		t.Errorf("%d unread after a reply", n)
	}
	say()
	if n := unread(); n != 1 {
		t.Errorf("%d unread after one more", n)
	}
}

func TestTheConsoleRunsNothingThatIsNotTheDesks(t *testing.T) {
	r := newRoom(t)
	a := r.stranger().do("GET", "/", nil).want(200)
	csp := a.head.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("policy %q", csp)
	}
	for _, inline := range []string{"<script>", "style=\"", " onclick=", "javascript:"} {
		if strings.Contains(string(a.body), inline) {
			t.Errorf("the page has %s, which its policy forbids", inline)
		}
	}
	for _, lang := range words.Langs {
		var book words.Book
		r.stranger().do("GET", "/words/"+lang+".json", nil).want(200).into(&book)
		if len(book.Codes) == 0 {
			t.Errorf("no words in %s", lang)
		}
	}
	r.stranger().do("GET", "/console.go", nil).want(404)
	r.stranger().do("GET", "/js/", nil).want(404)
	r.stranger().do("GET", "/words/fr.json", nil).want(404)
	r.stranger().do("POST", "/", map[string]string{}).refused(404, "desk.not_found")
}

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	r := newRoom(t)
	var p deskapi.Problem
	r.stranger().do("GET", "/v1/tickets", nil, "Accept-Language", "zh-CN,zh;q=0.9").want(401).into(&p)
	if p.Title != words.In("zh").Codes["desk.token_unknown"].Title {
		t.Errorf("%+v", p)
	}
	a := r.stranger().do("POST", "/v1/desk/session", map[string]any{"name": "li", "password": 7777})
	a.refused(422, "desk.bad_request")
	if strings.Contains(string(a.body), "7777") || !strings.Contains(string(a.body), "password") {
		t.Errorf("%s", a.body)
	}
}

func TestEveryCodeHasItsWords(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`Code: +"(desk\.[a-z_]+)"`)
	found := map[string]bool{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllSubmatch(text, -1) {
			found[string(m[1])] = true
		}
	}
	if len(found) < 12 {
		t.Errorf("only %d codes found", len(found))
	}
	for c := range found {
		for _, lang := range words.Langs {
			if says := words.In(lang).Codes[c]; says.Title == "" || says.Says == "" || says.Do == "" {
				t.Errorf("%s has no words in %s", c, lang)
			}
		}
	}
}
