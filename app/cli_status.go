package app

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"raisehand/app/snapshot"
	"raisehand/uploader/deskapi"
)

// freshWait is how long status waits for the desk's newest word before it says
// what it knew.
const freshWait = 4 * time.Second

// status says where a ticket stands: the one named by ID or number, otherwise
// the open one made last, otherwise the last one.
func (p *program) status(ctx context.Context, f *flags, args []string) (int, error) {
	if len(args) > 1 {
		return exitUsage, wrong("cli.too_much", "word", args[1])
	}
	c, err := p.call(ctx)
	if err != nil {
		return exitUsage, err
	}
	defer c.close()
	w := &watching{p: p, f: f, c: c}
	if c.ours && p.set.Text("desk_url") != "" && isTerminal(p.err) {
		fmt.Fprintln(p.err, p.book.T("cli.asking"))
	}
	if len(args) == 1 {
		w.want = args[0]
	}
	if f.followIt {
		return w.run(ctx)
	}
	return w.once(ctx)
}

// watching follows one ticket on a terminal.
type watching struct {
	p    *program
	f    *flags
	c    *caller
	want string // an ID or a number, as typed
	id   string // found

	state    deskapi.State
	agent    string
	messages int
	left     *time.Duration // at since
	since    time.Time
	drawn    bool // a countdown stands on the last line
	final    bool
}

// find returns the wanted ticket.
func (w *watching) find(s snapshot.Snapshot) *snapshot.Ticket {
	if w.id != "" {
		return s.Find(w.id)
	}
	for i, t := range s.Tickets {
		if w.want == t.Status.ID || w.want != "" && w.want == strconv.FormatInt(t.Status.Number, 10) {
			w.id = t.Status.ID
			return &s.Tickets[i]
		}
	}
	if w.want != "" {
		return nil
	}
	t := s.Active()
	if t == nil && len(s.Tickets) > 0 {
		t = &s.Tickets[0]
	}
	if t != nil {
		w.id = t.Status.ID
	}
	return t
}

// unknown says that there is no such request, or none at all yet.
func (w *watching) unknown() error {
	if w.want == "" {
		return wrong("cli.not_asked")
	}
	return wrong("cli.no_ticket")
}

// once prints the newest word there is.
func (w *watching) once(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, freshWait)
	defer cancel()
	var last *snapshot.Ticket
	var others []snapshot.Ticket
	for seen := false; ; {
		m, ok := w.c.next(ctx)
		if !ok {
			break
		}
		if m.Snapshot == nil {
			continue
		}
		last = w.find(*m.Snapshot)
		others = w.others(*m.Snapshot)
		if !seen && last == nil {
			break // the first Snapshot holds every ticket that this computer knows
		}
		seen = true
		if !w.c.ours || !last.Status.State.Open() || last.Fresh || last.Code != "" || m.Snapshot.Desk.Code != "" {
			break
		}
	}
	if last == nil {
		return exitUsage, w.unknown()
	}
	if w.f.jsonOut {
		return exitOK, printJSON(w.p.out, answerOf(*last))
	}
	fmt.Fprintln(w.p.out, w.p.ticketLine(*last, w.c.ours))
	w.printMessages(last.Status.Messages)
	if last.Status.State == deskapi.Queued && has(stuck, last.Code) {
		w.p.complain(last.Code, nil)
	}
	if stale := w.c.ours && last.Status.State.Open() && !last.Fresh && last.Status.Number > 0; stale {
		fmt.Fprintln(w.p.err, w.p.book.T("cli.last_known", "time", last.Status.ServerTime.Local().Format("15:04")))
	}
	for _, t := range others {
		fmt.Fprintln(w.p.out, w.p.ticketLine(t, w.c.ours))
	}
	return exitOK, nil
}

// others are the open tickets besides the one found, when none was named.
func (w *watching) others(s snapshot.Snapshot) (open []snapshot.Ticket) {
	for _, t := range s.Tickets {
		if w.want == "" && t.Status.ID != w.id && t.Status.State.Open() {
			open = append(open, t)
		}
	}
	return open
}

// run follows until the ticket is closed or the person has seen enough.
func (w *watching) run(ctx context.Context) (int, error) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	messages := make(chan snapshot.Message)
	reading, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		defer close(messages)
		for {
			m, ok := w.c.next(reading)
			if !ok {
				return
			}
			select {
			case messages <- m:
			case <-reading.Done():
				return
			}
		}
	}()
	for !w.final {
		select {
		case m, ok := <-messages:
			if !ok {
				w.endLine()
				return exitOK, nil
			}
			if m.Snapshot != nil && !w.see(*m.Snapshot) {
				return exitUsage, w.unknown()
			}
		case <-tick.C:
			w.draw()
		}
	}
	return exitOK, nil
}

// see prints what has changed; false when there is no such ticket.
func (w *watching) see(s snapshot.Snapshot) bool {
	t := w.find(s)
	if t == nil {
		return false
	}
	st := t.Status
	w.left, w.since = t.Left, time.Now()
	if st.State != w.state || st.Agent != w.agent || len(st.Messages) != w.messages {
		w.endLine()
		if w.f.jsonOut {
			printJSON(w.p.out, answerOf(*t))
		} else {
			fmt.Fprintln(w.p.out, w.p.ticketLine(*t, w.c.ours))
			w.printMessages(st.Messages)
		}
		w.state, w.agent, w.messages = st.State, st.Agent, len(st.Messages)
	}
	w.final = !st.State.Open()
	w.draw()
	return true
}

func (w *watching) printMessages(messages []deskapi.Message) {
	for _, m := range messages[min(w.messages, len(messages)):] {
		at := w.p.book.T("cli.unsent")
		if !m.At.IsZero() {
			at = m.At.Local().Format("15:04")
		}
		fmt.Fprintf(w.p.out, "  %s %s: %s\n", at, first(m.Name, w.p.book.T("cli.you")), printable(m.Text))
	}
}

// printable takes the control characters out of words from outside: they must
// not move a terminal's cursor.
func printable(text string) string {
	out := []rune{}
	for _, r := range text {
		if r >= ' ' && r != 0x7f && (r < 0x80 || r >= 0xa0) || r == '\n' || r == '\t' {
			out = append(out, r)
		}
	}
	return string(out)
}

// draw keeps the countdown on the last line of a terminal.
func (w *watching) draw() {
	if w.f.jsonOut || w.left == nil || !isTerminal(w.p.out) {
		return
	}
	fmt.Fprintf(w.p.out, "\r\033[K  %s", w.p.leftWords(*w.left-time.Since(w.since)))
	w.drawn = true
}

func (w *watching) endLine() {
	if w.drawn {
		fmt.Fprint(w.p.out, "\r\033[K")
		w.drawn = false
	}
}
