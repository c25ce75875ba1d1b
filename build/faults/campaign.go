//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"raisehand/capture/report"
)

// outcome is how one fault went.
type outcome struct {
	fault
	report  report.Report
	took    time.Duration // the whole diagnosis
	trouble error         // the fault could not be made, proven or undone
	spoilt  bool          // the lab is not what it was
	busy    float64       // share of the machine that others used meanwhile
	tries   int           // more than one: the machine was busy with something else
}

// first is the finding that a person reads first.
func (o outcome) first() string {
	if len(o.report.Findings) == 0 {
		return ""
	}
	return o.report.Findings[0].Code
}

func (o outcome) right() bool { return o.trouble == nil && o.first() == o.expect }

// campaign is one call of the program: labs, built when they are needed.
type campaign struct {
	rooms   map[bool]*room // by whether it is PipeWire's
	out     io.Writer      // progress
	verbose bool
}

func (c *campaign) room(ctx context.Context, pipewire bool) (*room, error) {
	if r := c.rooms[pipewire]; r != nil {
		return r, nil
	}
	r, err := build(ctx, pipewire)
	if err != nil {
		return nil, err
	}
	if c.rooms == nil {
		c.rooms = map[bool]*room{}
	}
	c.rooms[pipewire] = r
	return r, nil
}

func (c *campaign) tearDown() {
	for _, r := range c.rooms {
		r.tearDown()
	}
	c.rooms = nil
}

// run tries the faults one after the other: side by side they would slow each
// other down.
func (c *campaign) run(ctx context.Context, faults []fault) (all []outcome) {
	for _, lab := range []string{labPulse, labPipeWire, labCamera} {
		var here []fault
		for _, f := range faults {
			if f.lab == lab {
				here = append(here, f)
			}
		}
		switch {
		case len(here) == 0:
		case lab == labCamera:
			for _, o := range c.cameras(ctx, here) {
				all = append(all, c.note(o))
			}
		default:
			for _, f := range here {
				all = append(all, c.note(c.one(ctx, f, lab == labPipeWire)))
			}
			if r := c.rooms[lab == labPipeWire]; r != nil { // an idle lab still takes time
				r.tearDown()
				delete(c.rooms, lab == labPipeWire)
			}
		}
	}
	return all
}

func (c *campaign) one(ctx context.Context, f fault, pipewire bool) outcome {
	if ctx.Err() != nil {
		return outcome{fault: f, trouble: ctx.Err()}
	}
	r, err := c.room(ctx, pipewire)
	if err != nil {
		return outcome{fault: f, trouble: err}
	}
	for n := 1; ; n++ {
		done := turn(ctx)
		o := r.try(ctx, f)
		done()
		o.busy, o.tries = r.busy, n
		if o.spoilt {
			r.tearDown()
			delete(c.rooms, pipewire)
			return o
		}
		if o.right() || o.trouble != nil || o.busy < disturbed || n == tries {
			return o
		}
		fmt.Fprintf(c.out, "      %s said %s while others used %.0f %% of the machine; once more\n", o.id(), o.first(), 100*o.busy)
	}
}

func (c *campaign) note(o outcome) outcome {
	mark := "ok   "
	switch {
	case o.trouble != nil:
		mark = "ERROR"
	case !o.right():
		mark = "WRONG"
	}
	fmt.Fprintf(c.out, "%s %-36s %-28s %-28s %6.2f s\n", mark, o.id(), o.expect, o.first(), o.took.Seconds())
	if o.trouble != nil {
		fmt.Fprintln(c.out, "     ", o.trouble)
	}
	if c.verbose || o.trouble == nil && !o.right() {
		tell(c.out, o.report)
	}
	return o
}

// tell shows what a report says, briefly.
func tell(to io.Writer, r report.Report) {
	for _, x := range r.Results {
		params, _ := json.Marshal(x.Params)
		detail, _ := json.Marshal(x.Detail)
		if x.Verdict == report.OK {
			detail = nil
		}
		fmt.Fprintf(to, "      %-9s %-8s %-28s %5d ms %s %s\n", x.Check, x.Verdict, x.Code, x.TookMS, params, detail)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(to, "      %3d %s %v\n", f.Weight, f.Code, f.Because)
	}
}

// keep leaves a lab standing until it is told to stop.
func (c *campaign) keep(ctx context.Context, pipewire bool) error {
	r, err := c.room(ctx, pipewire)
	if err != nil {
		return err
	}
	fmt.Printf("export LAB=%s WORK=%s CLIENT=%s ROUTER=%s TOWN=%s INIT=%d PARTS=%s; . $LAB/helpers.sh\n", r.dir, r.path("work"), r.client, r.router, r.town, r.first, r.path("parts"))
	<-ctx.Done()
	return nil
}
