package app

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"raisehand/app/session"
	"raisehand/capture"
	"raisehand/capture/report"
)

// sheet prints an examination's lines in the order in which people read them,
// each as soon as those above it are there.
type sheet struct {
	p      *program
	to     io.Writer
	next   []string // checks whose line is still to come
	got    map[string]report.Result
	also   []string // checks named by the person: their line is printed too, whatever it says
	hinted bool
}

func (p *program) sheet(to io.Writer, plan capture.Plan, only []string) *sheet {
	s := &sheet{p: p, to: to, got: map[string]report.Result{}, also: only}
	for _, name := range session.Order {
		if has(plan.Rest, name) {
			s.next = append(s.next, name)
		}
	}
	return s
}

// hear takes in what a check says.
func (s *sheet) hear(check string, l capture.Line) {
	if l.Interim != nil && l.Interim.Code == "mic.say_something" && !s.hinted {
		s.hinted = true
		fmt.Fprintf(s.to, "  … %s\n", s.p.book.Sentence(l.Interim.Code, l.Interim.Params))
	}
	if l.Result == nil {
		return
	}
	s.got[check] = *l.Result
	for len(s.next) > 0 {
		r, ok := s.got[s.next[0]]
		if !ok {
			return
		}
		s.print(r)
		s.next = s.next[1:]
	}
}

// once hears a verdict that may have been heard before.
func (s *sheet) once(r report.Result) {
	if _, heard := s.got[r.Check]; !heard {
		s.hear(r.Check, capture.Line{Result: &r})
	}
}

// flush prints the lines that are there, though others above them never came.
func (s *sheet) flush() {
	for _, name := range s.next {
		if r, ok := s.got[name]; ok {
			s.print(r)
		}
	}
	s.next = nil
}

// end prints what has no line of its own, where it matters.
func (s *sheet) end() {
	for _, name := range names() {
		r, ok := s.got[name]
		if ok && !slices.Contains(session.Order, name) && (r.Fault() || has(s.also, name)) {
			s.print(r)
		}
	}
}

// print says a verdict in a few words; why something could not be looked at,
// in a sentence, for no finding says it.
func (s *sheet) print(r report.Result) {
	says := s.p.book.Of(r.Code, r.Params)
	text := says.Title
	if r.Verdict == report.Unknown || r.Verdict == report.Skipped {
		text = says.Says
	}
	beside := s.beside()
	for i, line := range fold(text, paper-beside) {
		if i == 0 {
			fmt.Fprintf(s.to, "  %s %s%s\n", marks[r.Verdict], pad(s.p.book.Name("check."+r.Check), beside-4), line)
		} else {
			fmt.Fprintf(s.to, "%s%s\n", strings.Repeat(" ", beside), line)
		}
	}
}

// beside is the column in which the words begin: beyond the longest name.
func (s *sheet) beside() int {
	beside := 16
	for _, name := range s.also {
		beside = max(beside, 6+columns(s.p.book.Name("check."+name)))
	}
	return beside
}

const paper = 80 // columns

// fold breaks text into lines of so many columns, of which a Chinese character
// takes two: after a space, or before a Chinese character.
func fold(text string, columns int) (lines []string) {
	rs := []rune(text)
	for start := 0; start < len(rs); {
		end, good, wide := start, start, 0
		for ; end < len(rs); end++ {
			if wide += columnsOf(rs[end]); wide > columns {
				break
			}
			if rs[end] == ' ' || end+1 < len(rs) && unicode.Is(unicode.Han, rs[end+1]) {
				good = end + 1
			}
		}
		if end < len(rs) && good > start {
			end = good
		}
		lines = append(lines, strings.TrimSpace(string(rs[start:end])))
		start = max(end, start+1)
	}
	return lines
}

// columns is how wide a text is.
func columns(text string) (n int) {
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	if r >= 0x2e80 {
		return 2
	}
	return 1
}
