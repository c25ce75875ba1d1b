package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"raisehand/capture"
	"raisehand/capture/report"
)

// absent are the codes by which a check says that there is no such device.
var absent = map[string]bool{
	"mic.none": true, "mic.monitor": true, "mic.no_server": true,
	"speaker.none": true, "speaker.no_server": true,
	"camera.none": true,
}

// expected is a check of a device which the school may not have given to this
// computer: that it is not there is then nothing to report. What has been here
// once is missed, though, when it is gone.
func (p *program) expected(device string, c capture.Check) capture.Check {
	if !has(p.set.List("devices"), device) {
		return unexpected{c}
	}
	if device == "camera" { // without a microphone or a loudspeaker no class is held: they are a fault at once
		return missed{c, filepath.Join(p.home, "last-camera")}
	}
	return c
}

type unexpected struct{ capture.Check }

func (u unexpected) Run(ctx context.Context) report.Result {
	r := u.Check.Run(ctx)
	if absent[r.Code] {
		r.Verdict, r.Code, r.Params = report.Skipped, u.Name()+".not_expected", nil
	}
	return r
}

// missed tells a computer that has lost its camera from one that never had
// any. The file holds the name of the one seen last, and stays on this computer.
type missed struct {
	capture.Check
	seen string
}

func (m missed) Run(ctx context.Context) report.Result {
	r := m.Check.Run(ctx)
	name, _ := os.ReadFile(m.seen)
	last := strings.TrimSpace(string(name))
	if device, _ := r.Params["device"].(string); device != "" && device != last {
		_ = os.WriteFile(m.seen, []byte(device+"\n"), 0o600) // a home that cannot be written to remembers nothing
	}
	if r.Code == "camera.none" && last != "" {
		r.Code, r.Params = "camera.gone", map[string]any{"device": last}
	}
	return r
}
