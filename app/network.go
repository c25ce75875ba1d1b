package app

import (
	"strings"

	"raisehand/capture"
	"raisehand/capture/network"
)

// networkCheck is the network's check with what the school has set. Nobody but
// the desk and the school's own services hears of this computer before the
// person has agreed to the notice, or has typed the command that asks.
func (p *program) networkCheck(a capture.Ask, say func(capture.Line)) network.Check {
	s := a.Situation
	c := network.Check{Situation: s, Emit: say, Services: p.set.List("services"),
		Beacons: []string{}, Outside: []string{}, Limits: p.networkLimits(), Far: deskEcho(s.Desk),
		STUN: p.set.List("stun_servers"), TURN: p.set.List("turn_servers"),
		TURNUser: p.set.Text("turn_user"), TURNPassword: p.set.Text("turn_password")}
	if p.set.On("ask_outside") && (a.Outside || p.set.Text("consent_at") != "") {
		for _, place := range p.set.List("outside_places") {
			if strings.Contains(place, "://") {
				c.Beacons = append(c.Beacons, place)
			} else {
				c.Outside = append(c.Outside, place)
			}
		}
	}
	return c
}

// networkLimits are the school's; what it cannot set stays zero, which is the
// check's own.
func (p *program) networkLimits() network.Limits {
	number := func(key string) float64 { return float64(p.set.Int(key)) }
	return network.Limits{SlowMS: number("net_rtt_ms"), JitterMS: number("net_jitter_ms"), LossPct: number("net_loss_percent"),
		UpKbps: number("net_up_kbps"), DownKbps: number("net_down_kbps")}
}
