package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"raisehand/app/desktop"
	"raisehand/app/policy"
	"raisehand/assets/words"
	"raisehand/uploader"
	"raisehand/uploader/deskapi"
)

// Exit codes of the commands.
const (
	exitOK      = 0
	exitFault   = 1 // check: something failed; get-help: refused
	exitUsage   = 2 // the command could not be understood or run
	exitWaiting = 3 // kept in the outbox, the desk is out of reach
)

// command is one thing a terminal can ask for.
type command struct {
	name string
	run  func(p *program, ctx context.Context, f *flags, args []string) (int, error)
	set  func(f *flags)
}

var commands = []command{
	{"check", (*program).check, func(f *flags) { f.only().json().timeout() }},
	{"get-help", (*program).getHelp, func(f *flags) { f.help().json().follow() }},
	{"status", (*program).status, func(f *flags) { f.json().follow() }},
	{"bundle", (*program).bundle, func(f *flags) {}},
	{"policy", (*program).policy, func(f *flags) { f.json() }},
	{"probe", (*program).probe, func(f *flags) { f.json().ask() }},
	{"version", (*program).version, func(f *flags) {}},
}

// Main is the whole program: the tray without a command, otherwise what the
// command says. It returns the exit code.
func Main(args []string, in io.Reader, out, errs io.Writer) int {
	p := &program{in: in, out: out, err: errs, book: words.In(desktop.Lang())}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := command{"", (*program).tray, func(*flags) {}}
	args = commandFirst(args)
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		var ok bool
		if args[0] == "help" {
			args[0] = "--help"
			return Main(args, in, out, errs)
		}
		if c, ok = named(args[0]); !ok {
			p.pickLang(args)
			return p.fail(wrong("cli.unknown_command", "command", args[0]))
		}
		args = args[1:]
	}
	f := newFlags(c)
	rest, err := f.parse(args)
	if errors.Is(err, pflag.ErrHelp) {
		p.pickLang(args)
		fmt.Fprint(p.out, p.book.T("cli.help"))
		return exitOK
	}
	if err != nil {
		p.pickLang(args)
		return p.fail(err)
	}
	if err := p.settings(f); err != nil {
		return p.fail(err)
	}
	code, err := c.run(p, ctx, f, rest)
	if err != nil {
		if sentence := p.fail(err); code == exitOK {
			return sentence
		}
	}
	return code
}

// commandFirst puts the command before the options that were typed in front of
// it: "raisehand --lang zh check" means the same as "raisehand check --lang zh".
func commandFirst(args []string) []string {
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--version":
			return []string{"version"}
		case has([]string{"--desk", "--enroll-key-file", "--home", "--lang"}, args[i]):
			i++ // its value
		case !strings.HasPrefix(args[i], "-"):
			return append([]string{args[i]}, append(append([]string{}, args[:i]...), args[i+1:]...)...)
		}
	}
	return args
}

func named(name string) (command, bool) {
	for _, c := range commands {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// flags are a command's options; each command takes only its own.
type flags struct {
	set                                *pflag.FlagSet
	desk, keyFile, home, lang          string
	jsonOut, followIt, yes, shot, logs bool
	askIt                              bool
	priority, say, name, room, role    string
	onlyThese                          []string
	limit                              string
}

func newFlags(c command) *flags {
	f := &flags{set: pflag.NewFlagSet(c.name, pflag.ContinueOnError)}
	f.set.SetOutput(io.Discard)
	f.set.Usage = func() {}
	f.set.StringVar(&f.desk, "desk", "", "")
	f.set.StringVar(&f.keyFile, "enroll-key-file", "", "")
	f.set.StringVar(&f.home, "home", "", "")
	f.set.StringVar(&f.lang, "lang", "", "")
	c.set(f)
	return f
}

func (f *flags) json() *flags    { f.set.BoolVar(&f.jsonOut, "json", false, ""); return f }
func (f *flags) follow() *flags  { f.set.BoolVar(&f.followIt, "follow", false, ""); return f }
func (f *flags) ask() *flags     { f.set.BoolVar(&f.askIt, "ask", false, ""); return f }
func (f *flags) only() *flags    { f.set.StringSliceVar(&f.onlyThese, "only", nil, ""); return f }
func (f *flags) timeout() *flags { f.set.StringVar(&f.limit, "timeout", "6s", ""); return f }
func (f *flags) help() *flags {
	f.set.BoolVar(&f.yes, "yes", false, "")
	f.set.StringVar(&f.priority, "priority", "", "")
	f.set.StringVar(&f.say, "say", "", "")
	f.set.BoolVar(&f.shot, "screenshot", false, "")
	f.set.BoolVar(&f.logs, "logs", false, "")
	f.set.StringVar(&f.name, "name", "", "")
	f.set.StringVar(&f.room, "room", "", "")
	f.set.StringVar(&f.role, "role", "", "")
	return f
}

func (f *flags) parse(args []string) ([]string, error) {
	err := f.set.Parse(args)
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return nil, wrong("cli.unknown_flag", "flag", dashes(unknown.GetSpecifiedName()))
	case errors.As(err, &missing):
		return nil, wrong("cli.flag_needs_value", "flag", dashes(missing.GetSpecifiedName()))
	case errors.As(err, &invalid):
		return nil, wrong("cli.flag_wrong_value", "flag", "--"+invalid.GetFlag().Name, "value", invalid.GetValue(), "takes", "true, false")
	case err != nil:
		return nil, err
	case f.lang != "" && !has(words.Langs, f.lang):
		return nil, wrong("cli.flag_wrong_value", "flag", "--lang", "value", f.lang, "takes", words.Langs)
	}
	return f.set.Args(), nil
}

func dashes(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// pickLang finds the language of a complaint about the words typed: they have
// not been understood, so --lang may stand anywhere among them.
func (p *program) pickLang(args []string) {
	lang := os.Getenv("RAISEHAND_LANG")
	for i, a := range args {
		if value, ok := strings.CutPrefix(a, "--lang="); ok {
			lang = value
		} else if a == "--lang" && i+1 < len(args) {
			lang = args[i+1]
		}
	}
	if has(words.Langs, lang) {
		p.book = words.In(lang)
	}
}

// settings merges what the school, the command line, the environment and the
// person have set.
func (p *program) settings(f *flags) error {
	p.home = first(f.home, os.Getenv("RAISEHAND_HOME"), desktop.Home())
	if abs, err := filepath.Abs(p.home); err == nil {
		p.home = abs
	}
	layers, problems := policy.School()
	own, err := policy.ReadJSON(policy.Own, p.settingsFile())
	var bad policy.Problem
	if errors.As(err, &bad) {
		problems = append(problems, bad)
	}
	key, noKey := p.enrollKey(f.keyFile)
	layers = append(layers, own,
		policy.Layer{Source: policy.Flag, From: "--", Values: map[string]any{"desk_url": f.desk, "lang": f.lang, "enroll_key": key}},
		policy.Layer{Source: policy.Environment, From: "RAISEHAND_", Values: map[string]any{
			"desk_url": os.Getenv("RAISEHAND_DESK"), "lang": os.Getenv("RAISEHAND_LANG"), "enroll_key": os.Getenv("RAISEHAND_ENROLL_KEY"),
			"ask_outside": os.Getenv("RAISEHAND_ASK_OUTSIDE")}})
	if last := uploader.LastDesk(p.deviceFile()); last != "" {
		layers = append(layers, policy.Layer{Source: policy.Remembered, From: p.deviceFile(), Values: map[string]any{"desk_url": last}})
	}
	p.set = policy.Load(layers...)
	if lang := p.set.Text("lang"); lang != "" {
		p.book = words.In(lang)
	}
	p.book = p.book.For(p.set.Text("role"))
	if noKey != nil { // only now is it known in which language to say so
		return noKey
	}
	for _, x := range append(problems, p.set.Problems...) {
		p.complain(x.Code, x.Params)
	}
	// A mistyped address is told at once. One that the school has set must not
	// keep a person from asking: the request is kept, and says why it waits.
	if url := p.set.Get("desk_url"); url.Source == policy.Flag || url.Source == policy.Environment {
		if _, err := deskapi.CheckBase(url.Text); err != nil {
			return wrong("cli.address_wrong", "address", url.Text)
		}
	}
	return nil
}

const maxKey = 4096 // bytes of an enrolment key's file: more is not a key

func (p *program) enrollKey(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	from := p.in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", wrong("cli.key_file", "file", path)
		}
		defer f.Close()
		from = f
	}
	raw, err := io.ReadAll(io.LimitReader(from, maxKey+1))
	key := strings.TrimSpace(string(raw))
	if err != nil || len(raw) > maxKey || key == "" || strings.ContainsAny(key, " \n\t") {
		return "", wrong("cli.key_file", "file", path)
	}
	return key, nil
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func (p *program) version(ctx context.Context, f *flags, args []string) (int, error) {
	fmt.Fprintln(p.out, "raisehand", Version)
	return exitOK, nil
}
