package snapshot

import (
	"net/url"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// Away says why nothing reaches the help team just now, as far as is known.
type Away string

const (
	Near        Away = ""           // nothing is known to be in the way
	DeskAway    Away = "desk"       // the help team does not answer; the network may well work
	NetworkAway Away = "no_network" // this computer's own network leads nowhere
	Barred      Away = "barred"     // the help team answers, but does not take it; the code says why
)

// out of reach, as the way to the desk has it.
const unreachable = "desk.unreachable"

// dead are the network's verdicts with which nothing outside is reached.
var dead = map[string]bool{
	"network.no_link": true, "network.wifi_off": true, "network.no_address": true, "network.self_assigned": true,
	"network.no_route": true, "network.gateway_silent": true, "network.no_internet": true, "network.dns_dead": true,
	"network.portal": true, "network.proxy_broken": true, "network.proxy_sign_in": true,
}

// Away says what is in the way of a new request: what the check has just seen
// is newer than the last attempt to send.
func (s Snapshot) Away() Away {
	if r := s.network(); r != nil {
		switch {
		case dead[r.Code]:
			return NetworkAway
		case r.Code == "network.desk_unreachable", r.Code == "network.name_unknown" && s.deskIs(r.Params["name"]):
			return DeskAway
		case r.Code == "network.ok" && s.Desk.Code == unreachable:
			return Near
		}
	}
	if s.Desk.Code == unreachable && s.Help == nil {
		if t := s.Active(); t != nil {
			return t.Away()
		}
	}
	return away(s.Desk.Code, nil)
}

func (s Snapshot) deskIs(name any) bool {
	u, err := url.Parse(s.Desk.URL)
	return err == nil && u.Hostname() == name
}

// network is what the open examination says of the network.
func (s Snapshot) network() *report.Result {
	if s.Help == nil {
		return nil
	}
	for _, r := range s.Help.Rows {
		if r.Check == "network" {
			return r.Result
		}
	}
	return nil
}

// Away says why this request waits on this computer.
func (t Ticket) Away() Away {
	if t.Status.State != deskapi.Queued {
		return away(t.Code, nil)
	}
	return away(t.Code, t.Findings)
}

func away(code string, findings []report.Finding) Away {
	switch code {
	case "":
		return Near
	case unreachable:
		for _, f := range findings {
			if dead[f.Code] {
				return NetworkAway
			}
		}
		return DeskAway
	}
	return Barred
}
