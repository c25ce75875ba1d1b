package sla

import (
	"testing"
	"time"

	"raisehand/capture/report"
)

func TestEveryLevelHasItsPromise(t *testing.T) {
	from := time.Date(2026, 11, 22, 23, 50, 0, 0, time.UTC) // across midnight, on a Sunday
	for p, want := range map[report.Priority]time.Duration{
		report.P0: 30 * time.Minute,
		report.P1: 2 * time.Hour,
		report.P2: 24 * time.Hour,
		report.P3: 72 * time.Hour,
	} {
		due, ok := Rules(nil).Due(p, from)
		if !ok || due.Sub(from) != want {
			t.Errorf("%s: due after %v (%v), want %v", p, due.Sub(from), ok, want)
		}
	}
}

func TestNothingIsPromisedForAnUnknownLevel(t *testing.T) {
	if due, ok := Rules(nil).Due(report.None, time.Now()); ok {
		t.Errorf("a deadline of %v for no priority", due)
	}
}

// nights stands still until eight in the morning.
type nights struct{}

func (nights) Add(from time.Time, work time.Duration) time.Time {
	if from.Hour() < 8 {
		from = time.Date(from.Year(), from.Month(), from.Day(), 8, 0, 0, 0, from.Location())
	}
	return from.Add(work)
}

func TestACalendarCountsItsOwnHours(t *testing.T) {
	rules := Rules{report.P1: {Within: 2 * time.Hour, Hours: nights{}}}
	due, _ := rules.Due(report.P1, time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC))
	if want := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC); !due.Equal(want) {
		t.Errorf("due %v, want %v", due, want)
	}
}
