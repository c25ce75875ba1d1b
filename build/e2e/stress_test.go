//go:build linux

package e2e

import (
	"testing"

	"raisehand/app/snapshot"
)

// A panel reads the menu whenever it likes, while its lines come and go.
func TestThePanelMayReadWhileTheMenuChanges(t *testing.T) {
	l, f := office(t, "en")
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for !ended(stop) {
			l.tray.labels()
			l.tray.tooltip()
			l.tray.pixels()
		}
	}()
	for range 150 {
		f.do(snapshot.Verb{Do: snapshot.SetLang, Text: "zh"})
		f.wait("Chinese", func(s snapshot.Snapshot) bool { return s.Lang == "zh" })
		f.do(snapshot.Verb{Do: snapshot.SetLang, Text: "en"})
		f.wait("English", func(s snapshot.Snapshot) bool { return s.Lang == "en" })
	}
	close(stop)
	<-done
	if ended(l.app.done) {
		t.Error("the app is gone")
	}
}
