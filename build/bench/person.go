//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"raisehand/app/snapshot"
	"raisehand/build/lab"
)

// clicked is what a person waited for after one click.
type clicked struct {
	mapped   time.Duration // the window stands on the screen: its frame is mapped
	shown    time.Duration // it has said that it is drawn; from here the hold counts
	verdicts time.Duration // every row has a verdict, "say something" included
}

// click presses "Get help" and waits for the window, and for the verdicts if
// wanted.
func (o *office) click(verdicts bool) (c clicked, err error) {
	if err := o.quiet(); err != nil {
		return c, err
	}
	press, err := o.tray.getHelp()
	if err != nil {
		return c, err
	}
	window := o.x.nextWindow()
	start := time.Now()
	if err := press(); err != nil {
		return c, err
	}
	m, err := o.face.wait("the window's word that it is shown", func(s snapshot.Snapshot) bool {
		return s.Help != nil && (s.Help.Hold != nil || s.Help.Phase != snapshot.Examining)
	})
	if err != nil {
		return c, err
	}
	if m.Help.Hold == nil {
		return c, fmt.Errorf("the window did not start the hold: %s %+v", m.Help.Phase, m.Notice)
	}
	c.shown = m.at.Sub(start)
	if !verdicts {
		return c, o.mappedSince(start, window, &c)
	}
	m, err = o.face.wait("every verdict", func(s snapshot.Snapshot) bool {
		if s.Help == nil {
			return false
		}
		for _, r := range s.Help.Rows {
			if r.Result == nil {
				return false
			}
		}
		return true
	})
	if err != nil {
		return c, err
	}
	c.verdicts = m.at.Sub(start)
	return c, o.mappedSince(start, window, &c)
}

func (o *office) mappedSince(start time.Time, window <-chan time.Time, c *clicked) error {
	select {
	case at := <-window:
		c.mapped = at.Sub(start)
		return nil
	case <-time.After(lab.Patience):
		return errors.New("the X server has mapped no window")
	}
}

// leave takes the request back; its window closes.
func (o *office) leave() error {
	if err := o.face.do(snapshot.Verb{Do: snapshot.DontSend}); err != nil {
		return err
	}
	if _, err := o.face.wait("the form to go", func(s snapshot.Snapshot) bool { return s.Help == nil }); err != nil {
		return err
	}
	return o.quiet()
}

// fullHD measures what a person waits for.
func (o *office) fullHD(p plan, t *table) error {
	if _, err := o.click(true); err != nil { // the first reads the programs from the disk
		return err
	}
	if err := o.leave(); err != nil {
		return err
	}
	if p.has("window") || p.has("verdicts") {
		if err := o.waits(p, t); err != nil {
			return err
		}
	}
	if p.has("send") {
		return o.sends(p, t)
	}
	return nil
}

// waits clicks, half the time with somebody who speaks.
func (o *office) waits(p plan, t *table) error {
	var mapped, shown, all, silent, spoken []float64
	for _, speaks := range []bool{false, true} {
		stop := func() {}
		if speaks {
			stop = o.sound.Speak("good morning class, please open your books at page forty eight")
		}
		for range (p.runs + 1) / 2 {
			c, err := o.click(true)
			if err != nil {
				return err
			}
			mapped, shown, all = append(mapped, ms(c.mapped)), append(shown, ms(c.shown)), append(all, ms(c.verdicts))
			if speaks {
				spoken = append(spoken, ms(c.verdicts))
			} else {
				silent = append(silent, ms(c.verdicts))
			}
			if err := o.leave(); err != nil {
				return err
			}
		}
		stop()
	}
	t.add(row{what: "click → window on the screen, 1080p", values: mapped, target: "≤ 300 ms", misses: most(300)})
	t.add(row{what: "click → window drawn, by its own word, 1080p", values: shown, target: "≤ 300 ms", misses: most(300)})
	t.add(row{what: "click → all verdicts", values: all, target: "p50 ≤ 2.5 s, p95 ≤ 3.5 s",
		misses: func(r row) bool { return r.at(50) > 2500 || r.at(95) > 3500 }})
	t.add(row{what: "… somebody speaks", values: spoken})
	t.add(row{what: "… nobody speaks", values: silent})
	return nil
}

// sends measures from the press on Send to the desk's number.
func (o *office) sends(p plan, t *table) error {
	var took []float64
	for range max(3, p.runs/3) {
		d, err := o.send()
		if err != nil {
			return err
		}
		took = append(took, ms(d))
		id := o.face.last.Tickets[0].Status.ID
		if err := o.face.do(snapshot.Verb{Do: snapshot.Solve, Ticket: id}); err != nil {
			return err
		}
		if _, err := o.face.wait("the end", func(s snapshot.Snapshot) bool { x := s.Find(id); return x != nil && !x.Status.State.Open() }); err != nil {
			return err
		}
		if err := o.empty(); err != nil {
			return err
		}
	}
	t.add(row{what: "send → accepted by the desk, on this computer", values: took})
	return nil
}

// send asks for help and presses Send; all of it is at the desk when it
// returns.
func (o *office) send() (accepted time.Duration, err error) {
	if _, err := o.click(false); err != nil {
		return 0, err
	}
	id := o.face.last.Help.ID
	start := time.Now()
	if err := o.face.do(snapshot.Verb{Do: snapshot.Send}); err != nil {
		return 0, err
	}
	m, err := o.face.wait("the desk's number", func(s snapshot.Snapshot) bool { x := s.Find(id); return x != nil && x.Status.Number > 0 })
	if err != nil {
		return 0, err
	}
	_, err = o.face.wait("the evidence", func(s snapshot.Snapshot) bool { x := s.Find(id); return x != nil && x.Pending == 0 })
	return m.at.Sub(start), err
}

// empty closes what stands on the screen, again and again: a window may be on
// its way yet.
func (o *office) empty() error {
	late := time.After(lab.Patience)
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for calm := 0; calm < 5; {
		list, err := o.x.windows()
		if err != nil {
			return err
		}
		calm++
		if len(list) > 0 {
			calm = 0
			if err := o.x.closeAll(); err != nil {
				return err
			}
		}
		select {
		case <-again.C:
		case <-late:
			return errors.New("a window does not close")
		}
	}
	return nil
}

func (o *office) fourK(p plan, t *table) error {
	var mapped, shown []float64
	for i := range max(3, p.runs/3) + 1 {
		c, err := o.click(false)
		if err != nil {
			return err
		}
		if i > 0 {
			mapped, shown = append(mapped, ms(c.mapped)), append(shown, ms(c.shown))
		}
		if err := o.leave(); err != nil {
			return err
		}
	}
	t.add(row{what: "click → window on the screen, 4K", values: mapped})
	t.add(row{what: "click → window drawn, by its own word, 4K", values: shown})
	return o.watch(fmt.Sprintf("after %d requests at 4K", len(mapped)+1), p, t)
}
