package tray

import (
	"testing"

	"fyne.io/systray"

	"raisehand/app/snapshot"
)

// A menu that is rebuilt closes the channels of its old lines, and a closed
// channel can always be read: that is no click.
func TestALineThatGoesIsNotClicked(t *testing.T) {
	var done []string
	i := &icon{do: func(v snapshot.Verb) { done = append(done, v.Do) }}
	line := &systray.MenuItem{ClickedCh: make(chan struct{}, 1)}
	line.ClickedCh <- struct{}{}
	close(line.ClickedCh)
	i.clicks(t.Context(), line, snapshot.Verb{Do: snapshot.Quit})
	if len(done) != 1 || done[0] != snapshot.Quit {
		t.Errorf("one click, and then the line went: %v", done)
	}
}
