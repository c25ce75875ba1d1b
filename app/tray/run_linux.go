package tray

import (
	"context"
	"log"
	"time"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

// busAgain is how long to wait before the session bus is tried again.
const busAgain = 10 * time.Second

// run shows the icon for as long as there is a session bus, and again when the
// bus has come back: a desktop may restart its bus, the icon must not stay
// away until the next sign-in.
func run(ctx context.Context, follow func(context.Context)) {
	for ctx.Err() == nil {
		ready := make(chan struct{})
		start, _ := systray.RunWithExternalLoop(func() { close(ready) }, nil)
		start()
		<-ready
		conn, err := dbus.SessionBus() // the one that systray has just opened, or none
		if err == nil {
			attached, lost := context.WithCancel(ctx)
			stop := context.AfterFunc(conn.Context(), lost)
			follow(attached)
			stop()
			lost()
		}
		if ctx.Err() == nil {
			log.Printf("tray: the session bus has gone (%v)", err)
			select {
			case <-time.After(busAgain):
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil && err == nil {
			conn.Close() // the icon goes at once
		}
	}
}
