package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/mattn/go-isatty"

	"raisehand/app/desktop"
	"raisehand/app/snapshot"
	"raisehand/capture"
	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// caller is the terminal's end of a session: its own, or that of the process
// that owns the home folder.
type caller struct {
	next  func(context.Context) (snapshot.Message, bool)
	do    func(snapshot.Verb)
	close func()
	ours  bool // the session lives in this process and ends with it
}

// call reaches the session of this home folder, or starts one.
func (p *program) call(ctx context.Context) (*caller, error) {
	run, err := p.own(terminal{}, false)
	if errors.Is(err, desktop.ErrOwned) {
		return p.dial(ctx)
	}
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	face := run.Listen()
	go func() {
		defer close(ended)
		run.Run(ctx)
	}()
	if err := run.serve(ctx, p.home); err != nil { // others then wait for the lock; this command works all the same
		p.complain("cli.failed", map[string]any{"reason": err.Error()})
	}
	return &caller{next: face.Next, do: run.Do, ours: true, close: func() {
		stop()
		<-ended
		run.owner.Release()
	}}, nil
}

// dial speaks to the owner over its socket.
func (p *program) dial(ctx context.Context) (*caller, error) {
	conn, err := desktop.Dial(p.home)
	if err != nil {
		return nil, wrong("cli.owner_silent", "reason", err.Error())
	}
	messages := make(chan snapshot.Message)
	gone := make(chan struct{})
	go func() {
		defer close(messages)
		snapshot.Read(conn, func(m snapshot.Message) {
			select {
			case messages <- m:
			case <-gone:
			}
		})
	}()
	return &caller{
		next: func(ctx context.Context) (snapshot.Message, bool) {
			select {
			case m, ok := <-messages:
				return m, ok
			case <-ctx.Done():
				return snapshot.Message{}, false
			}
		},
		do:    func(v snapshot.Verb) { snapshot.Write(conn, snapshot.Message{Verb: &v}) },
		close: func() { close(gone); conn.Close() },
	}, nil
}

// answer is what get-help and status print as JSON.
type answer struct {
	ID         string             `json:"id"`
	Number     int64              `json:"number"`
	Priority   report.Priority    `json:"priority"`
	State      deskapi.State      `json:"state"`
	Due        *time.Time         `json:"response_due"`
	Source     string             `json:"deadline_source,omitempty"`
	ServerTime *time.Time         `json:"server_time"`
	Findings   []string           `json:"findings"`
	Sent       []deskapi.FileInfo `json:"sent"`
	Agent      string             `json:"agent,omitempty"`
	Messages   []deskapi.Message  `json:"messages,omitempty"`
	Waiting    string             `json:"waiting_because,omitempty"` // a code: why it is still on this computer
}

func answerOf(t snapshot.Ticket) answer {
	st := t.Status
	a := answer{ID: st.ID, Number: st.Number, Priority: st.Priority, State: st.State, Findings: []string{}, Sent: t.Sent, Agent: st.Agent, Messages: st.Messages, Waiting: t.Code}
	if t.Outgoing != nil {
		a.Findings = t.Outgoing.Ticket.Findings
	}
	if a.Sent == nil {
		a.Sent = []deskapi.FileInfo{}
	}
	if st.Deadline != nil {
		due := st.Deadline.Due
		a.Due, a.Source = &due, st.Deadline.Source
	}
	if !st.ServerTime.IsZero() {
		at := st.ServerTime
		a.ServerTime = &at
	}
	return a
}

// getHelp is the whole job in a terminal.
func (p *program) getHelp(ctx context.Context, f *flags, args []string) (int, error) {
	if len(args) > 0 {
		return exitUsage, wrong("cli.too_much", "word", args[0])
	}
	v := snapshot.Verb{Do: snapshot.HelpNow, Ticket: uuid.Must(uuid.NewV7()).String(), Text: f.say, Priority: report.Priority(f.priority), On: f.shot, Logs: f.logs, Ask: !f.yes}
	if f.priority != "" && !v.Priority.Valid() {
		return exitUsage, wrong("cli.flag_wrong_value", "flag", "--priority", "value", f.priority, "takes", "p0, p1, p2, p3")
	}
	if f.role != "" && f.role != "teacher" && f.role != "student" {
		return exitUsage, wrong("cli.flag_wrong_value", "flag", "--role", "value", f.role, "takes", "teacher, student")
	}
	v.Person = &deskapi.Person{Role: f.role, Name: f.name, Room: f.room}
	keyboard := isTerminal(p.in)
	if !f.yes && !keyboard {
		return exitUsage, wrong("cli.needs_yes")
	}
	p.typed = true
	c, err := p.call(ctx)
	if err != nil {
		return exitUsage, err
	}
	defer c.close()
	h := &asking{p: p, f: f, c: c, id: v.Ticket, to: p.out, texts: map[string]string{}}
	if f.jsonOut {
		h.to = p.err
	}
	h.lines = p.sheet(h.to, p.plan(nil), nil)
	c.do(v)
	return h.run(ctx)
}

// asking is one get-help on its way.
type asking struct {
	p      *program
	f      *flags
	c      *caller
	id     string
	to     io.Writer         // progress
	lines  *sheet            // the checks' lines
	judged bool              // the findings have been printed
	texts  map[string]string // the files that would go, as they would go, by name
	asked  bool
	told   bool // that it waits for the desk
	sentAt time.Time
}

// evidenceWait is how long a command that owns the session stays for its
// evidence after the ticket is accepted; what is not sent then goes with the
// next start.
const evidenceWait = 60 * time.Second

func (a *asking) run(ctx context.Context) (int, error) {
	fmt.Fprintln(a.to, a.p.book.T("cli.looking"))
	for {
		m, ok := a.c.next(ctx)
		if !ok {
			if ctx.Err() != nil {
				return exitWaiting, nil
			}
			return exitWaiting, wrong("cli.owner_gone")
		}
		if m.Text != nil {
			a.texts[m.Text.Name] = m.Text.Text
		}
		if m.Snapshot == nil {
			continue
		}
		code, done, err := a.see(ctx, *m.Snapshot)
		if done || err != nil {
			return code, err
		}
	}
}

func (a *asking) see(ctx context.Context, s snapshot.Snapshot) (code int, done bool, err error) {
	if s.Help != nil && s.Help.ID == a.id {
		a.hearRows(*s.Help)
		switch {
		case s.Help.Phase == snapshot.Refused && s.Help.Problem != nil:
			a.findings(s.Help.Outgoing)
			a.c.do(snapshot.Verb{Do: snapshot.DontSend})
			return exitUsage, true, mistake{s.Help.Problem.Code, s.Help.Problem.Params} // this computer's no, not the desk's
		case !a.f.yes && s.Help.Done && !a.asked && (s.Help.Logs == nil || !s.Help.Logs.Running):
			a.asked = true
			if !a.confirm(s) {
				a.c.do(snapshot.Verb{Do: snapshot.DontSend})
				fmt.Fprintln(a.to, a.p.book.T("cli.not_sent"))
				return exitOK, true, nil
			}
			a.c.do(snapshot.Verb{Do: snapshot.Send})
		}
		return 0, false, nil
	}
	if s.Help != nil && s.Notice != nil && s.Notice.Code == "help.already_open" {
		return exitUsage, true, mistake{s.Notice.Code, nil}
	}
	t := s.Find(a.id)
	if t == nil {
		return 0, false, nil
	}
	return a.kept(ctx, s, *t)
}

// kept: the ticket is in the outbox, and perhaps at the desk already.
func (a *asking) kept(ctx context.Context, s snapshot.Snapshot, t snapshot.Ticket) (int, bool, error) {
	if a.sentAt.IsZero() {
		a.sentAt = time.Now()
		a.findings(t.Outgoing)
	}
	switch {
	case t.Refused:
		a.print(t)
		return exitFault, true, mistake{t.Code, nil}
	case t.Status.State == deskapi.Queued && t.Code == "":
		return 0, false, nil // the first try is under way
	case t.Status.State == deskapi.Queued && !a.f.followIt:
		a.print(t)
		if a.c.ours && !a.f.jsonOut && !has(stuck, t.Code) { // what to do has been said: nothing goes by itself once this command has ended
			fmt.Fprintf(a.p.err, "raisehand: %s\n", a.p.book.Sentence(t.Code, nil))
			return exitWaiting, true, nil
		}
		return exitWaiting, true, mistake{t.Code, nil}
	case t.Status.State == deskapi.Queued:
		if !a.told {
			a.told = true
			a.p.complain(t.Code, nil)
			fmt.Fprintln(a.to, a.p.keptWords(t.Code, false)) // who follows it keeps it going
		}
		return 0, false, nil
	case t.Pending > 0 && a.c.ours && time.Since(a.sentAt) < evidenceWait && t.Code == "":
		return 0, false, nil
	}
	if a.f.followIt {
		w := &watching{p: a.p, f: a.f, c: a.c, id: a.id}
		w.see(s)
		code, err := w.run(ctx)
		return code, true, err
	}
	a.print(t)
	return exitOK, true, nil
}

func (a *asking) print(t snapshot.Ticket) {
	if a.f.jsonOut {
		printJSON(a.p.out, answerOf(t))
		return
	}
	fmt.Fprintln(a.p.out, a.p.ticketLine(t, a.c.ours))
}

// hearRows prints verdicts as they arrive, in the order in which people read
// them; what a check says before it is sure is not one.
func (a *asking) hearRows(h snapshot.Help) {
	for _, r := range h.Rows {
		switch {
		case r.Result == nil:
		case r.Running:
			a.lines.hear(r.Check, capture.Line{Interim: r.Result})
		default:
			a.lines.once(*r.Result)
		}
	}
}

// findings prints the rest of the lines, why a screenshot that was asked for
// does not go, and what is wrong and what to do.
func (a *asking) findings(o *snapshot.Outgoing) {
	if a.judged || o == nil || o.Report == nil {
		return
	}
	a.judged = true
	for _, r := range o.Report.Results {
		a.lines.once(r)
		if r.Check == theFirst && a.f.shot && r.Verdict != report.OK {
			a.lines.also = []string{theFirst}
		}
	}
	a.lines.flush()
	a.lines.end()
	a.p.printFindings(a.to, *o.Report)
	fmt.Fprintln(a.to)
}

// confirm shows what will be sent, and asks.
func (a *asking) confirm(s snapshot.Snapshot) bool {
	p := a.p
	o := s.Help.Outgoing
	a.findings(o)
	for _, e := range o.List(p.book) {
		if e.Heading != "" {
			fmt.Fprintf(a.to, "\n%s\n", e.Heading)
		} else {
			fmt.Fprintf(a.to, "  %s %s\n", pad(e.Name, 22), printable(e.Value))
		}
	}
	question := p.book.T("cli.send_question")
	if s.Help.Logs != nil && s.Help.Logs.Files > 0 {
		question = p.book.T("cli.send_question.logs")
	}
	for in := bufio.NewReader(p.in); ; {
		fmt.Fprint(a.to, "\n", question, " ")
		line, err := in.ReadString('\n')
		if err != nil {
			return false // silence is never consent
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes", "是", "好", "发送":
			return true
		case "r", "read", "看", "查看":
			a.read(o)
		default:
			return false
		}
	}
}

// read prints the texts that would go, as they would go.
func (a *asking) read(o *snapshot.Outgoing) {
	for _, f := range o.Files {
		text, ok := a.texts[f.Name]
		if !ok {
			continue
		}
		fmt.Fprintf(a.to, "\n%s\n", f.Name)
		for line := range strings.Lines(text) {
			fmt.Fprintf(a.to, "  %s\n", printable(strings.TrimSuffix(line, "\n")))
		}
	}
}

// ticketLine says in one line where a ticket stands.
func (p *program) ticketLine(t snapshot.Ticket, ours bool) string {
	st := t.Status
	b := p.book
	if st.State == deskapi.Queued {
		return p.keptWords(t.Code, ours)
	}
	state := b.Name("state." + string(st.State))
	line := b.T("cli.ticket", "number", st.Number, "priority", b.Name("priority."+string(st.Priority)), "state", state)
	if st.Agent != "" {
		line += b.T("cli.ticket_agent", "name", st.Agent)
	}
	if t.Left != nil {
		line += p.leftWords(*t.Left)
	}
	return line
}

// stuck are the codes of a desk that waiting does not bring nearer: somebody
// has to change something first.
var stuck = []string{"desk.key_missing", "desk.key_wrong", "desk.key_used_up", "desk.token_unknown", "desk.not_set", "desk.not_secret",
	"desk.address_wrong", "desk.scheme_wrong", "desk.certificate_foreign", "desk.certificate_expired", "desk.certificate_name", "desk.other"}

// keptWords says that a request waits here for the reason of this code, and
// what must be for it to leave.
func (p *program) keptWords(code string, ours bool) string {
	key := "cli.kept"
	if has(stuck, code) {
		key = "cli.stuck"
	}
	if ours {
		key += "_here"
	}
	return p.book.T(key)
}

func (p *program) leftWords(left time.Duration) string {
	if left < 0 {
		return p.book.T("cli.overdue", "time", clock(-left))
	}
	return p.book.T("cli.left", "time", clock(left))
}

// clock writes a duration as people read it: 24:10, 1:59:50.
func clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}
