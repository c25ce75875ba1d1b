// Package report is what was found out about a computer: results → findings →
// a proposed priority. It is plain data: codes and numbers travel, sentences
// live in assets/words, so a teacher and a technician read the same report each
// in their own language.
package report

import "time"

// Schema is the version of the report's fields. A field, once shipped, keeps
// its meaning; raise this when one is added or retired.
const Schema = 1

// Verdict is what one check concluded.
type Verdict string

const (
	OK      Verdict = "ok"      // measured, and fine
	Warn    Verdict = "warn"    // works, but will trouble the class
	Fail    Verdict = "fail"    // measured, and broken
	Unknown Verdict = "unknown" // could not be measured; never a fault
	Skipped Verdict = "skipped" // left alone on purpose, so as not to disturb a class
)

// Result is one check's answer.
type Result struct {
	Check   string         `json:"check"`            // which check: "mic"
	Verdict Verdict        `json:"verdict"`          //
	Code    string         `json:"code"`             // "mic.muted": stable, language-neutral
	Params  map[string]any `json:"params,omitempty"` // what the sentence needs: device, app, db
	Detail  map[string]any `json:"detail,omitempty"` // what a technician needs, units in the key: "rtt_ms"
	TookMS  int64          `json:"took_ms"`          // from the check's start to its verdict
	Also    []Fault        `json:"also,omitempty"`   // what else is wrong, besides Code
}

// Fault is one more thing that a check found wrong.
type Fault struct {
	Verdict Verdict        `json:"verdict"` // Warn or Fail
	Code    string         `json:"code"`
	Params  map[string]any `json:"params,omitempty"`
}

// Fault says whether the result names something wrong with the computer.
func (r Result) Fault() bool { return r.Verdict == Fail || r.Verdict == Warn }

// Finding is a likely cause, with the results that prove it.
type Finding struct {
	Code    string         `json:"code"`
	Weight  int            `json:"weight"`            // 0–100, the heaviest is named first
	Because []string       `json:"because"`           // codes of the results that prove it
	Params  map[string]any `json:"params,omitempty"`  // for the sentence, from the leading result
	Symptom string         `json:"symptom,omitempty"` // what people notice: a name of assets/words, "symptom.stutters"
	Article string         `json:"article,omitempty"`
}

// Priority is how urgent a ticket is. The response times are the service's
// own: P0 30 minutes, P1 2 hours, P2 24 hours, P3 72 hours.
type Priority string

const (
	P0   Priority = "p0"   // live class interrupted, cannot teach
	P1   Priority = "p1"   // can teach, but badly
	P2   Priority = "p2"   // display glitch, how-do-I question
	P3   Priority = "p3"   // suggestion
	None Priority = "none" // nothing to report
)

// Valid says whether p can stand on a ticket.
func (p Priority) Valid() bool { return p == P0 || p == P1 || p == P2 || p == P3 }

// Report is everything one examination found.
type Report struct {
	Schema   int            `json:"schema"`
	TakenAt  time.Time      `json:"taken_at"` // UTC
	Results  []Result       `json:"results"`
	Findings []Finding      `json:"findings"`
	Proposed Priority       `json:"proposed_priority"`
	Reason   string         `json:"priority_reason,omitempty"` // a code: why this priority
	Facts    map[string]any `json:"facts"`                     // the computer: os, memory, … units in the key
}

// Find returns the named check's result.
func (r Report) Find(check string) (Result, bool) {
	for _, x := range r.Results {
		if x.Check == check {
			return x, true
		}
	}
	return Result{}, false
}
