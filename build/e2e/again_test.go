//go:build linux

package e2e

import (
	"testing"

	"raisehand/app/snapshot"
)

// Somebody takes a request back and at once makes another: the window of the
// first is still on its way out, and must take neither the second's window nor
// its hold with it.
func TestAnotherRequestRightAfterTakingOneBack(t *testing.T) {
	l, f := office(t, "en")
	counting := func(s snapshot.Snapshot) bool { return s.Help != nil && s.Help.Hold != nil }
	for range 3 {
		f.do(snapshot.Verb{Do: snapshot.GetHelp})
		s := f.wait("a form whose hold counts", counting)
		id := s.Help.ID
		f.do(snapshot.Verb{Do: snapshot.DontSend})
		f.wait("the form to go", func(s snapshot.Snapshot) bool { return s.Help == nil })
		f.do(snapshot.Verb{Do: snapshot.GetHelp})
		s = f.wait("the next form's hold", func(s snapshot.Snapshot) bool { return counting(s) && s.Help.ID != id })
		l.title(l.ui("help.title"))
		f.do(snapshot.Verb{Do: snapshot.DontSend})
		f.wait("the form to go", func(s snapshot.Snapshot) bool { return s.Help == nil })
		l.gone(l.ui("help.title"))
	}
}
