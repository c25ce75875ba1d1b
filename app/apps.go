package app

import (
	"context"
	"log"
	"runtime"

	"raisehand/assets/versions"
	"raisehand/capture"
	"raisehand/capture/apps"
	"raisehand/capture/camera"
	"raisehand/capture/mic"
)

// appsCheck is the class apps' check with the table of versions and what the
// school has set.
func (p *program) appsCheck(s capture.Situation, say func(capture.Line)) apps.Check {
	own, err := versions.Read(p.set.Text("versions_file"))
	if err != nil {
		log.Print(err) // the shipped table is in force
	}
	return apps.Check{Situation: s, Emit: say, Microphone: microphoneHolders, Camera: cameraHolders, Recorders: p.set.List("recorders"),
		Least: versions.Least(runtime.GOOS, p.set.List("min_versions"), versions.Shipped(), own)}
}

func microphoneHolders(ctx context.Context) (all []apps.Hold, err error) {
	found, err := mic.Holders(ctx)
	for _, h := range found {
		all = append(all, apps.Hold{PID: h.PID})
	}
	return all, err
}

func cameraHolders(ctx context.Context) (all []apps.Hold, err error) {
	found, err := camera.Holders(ctx)
	for _, h := range found {
		all = append(all, apps.Hold{PID: h.PID, Program: h.Program})
	}
	return all, err
}

// recorders tells the scout who records.
func recorders(ctx context.Context) (pids []int, err error) {
	found, err := mic.Holders(ctx)
	for _, h := range found {
		pids = append(pids, h.PID)
	}
	return pids, err
}
