package app

import (
	"context"
	"errors"
	"fmt"

	"raisehand/app/desktop"
	"raisehand/app/snapshot"
	"raisehand/app/tray"
)

// tray runs the resident program: the icon, the session, the outbox. A second
// start brings the first forward.
func (p *program) tray(ctx context.Context, f *flags, args []string) (int, error) {
	if len(args) > 0 {
		return exitUsage, wrong("cli.too_much", "word", args[0])
	}
	possible, shown := desktop.Tray()
	if !desktop.Display() && !possible {
		return exitUsage, wrong("cli.no_display")
	}
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	ws := &windows{ctx: ctx, quit: quit}
	run, err := p.own(ws, !shown)
	if errors.Is(err, desktop.ErrOwned) {
		return p.forward(ctx)
	}
	if err != nil {
		return exitUsage, err
	}
	defer run.owner.Release()
	ws.session = run.Session
	if err := run.serve(ctx, p.home); err != nil {
		return exitUsage, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		run.Run(ctx)
	}()
	if !shown || !run.Introduced() {
		run.Do(snapshot.Verb{Do: snapshot.Show})
	}
	if possible {
		tray.Run(ctx, func() tray.Listener { return run.Listen() }, run.Do)
	}
	<-ctx.Done()
	<-ended
	return exitOK, nil
}

// forward asks the running copy to come forward.
func (p *program) forward(ctx context.Context) (int, error) {
	c, err := p.dial(ctx)
	if err != nil {
		return exitUsage, err
	}
	defer c.close()
	c.do(snapshot.Verb{Do: snapshot.Show})
	fmt.Fprintln(p.out, p.book.T("cli.running_already"))
	c.next(ctx) // it has read us when it answers
	return exitOK, nil
}
