package app

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"sync"

	"raisehand/capture"
	"raisehand/capture/report"
)

// probe is one check in a process of its own: lines on standard output, the
// result last, then the end without any tidying up: a driver that hangs in its
// own tear-down has no part in it.
func (p *program) probe(ctx context.Context, f *flags, args []string) (int, error) {
	if len(args) != 1 {
		return exitUsage, wrong("cli.probe_which", "checks", names())
	}
	for _, c := range checks {
		if c.name == args[0] {
			ask := capture.Ask{}
			if f.askIt {
				ask = p.readAsk()
			} else {
				ask.Situation.Desk, ask.Outside = p.set.Text("desk_url"), true
			}
			return p.runProbe(ctx, c, ask), nil
		}
	}
	return exitUsage, wrong("cli.probe_which", "checks", names())
}

func names() (list []string) {
	for _, c := range checks {
		list = append(list, c.name)
	}
	return list
}

// readAsk reads what is asked. When the asker is gone, so are we.
func (p *program) readAsk() (a capture.Ask) {
	r := bufio.NewReader(p.in)
	line, err := r.ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &a) != nil {
		a = capture.Ask{Situation: capture.Situation{ClassAssumed: true}}
	}
	go func() {
		io.Copy(io.Discard, r)
		os.Exit(exitUsage)
	}()
	return a
}

func (p *program) runProbe(ctx context.Context, c check, ask capture.Ask) int {
	limit := c.cap
	if ask.Live {
		limit = capture.LiveCap
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var mu sync.Mutex // a line, and a picture after it, in one piece
	say := func(l capture.Line) {
		mu.Lock()
		defer mu.Unlock()
		if capture.WriteLine(p.out, l) != nil {
			os.Exit(exitUsage) // nobody listens any more
		}
	}
	r := c.make(p, ask, say).Run(ctx)
	r.Check = c.name
	say(capture.Line{Result: &r})
	if r.Verdict == report.Fail {
		return exitFault
	}
	return exitOK
}
