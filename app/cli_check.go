package app

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"raisehand/app/policy"
	"raisehand/app/session"
	"raisehand/capture"
	"raisehand/capture/report"
)

// check examines the computer and sends nothing.
func (p *program) check(ctx context.Context, f *flags, args []string) (int, error) {
	if len(args) > 0 {
		return exitUsage, wrong("cli.too_much", "word", args[0])
	}
	for _, name := range f.onlyThese {
		if !has(names(), name) {
			return exitUsage, wrong("cli.unknown_check", "check", name, "checks", names())
		}
	}
	limit, err := time.ParseDuration(f.limit)
	if n, plain := strconv.Atoi(f.limit); plain == nil {
		limit, err = time.Duration(n)*time.Second, nil
	}
	if err != nil || limit <= 0 {
		return exitUsage, wrong("cli.flag_wrong_time", "flag", "--timeout", "value", f.limit, "such", "6s, 500ms")
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	progress := p.out
	if f.jsonOut {
		progress = p.err
	}
	r := p.examine(ctx, f.onlyThese, progress)
	if ctx.Err() == context.Canceled {
		return exitUsage, nil
	}
	if f.jsonOut {
		if err := printJSON(p.out, r); err != nil {
			return exitUsage, err
		}
	} else {
		p.printFindings(p.out, r)
	}
	return verdict(r), nil
}

// verdict is check's exit code: nothing wrong was seen only where something
// was looked at.
func verdict(r report.Report) int {
	seen, blind := looked(r)
	for _, x := range r.Results {
		if x.Verdict == report.Fail {
			return exitFault
		}
	}
	unknown := func(x report.Result) bool { return x.Verdict == report.Unknown } // what is left alone for a class's sake could be run
	if len(seen) == 0 && slices.ContainsFunc(blind, unknown) {
		return exitUsage
	}
	return exitOK
}

// looked parts the checks into those that saw something and those that could
// not. A device that the school does not expect is not missed.
func looked(r report.Report) (seen, blind []report.Result) {
	lines := slices.ContainsFunc(r.Results, func(x report.Result) bool { return has(session.Order, x.Check) })
	for _, x := range r.Results {
		switch {
		case x.Check == scout && lines: // it looks for the others' sake
		case x.Verdict == report.Unknown, x.Verdict == report.Skipped && !strings.HasSuffix(x.Code, ".not_expected"):
			blind = append(blind, x)
		default:
			seen = append(seen, x)
		}
	}
	return seen, blind
}

// examine runs the checks and prints each result as it arrives. What it
// returns is redacted: people paste it.
func (p *program) examine(ctx context.Context, only []string, to io.Writer) report.Report {
	fmt.Fprintln(to, p.book.T("cli.looking"))
	p.typed = true
	plan := p.plan(only)
	lines := p.sheet(to, plan, only)
	r, _ := plan.Run(ctx, lines.hear)
	lines.end()
	if len(only) > 0 && !has(only, scout) {
		kept := r.Results[:0]
		for _, x := range r.Results {
			if x.Check != scout {
				kept = append(kept, x)
			}
		}
		r.Results = kept
	}
	return capture.Redact(r)
}

// marks are the verdicts' shapes: colour is never alone, and here there is
// none.
var marks = map[report.Verdict]string{report.OK: "✓", report.Warn: "!", report.Fail: "✕", report.Unknown: "?", report.Skipped: "–"}

// pad fills text up to a width, counting a Chinese character as two.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-columns(text)))
}

// printFindings says what is wrong and what to do, the likeliest cause first.
func (p *program) printFindings(to io.Writer, r report.Report) {
	if len(r.Findings) == 0 {
		fmt.Fprintln(to, p.nothing(r))
		return
	}
	for _, f := range r.Findings {
		s := p.book.Of(f.Code, f.Params)
		fmt.Fprintf(to, "\n%s\n  → %s\n", s.Says, s.Do)
	}
	if _, blind := looked(r); len(blind) > 0 {
		fmt.Fprintf(to, "\n%s\n", p.book.T("cli.not_checked", "checks", checkNames(blind)))
	}
}

func checkNames(results []report.Result) (list []string) {
	for _, x := range results {
		list = append(list, capture.Name("check."+x.Check))
	}
	return list
}

// nothing is what to say when no fault was found: what could not be looked at
// is named, it may be the trouble.
func (p *program) nothing(r report.Report) string {
	seen, blind := looked(r)
	switch {
	case len(seen) == 0:
		return p.book.T("cli.nothing_seen")
	case len(blind) > 0:
		return p.book.T("cli.nothing_found_but", "checks", checkNames(blind))
	}
	return p.book.T("cli.nothing_found")
}

// bundle writes the redacted report into a file that can travel on a stick.
func (p *program) bundle(ctx context.Context, f *flags, args []string) (int, error) {
	if len(args) != 1 {
		return exitUsage, wrong("cli.bundle_where")
	}
	path := args[0]
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return exitUsage, wrong("cli.no_folder", "folder", filepath.Dir(path))
	}
	r := p.examine(ctx, nil, p.err)
	tmp, err := os.CreateTemp(filepath.Dir(path), ".raisehand-*")
	if err != nil {
		return exitUsage, wrong("cli.bundle_failed", "file", path, "reason", err.Error())
	}
	defer os.Remove(tmp.Name())
	if err := p.writeBundle(tmp, r); err != nil {
		return exitUsage, wrong("cli.bundle_failed", "file", path, "reason", err.Error())
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return exitUsage, wrong("cli.bundle_failed", "file", path, "reason", err.Error())
	}
	fmt.Fprintln(p.out, p.book.T("cli.bundle_written", "file", path))
	return exitOK, nil
}

func (p *program) writeBundle(to *os.File, r report.Report) error {
	z := zip.NewWriter(to)
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	var text strings.Builder
	lines := p.sheet(&text, p.plan(nil), nil)
	for _, x := range r.Results {
		lines.once(x)
	}
	lines.flush()
	lines.end()
	p.printFindings(&text, r)
	for name, data := range map[string][]byte{"report.json": raw, "report.txt": []byte(text.String())} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: r.TakenAt})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	if err := to.Sync(); err != nil {
		return err
	}
	return to.Close()
}

// policy prints the settings in force, each with its source.
func (p *program) policy(ctx context.Context, f *flags, args []string) (int, error) {
	if len(args) > 0 {
		return exitUsage, wrong("cli.too_much", "word", args[0])
	}
	type line struct {
		Value  string `json:"value"`
		Source string `json:"source"`
		From   string `json:"from,omitempty"`
	}
	all := map[string]line{}
	for _, k := range policy.Keys {
		v := p.set.Get(k.Name)
		if k.Secret && v.Text != "" {
			v.Text = "•••"
		}
		all[k.Name] = line{v.Text, string(v.Source), origin(k.Name, v)}
	}
	if f.jsonOut {
		return exitOK, printJSON(p.out, all)
	}
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	var unset []string
	for _, n := range names {
		l := all[n]
		if l.Value == "" {
			unset = append(unset, n)
			continue
		}
		// One value of a list beneath the other; the source stands at the first.
		for i, one := range strings.Split(l.Value, "\n") {
			if i > 0 {
				fmt.Fprintf(p.out, "%-16s %s\n", "", one)
				continue
			}
			source := strings.TrimSpace(p.book.Name("source."+l.Source) + " " + l.From)
			fmt.Fprintf(p.out, "%-16s %s%s  %s\n", n, one, strings.Repeat(" ", max(0, 28-columns(one))), source)
		}
	}
	fmt.Fprintln(p.out)
	for _, text := range fold(p.book.T("cli.policy_unset", "names", strings.Join(unset, ", ")), paper) {
		fmt.Fprintln(p.out, text)
	}
	return exitOK, nil
}

// origin names the flag or the variable in which a value was given.
func origin(key string, v policy.Value) string {
	names := map[policy.Source][2]string{policy.Flag: {"--", "--enroll-key-file"}, policy.Environment: {"RAISEHAND_", "RAISEHAND_ENROLL_KEY"}}[v.Source]
	switch {
	case names[0] == "":
		return v.From
	case key == "enroll_key":
		return names[1]
	}
	name := strings.TrimSuffix(key, "_url")
	if v.Source == policy.Environment {
		name = strings.ToUpper(name)
	}
	return names[0] + name
}

func printJSON(to io.Writer, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(to, "%s\n", raw)
	return err
}
