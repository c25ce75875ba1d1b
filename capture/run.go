package capture

import (
	"context"
	"sync"
	"time"

	"raisehand/capture/report"
)

// Cap is how long one examination may take, all checks together.
const Cap = 6 * time.Second

// ScoutCap is how long the others wait to hear who is in class. A scout that
// says nothing by then is not waited for: a class is assumed.
const ScoutCap = 400 * time.Millisecond

// Plan says which checks make an examination.
type Plan struct {
	Scout string   // runs first and tells the others the Situation: "programs"
	Early []string // need no Situation and start at once: "screen"
	Rest  []string // start when the scout has spoken, all at the same time
	Desk  string   // the desk's address, for Situation.Desk

	// Article names the help article for a fault's code, empty if there is none;
	// may be nil.
	Article func(code string) string

	// Start makes the named check. In the app each is a Child.
	Start func(name string, s Situation, say func(Line)) Check
}

// Run examines the computer and returns what it found, not yet redacted.
// seen, if not nil, is told each line as it comes, one at a time, from other
// goroutines. Run returns by Cap, whatever the checks do.
func (p Plan) Run(ctx context.Context, seen func(check string, l Line)) (report.Report, Situation) {
	ctx, cancel := context.WithTimeout(ctx, Cap)
	defer cancel()
	x := &examination{plan: p, seen: seen, results: map[string]report.Result{}, facts: map[string]any{}, scouted: make(chan struct{})}
	x.situation = Situation{ClassAssumed: true, Desk: p.Desk}
	taken := time.Now().UTC()

	var all sync.WaitGroup
	run := func(name string, s Situation) {
		all.Go(func() { x.run(ctx, name, s) })
	}
	for _, name := range p.Early {
		run(name, x.now())
	}
	if p.Scout != "" {
		run(p.Scout, x.now())
		select {
		case <-x.scouted:
		case <-time.After(ScoutCap):
		case <-ctx.Done():
		}
	}
	for _, name := range p.Rest {
		run(name, x.now())
	}
	all.Wait()
	r, s := x.report(taken), x.now()
	return p.Diagnose(r, s), s
}

// Diagnose is Diagnose with each finding's help article.
func (p Plan) Diagnose(r report.Report, s Situation) report.Report {
	r = Diagnose(r, s)
	if p.Article != nil {
		for i := range r.Findings {
			r.Findings[i].Article = p.Article(r.Findings[i].Code)
		}
	}
	return r
}

// examination is one run of a Plan.
type examination struct {
	plan    Plan
	seen    func(string, Line)
	scouted chan struct{} // closed when the scout has spoken or ended
	once    sync.Once

	mu        sync.Mutex // guards all below, and keeps seen to one call at a time
	situation Situation
	results   map[string]report.Result
	facts     map[string]any
}

func (x *examination) run(ctx context.Context, name string, s Situation) {
	start := time.Now()
	r := x.plan.Start(name, s, func(l Line) { x.note(name, l) }).Run(ctx)
	if r.TookMS == 0 {
		r.TookMS = time.Since(start).Milliseconds()
	}
	r.Check = name
	x.note(name, Line{Result: &r})
}

func (x *examination) note(name string, l Line) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if l.Situation != nil && name == x.plan.Scout {
		x.situation = *l.Situation
		x.situation.Desk = x.plan.Desk
	}
	for k, v := range l.Facts {
		x.facts[k] = v
	}
	if l.Result != nil {
		x.results[name] = *l.Result
	}
	if name == x.plan.Scout && (l.Situation != nil || l.Result != nil) {
		x.once.Do(func() { close(x.scouted) })
	}
	if x.seen != nil {
		x.seen(name, l)
	}
}

func (x *examination) now() Situation {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.situation
}

func (x *examination) report(taken time.Time) report.Report {
	x.mu.Lock()
	defer x.mu.Unlock()
	r := report.Report{Schema: report.Schema, TakenAt: taken, Facts: x.facts, Results: []report.Result{}, Findings: []report.Finding{}}
	for _, name := range x.plan.names() {
		if got, ok := x.results[name]; ok {
			r.Results = append(r.Results, got)
		}
	}
	return r
}

// names lists the checks in the order people read them: devices first.
func (p Plan) names() []string {
	names := append(append([]string{}, p.Rest...), p.Early...)
	if p.Scout != "" {
		names = append(names, p.Scout)
	}
	return names
}
