//go:build !linux

package tray

import (
	"context"

	"fyne.io/systray"
)

// run is systray's own loop: it starts, and stays until ctx ends.
func run(ctx context.Context, follow func(context.Context)) {
	go func() {
		<-ctx.Done()
		systray.Quit()
	}()
	systray.Run(func() { go follow(ctx) }, func() {})
}
