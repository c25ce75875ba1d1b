//go:build linux

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// table is what came out.
type table struct{ all []outcome }

// print shows it and says whether everything was right.
func (t table) print(to io.Writer, markdown bool) bool {
	slices.SortStableFunc(t.all, func(a, b outcome) int {
		return cmp.Or(slices.Index(rooms, a.room)-slices.Index(rooms, b.room), strings.Compare(a.name, b.name))
	})
	row := "%-34s %-28s %-28s %-6s %7s\n"
	if markdown {
		row = "| %s | %s | %s | %s | %s |\n"
		t.perRoom(to)
		fmt.Fprint(to, "\n<details><summary>Every fault</summary>\n\n")
	}
	fmt.Fprintf(to, row, "fault", "expected", "first finding", "", "time")
	if markdown {
		fmt.Fprintln(to, "|---|---|---|---|--:|")
	}
	for _, o := range t.all {
		first, mark := o.first(), "right"
		switch {
		case o.trouble != nil:
			first, mark = "–", "error"
		case !o.right():
			mark = "wrong"
		}
		if first == "" {
			first = "nothing"
		}
		name := o.id()
		if markdown {
			name = strings.TrimSuffix(o.says, ".")
		}
		fmt.Fprintf(to, row, name, o.expect, first, mark, seconds(o.took))
	}
	if markdown {
		fmt.Fprint(to, "\n</details>\n")
	}
	fmt.Fprintln(to)
	t.sum(to)
	return t.right() == len(t.all)
}

// perRoom is the table in short.
func (t table) perRoom(to io.Writer) {
	fmt.Fprintln(to, "| what is broken | faults | codes | named first | p50 | p95 |\n|---|--:|--:|--:|--:|--:|")
	for _, r := range rooms {
		var part table
		codes := map[string]bool{}
		var times []time.Duration
		for _, o := range t.all {
			if o.room == r {
				part.all = append(part.all, o)
				codes[o.expect] = true
				if o.took > 0 {
					times = append(times, o.took)
				}
			}
		}
		if len(times) > 0 {
			fmt.Fprintf(to, "| %s | %d | %d | %d | %s | %s |\n", r, len(part.all), len(codes), part.right(), seconds(percentile(times, 50)), seconds(percentile(times, 95)))
		}
	}
}

func (t table) right() (n int) {
	for _, o := range t.all {
		if o.right() {
			n++
		}
	}
	return n
}

// sum says how it went as a whole.
func (t table) sum(to io.Writer) {
	codes, by := map[string]bool{}, map[string]int{}
	var times []time.Duration
	again := 0
	for _, o := range t.all {
		codes[o.expect] = true
		by[o.room]++
		if o.tries > 1 {
			again++
		}
		if o.took > 0 && o.lab != labCamera {
			times = append(times, o.took)
		}
	}
	var per []string
	for _, r := range rooms {
		per = append(per, fmt.Sprintf("%s %d", r, by[r]))
	}
	fmt.Fprintf(to, "%d faults, %d codes (%s); named as first finding: %d, %.1f %%%s.\n",
		len(t.all), len(codes), strings.Join(per, ", "), t.right(), 100*float64(t.right())/float64(max(1, len(t.all))), repeated(again))
	if len(times) > 0 {
		fmt.Fprintf(to, "The whole diagnosis: p50 %s, p95 %s (without the cameras, whose machine is emulated).\n", seconds(percentile(times, 50)), seconds(percentile(times, 95)))
	}
}

// repeated says how many were tried again because the machine was busy.
func repeated(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d tried again: somebody else kept this machine busy)", n)
}

func percentile(times []time.Duration, p int) time.Duration {
	slices.Sort(times)
	return times[min(len(times)-1, len(times)*p/100)]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
