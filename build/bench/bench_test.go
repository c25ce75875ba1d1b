//go:build linux

package main

import (
	"os"
	"testing"
	"time"
)

// TestEverythingCanBeMeasured runs at night and leaves the table in the log. It
// fails when something cannot be measured, not when it is slow: only a quiet
// computer can say that.
func TestEverythingCanBeMeasured(t *testing.T) {
	p := plan{runs: 3, rest: 2 * time.Second}
	if os.Getenv("RAISEHAND_LONG") != "" {
		p = plan{runs: 30, rest: time.Minute}
	}
	table, err := measure(p, func(s string) { t.Log(s) })
	if table != nil {
		t.Logf("\n%s", table)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestPercentilesAreValuesThatWereMeasured(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3, 6, 7, 8, 9, 10}
	for percent, want := range map[int]float64{50: 5, 95: 10, 100: 10, 1: 1} {
		if got := percentile(values, percent); got != want {
			t.Errorf("p%d is %v, want %v", percent, got, want)
		}
	}
	if got := percentile(nil, 50); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
