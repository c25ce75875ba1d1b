// Package sla says by when the first answer is due: priority + time received →
// deadline.
package sla

import (
	"time"

	"raisehand/capture/report"
)

// Calendar adds working time to an instant. A school that answers round the
// clock has none: the wall clock runs.
type Calendar interface {
	Add(from time.Time, work time.Duration) time.Time
}

// Rule is one level's promise.
type Rule struct {
	Within time.Duration // until the first response
	Hours  Calendar      // nil: 7×24
}

// Rules are the promises of all levels. The nil Rules are the service's own.
type Rules map[report.Priority]Rule

// service is the table that defines the service (see report.Priority).
var service = Rules{
	report.P0: {Within: 30 * time.Minute},
	report.P1: {Within: 2 * time.Hour},
	report.P2: {Within: 24 * time.Hour},
	report.P3: {Within: 72 * time.Hour},
}

// Due is when the first response is due for a ticket whose clock started at
// from. A priority without a rule has no deadline.
func (r Rules) Due(p report.Priority, from time.Time) (time.Time, bool) {
	if r == nil {
		r = service
	}
	rule, ok := r[p]
	if !ok {
		return time.Time{}, false
	}
	if rule.Hours != nil {
		return rule.Hours.Add(from, rule.Within).UTC(), true
	}
	return from.Add(rule.Within).UTC(), true
}
