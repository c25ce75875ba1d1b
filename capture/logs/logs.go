// Package logs gathers what programs wrote down about the trouble, when the
// person has ticked it: known places → the newest part of each file → text.
package logs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"raisehand/capture"
	"raisehand/capture/report"
)

// Bounds on what leaves the probe. What was written longer ago than fresh is
// not about this trouble.
const (
	maxFile    = 256 << 10 // bytes of one file: its newest part
	maxOwn     = 96 << 10  // of one of Raisehand's own, which says little
	maxSystem  = 192 << 10 // of the system's
	leastOfOne = 4 << 10   // less of a file says nothing
	maxAll     = 1 << 20   // bytes together
	maxOfOne   = 3         // files of one program
	maxManaged = 8         // files of the school's places
	fresh      = 24 * time.Hour
	around     = 15 * time.Minute // how far the system's own log is looked back
	systemWait = 5 * time.Second  // for the system to hand its log out
)

// Type is what kind of file is emitted; all of them are UTF-8.
const Type = "text/plain"

// Check reads logs. The zero value finds what there is in the known places;
// Emit may be nil. What it emits is not redacted yet: whoever runs the probe
// does that before anybody sees it.
type Check struct {
	Situation capture.Situation
	Emit      func(capture.Line) // receives each file as a Picture of Type, "logs-zoom-1.txt"
	Home      string             // where Raisehand keeps its own log
	Globs     []string           // more places, set by the school: absolute, or beginning with ~ or %APPDATA%
}

// Name is the check's name in reports and words.
func (Check) Name() string { return "logs" }

// Run emits what it finds, the likeliest to help first. A place that cannot be
// read is named in Detail "not_read" with the reason; it is never a fault.
func (c Check) Run(ctx context.Context) report.Result {
	start := time.Now()
	g := &gathering{left: maxAll, emit: c.Emit, skipped: map[string]any{}}
	g.files(ctx, "raisehand", c.own(), maxOwn)
	g.system(ctx)
	for _, p := range c.programs() {
		g.files(ctx, p.key, p.found, maxFile)
	}
	g.files(ctx, "school", managed(c.Globs, g.skip), maxFile)
	r := report.Result{Check: c.Name(), Verdict: report.OK, Code: "logs.ok", Params: map[string]any{"files": g.sent}}
	if g.sent == 0 {
		r.Verdict, r.Code, r.Params = report.Unknown, "logs.none", nil
		if _, silent := g.skipped["system"]; len(g.skipped) > 1 || len(g.skipped) == 1 && !silent {
			r.Code = "logs.not_read" // no journal is nothing to speak of, a log that may not be read is
		}
	}
	if len(g.skipped) > 0 {
		r.Detail = map[string]any{"not_read": g.skipped}
	}
	r.TookMS = time.Since(start).Milliseconds()
	return r
}

// file is a log that was found.
type file struct {
	base    string // the folder out of which no link may lead
	rel     string // its path from there, with slashes
	shown   string // its path as it is shown
	written time.Time
}

// program is a class program with the logs it has left.
type program struct {
	key   string
	found []file
}

// own is Raisehand's log, of whatever age.
func (c Check) own() (all []file) {
	if c.Home == "" {
		return nil
	}
	for _, name := range []string{"raisehand.log", "raisehand.log.old", "crash.log"} {
		if info, err := os.Lstat(filepath.Join(c.Home, name)); err == nil && info.Size() > 0 {
			all = append(all, file{c.Home, name, name, info.ModTime()})
		}
	}
	return all
}

// programs are the class programs that have written something lately: those
// that run now first, then the newest.
func (c Check) programs() []program {
	running := map[string]bool{}
	for _, a := range c.Situation.Class {
		running[a.Key] = true
	}
	var all []program
	for _, p := range places {
		found := newestFirst(p.found(), maxOfOne)
		if len(found) > 0 {
			all = append(all, program{p.key, found})
		}
	}
	slices.SortStableFunc(all, func(a, b program) int {
		if running[a.key] != running[b.key] {
			if running[a.key] {
				return -1
			}
			return 1
		}
		return b.found[0].written.Compare(a.found[0].written)
	})
	return all
}

// newestFirst keeps the n newest files.
func newestFirst(found []file, n int) []file {
	found = slices.DeleteFunc(found, func(f file) bool { return time.Since(f.written) > fresh })
	slices.SortStableFunc(found, func(a, b file) int { return b.written.Compare(a.written) })
	return found[:min(len(found), n)]
}

// inside finds the files beneath base that match a pattern with slashes. Links
// that lead out of base are not followed.
func inside(base, pattern, shownBase string) (all []file, err error) {
	root, err := os.OpenRoot(base)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	matches, err := fs.Glob(root.FS(), pattern)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", pattern, err)
	}
	for _, rel := range matches {
		info, err := root.Lstat(filepath.FromSlash(rel))
		if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			continue
		}
		all = append(all, file{base, rel, shownBase + "/" + rel, info.ModTime()})
	}
	return all, nil
}

// gathering is one run's files so far.
type gathering struct {
	left    int // bytes that may still go
	sent    int // files
	emit    func(capture.Line)
	skipped map[string]any // why, by what is shown of the path
}

func (g *gathering) skip(what string, err error) {
	if !errors.Is(err, fs.ErrNotExist) {
		g.skipped[what] = err.Error()
	}
}

var errFull = errors.New("there was no room left for it")

// files emits one program's files.
func (g *gathering) files(ctx context.Context, key string, all []file, limit int) {
	n := 0
	for _, f := range all {
		switch {
		case ctx.Err() != nil:
			g.skip(f.shown, ctx.Err())
			continue
		case g.left < leastOfOne:
			g.skip(f.shown, errFull)
			continue
		}
		text, size, err := read(f, min(limit, g.left))
		if err != nil {
			g.skip(f.shown, err)
			continue
		}
		n++
		head := fmt.Sprintf("== %s · %d of %d bytes · %s\n", f.shown, len(text), size, f.written.UTC().Format(time.RFC3339))
		g.send("logs-"+key+"-"+strconv.Itoa(n)+".txt", head, text)
	}
}

// system emits what the system itself wrote down around the trouble.
func (g *gathering) system(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, systemWait)
	defer cancel()
	text, err := journal(ctx)
	if text = clean(text); len(text) == 0 {
		if err != nil {
			g.skip("system", err)
		}
		return
	}
	g.send("logs-system.txt", "== system · "+time.Now().UTC().Format(time.RFC3339)+"\n", text)
}

func (g *gathering) send(name, head string, text []byte) {
	if g.emit != nil {
		data := append([]byte(head), text...)
		g.emit(capture.Line{Picture: &capture.Picture{Name: name, Type: Type, Bytes: len(data), Data: data}})
	}
	g.left -= len(text)
	g.sent++
}
