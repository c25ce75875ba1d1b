package tray

import (
	"context"
	"log"
	"reflect"

	"fyne.io/systray"

	"raisehand/app/snapshot"
	"raisehand/assets/icons"
)

// Listener is where the tray hears Snapshots.
type Listener interface {
	Next(context.Context) (snapshot.Message, bool)
	Close()
}

// Run shows the icon until ctx ends. On macOS it must be called on the main
// thread. It must not be called where there is no session bus (see
// desktop.Tray).
func Run(ctx context.Context, listen func() Listener, do func(snapshot.Verb)) {
	systray.SetOnTapped(func() { do(snapshot.Verb{Do: snapshot.Tap}) })
	run(ctx, func(ctx context.Context) {
		face := listen()
		defer face.Close()
		(&icon{do: do}).follow(ctx, face)
	})
}

// icon is what the tray shows now; only what differs is sent to it.
type icon struct {
	do      func(snapshot.Verb)
	state   snapshot.State
	tooltip string
	menu    []Item
	lines   []*systray.MenuItem // one for each Item, nil for a separator
	stop    context.CancelFunc  // ends the listeners of the menu's lines
}

func (i *icon) follow(ctx context.Context, face Listener) {
	for {
		m, ok := face.Next(ctx)
		if !ok {
			return
		}
		if m.Snapshot != nil {
			i.show(ctx, *m.Snapshot)
		}
	}
}

func (i *icon) show(ctx context.Context, s snapshot.Snapshot) {
	// systray panics when the desktop takes its connection away, at sign-out
	// for one. The request behind the icon must not go with it.
	defer func() {
		if why := recover(); why != nil {
			log.Printf("tray: %v", why)
		}
	}()
	if s.State != i.state {
		i.state = s.State
		systray.SetTemplateIcon(icons.Tray(string(s.State), dark()), icons.Tray(string(s.State), dark()))
	}
	if tip := StatusLine(s); tip != i.tooltip {
		i.tooltip = tip
		systray.SetTooltip(tip)
	}
	if menu := Menu(s); !reflect.DeepEqual(menu, i.menu) {
		old := i.menu
		i.menu = menu
		if sameShape(old, menu) {
			i.relabel(old)
		} else {
			i.rebuild(ctx)
		}
	}
}

// sameShape says whether only words differ: then the lines stay, and a click
// that is on its way still finds its line.
func sameShape(a, b []Item) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Verb != b[i].Verb || a[i].Separator != b[i].Separator || a[i].Checked != b[i].Checked || !sameShape(a[i].Items, b[i].Items) {
			return false
		}
	}
	return true
}

func (i *icon) relabel(old []Item) {
	for n, it := range i.menu {
		if it.Label != old[n].Label {
			i.lines[n].SetTitle(it.Label)
		}
	}
}

// rebuild puts the whole menu anew: no line can be forgotten.
func (i *icon) rebuild(ctx context.Context) {
	if i.stop != nil {
		i.stop()
	}
	ctx, i.stop = context.WithCancel(ctx)
	systray.ResetMenu()
	i.lines = make([]*systray.MenuItem, len(i.menu))
	for n, it := range i.menu {
		if it.Separator {
			systray.AddSeparator()
			continue
		}
		line := systray.AddMenuItem(it.Label, "")
		i.lines[n] = line
		if it.Verb.Do == "" && len(it.Items) == 0 {
			line.Disable()
		}
		for _, sub := range it.Items {
			i.listen(ctx, line.AddSubMenuItemCheckbox(sub.Label, "", sub.Checked), sub.Verb)
		}
		i.listen(ctx, line, it.Verb)
	}
}

func (i *icon) listen(ctx context.Context, line *systray.MenuItem, v snapshot.Verb) {
	if v.Do != "" {
		go i.clicks(ctx, line, v)
	}
}

// clicks carries out a line's verb at each click, until the line goes.
func (i *icon) clicks(ctx context.Context, line *systray.MenuItem, v snapshot.Verb) {
	for {
		select {
		case _, clicked := <-line.ClickedCh:
			if !clicked { // closed: the line is gone from the menu, nobody has clicked "Quit"
				return
			}
			i.do(v)
		case <-ctx.Done():
			return
		}
	}
}
