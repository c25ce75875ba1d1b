package app

import (
	"context"

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
// computer: that it is not there is then nothing to report.
func (p *program) expected(device string, c capture.Check) capture.Check {
	if has(p.set.List("devices"), device) {
		return c
	}
	return unexpected{c}
}

type unexpected struct{ capture.Check }

func (u unexpected) Run(ctx context.Context) report.Result {
	r := u.Check.Run(ctx)
	if absent[r.Code] {
		r.Verdict, r.Code, r.Params = report.Skipped, u.Name()+".not_expected", nil
	}
	return r
}
