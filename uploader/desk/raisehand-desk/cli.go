package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"raisehand/assets/words"
	"raisehand/uploader/desk"
	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

// program is one run of the command.
type program struct {
	in       io.Reader
	out, err io.Writer
	words    *words.Book
	data     string
}

// complaint is a sentence for whoever typed the command; its exit code is 2.
type complaint string

func (c complaint) Error() string { return string(c) }

// run does what the arguments say and returns the exit code: 0 done, 1 it did
// not work, 2 it cannot be meant so.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	lang := "en"
	for _, name := range []string{"RAISEHAND_LANG", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" {
			lang = words.Pick(v)
			break
		}
	}
	args, given := language(args)
	if slices.Contains(words.Langs, given) {
		lang = given
	}
	p := &program{in: in, out: out, err: errs, words: words.In(lang)}
	var err error
	if given != "" && given != lang {
		err = complaint(p.words.T("deskcmd.flag_wrong", "flag", "--lang", "value", given))
	} else {
		err = p.do(ctx, args)
	}
	var said complaint
	switch {
	case err == nil:
		return 0
	case errors.As(err, &said):
		fmt.Fprintln(errs, printable(string(said)))
		return 2
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return 1 // stopped by whoever started it, who knows
	case errors.Is(err, store.ErrRunning):
		err = errors.New(p.words.T("deskcmd.running", "data", p.data))
	}
	fmt.Fprintln(errs, printable(err.Error()))
	return 1
}

// language takes --lang out of the arguments, wherever it stands: it belongs to
// no one command.
func language(args []string) (rest []string, lang string) {
	for i := 0; i < len(args); i++ {
		value, joined := strings.CutPrefix(args[i], "--lang=")
		switch {
		case args[i] == "--":
			return append(rest, args[i:]...), lang
		case joined:
			lang = value
		case args[i] == "--lang" && i+1 < len(args):
			i++
			lang = args[i]
		default:
			rest = append(rest, args[i])
		}
	}
	return rest, lang
}

// commands, longest first where one begins like another.
var commands = []struct {
	name string
	do   func(*program, context.Context, []string) error
}{
	{"serve", (*program).serve},
	{"enroll-key new", (*program).newKey},
	{"enroll-key list", (*program).listKeys},
	{"enroll-key revoke", (*program).revokeKey},
	{"user add", (*program).addUser},
	{"user list", (*program).listUsers},
	{"user remove", (*program).removeUser},
	{"contact set", (*program).setContact},
	{"contact show", (*program).showContact},
	{"migrate", (*program).migrate},
	{"backup", (*program).backup},
	{"restore", (*program).restore},
	{"export", (*program).export},
	{"version", (*program).version},
}

func (p *program) do(ctx context.Context, args []string) error {
	line := strings.Join(args, " ") + " "
	for _, c := range commands {
		if strings.HasPrefix(line, c.name+" ") {
			return c.do(p, ctx, args[len(strings.Fields(c.name)):])
		}
	}
	usage := p.words.T("deskcmd.usage")
	if len(args) == 0 {
		return complaint(usage)
	}
	switch args[0] {
	case "help", "--help", "-h":
		fmt.Fprintln(p.out, usage)
		return nil
	case "--version":
		return p.version(ctx, nil)
	}
	return complaint(p.mistaken(args) + "\n\n" + usage)
}

// mistaken names the word that is none of the commands.
func (p *program) mistaken(args []string) string {
	var choices []string
	for _, c := range commands {
		if second, ok := strings.CutPrefix(c.name, args[0]+" "); ok {
			choices = append(choices, second)
		}
	}
	switch {
	case strings.HasPrefix(args[0], "-"):
		return p.words.T("deskcmd.flag_first", "flag", args[0])
	case len(choices) == 0:
		return p.words.T("deskcmd.unknown", "word", args[0])
	case len(args) == 1 || strings.HasPrefix(args[1], "-"):
		return p.words.T("deskcmd.missing_sub", "command", args[0], "choices", choices)
	default:
		return p.words.T("deskcmd.unknown_sub", "command", args[0], "word", args[1], "choices", choices)
	}
}

// flags starts a command's flags with those that all have.
func (p *program) flags(name string) *pflag.FlagSet {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&p.data, "data", dataFolder(), p.words.T("deskcmd.flag.data"))
	return f
}

// parse reads the flags and returns the other arguments, which have to be as
// many as named.
func (p *program) parse(f *pflag.FlagSet, args []string, named ...string) ([]string, error) {
	want := strings.Join(append([]string{"raisehand-desk", f.Name()}, named...), " ")
	err := f.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(p.out, "%s\n%s", want, f.FlagUsages())
		return nil, errHelp
	case err != nil:
		return nil, complaint(p.flagWords(f.Name(), err) + "\n\n" + want + "\n" + strings.TrimRight(f.FlagUsages(), "\n"))
	case f.NArg() != len(named):
		return nil, complaint(p.words.T("deskcmd.arguments", "want", want) + "\n\n" + strings.TrimRight(f.FlagUsages(), "\n"))
	}
	return f.Args(), nil
}

// flagWords says what is wrong with a flag.
func (p *program) flagWords(command string, err error) string {
	var unknown *pflag.NotExistError
	var lacking *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		flag := "--" + unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			flag = "-" + unknown.GetSpecifiedName()
		}
		return p.words.T("deskcmd.flag_unknown", "command", command, "flag", flag)
	case errors.As(err, &lacking):
		return p.words.T("deskcmd.flag_value", "flag", "--"+lacking.GetFlag().Name)
	case errors.As(err, &wrong):
		return p.words.T("deskcmd.flag_wrong", "flag", "--"+wrong.GetFlag().Name, "value", wrong.GetValue())
	}
	return err.Error()
}

// errHelp ends a command that was only asked how it is used.
var errHelp = errors.New("help")

// open opens the data folder, making it if it is not there.
func (p *program) open(ctx context.Context) (*store.Store, error) {
	return p.opened(store.Open(ctx, p.data))
}

// openExisting opens the data folder for a command that has nothing to do
// where no desk is: a folder mistyped is not to become an empty desk.
func (p *program) openExisting(ctx context.Context) (*store.Store, error) {
	return p.opened(store.OpenExisting(ctx, p.data))
}

func (p *program) opened(s *store.Store, err error) (*store.Store, error) {
	switch {
	case errors.Is(err, store.ErrNoDesk):
		return nil, errors.New(p.words.T("deskcmd.no_desk", "data", p.data))
	case err != nil:
		return nil, errors.New(p.words.T("deskcmd.no_data", "data", p.data, "why", err.Error()))
	}
	return s, nil
}

// dataFolder is where a desk keeps its data unless told otherwise.
func dataFolder() string {
	if dir := os.Getenv("RAISEHAND_DESK_DATA"); dir != "" {
		return dir
	}
	if dir := os.Getenv("STATE_DIRECTORY"); dir != "" { // a systemd service with StateDirectory=
		return dir
	}
	home, _ := os.UserHomeDir()
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(os.Getenv("LOCALAPPDATA"), "Raisehand Desk")
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "Raisehand Desk")
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "raisehand-desk")
	}
	return filepath.Join(home, ".local", "share", "raisehand-desk")
}

// A key good for longer, or for more computers, than any school needs is a
// mistyped one.
const (
	mostUses = 1_000_000
	mostDays = 3650
)

func (p *program) newKey(ctx context.Context, args []string) error {
	f := p.flags("enroll-key new")
	uses := f.Int("uses", 500, p.words.T("deskcmd.flag.uses"))
	days := f.Int("days", 30, p.words.T("deskcmd.flag.days"))
	if _, err := p.parse(f, args); err != nil {
		return helped(err)
	}
	for _, n := range []struct {
		flag        string
		given, most int
	}{{"--uses", *uses, mostUses}, {"--days", *days, mostDays}} {
		if n.given < 1 || n.given > n.most {
			return complaint(p.words.T("deskcmd.range", "flag", n.flag, "most", strconv.Itoa(n.most)))
		}
	}
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	key, now := desk.NewSecret(5), time.Now()
	expires := now.AddDate(0, 0, *days)
	hash := desk.HashKey(key)
	if err := s.AddKey(ctx, store.Tenant, hash, *uses, now, expires); err != nil {
		return err
	}
	fmt.Fprintln(p.out, key)
	fmt.Fprintln(p.err, p.words.T("deskcmd.key_until", "uses", *uses, "date", expires.Format(day), "id", store.KeyID(hash)))
	return nil
}

// minPassword is NIST SP 800-63B's least length for a password.
const minPassword = 8

func (p *program) addUser(ctx context.Context, args []string) error {
	f := p.flags("user add")
	role := f.String("role", "", p.words.T("deskcmd.flag.role"))
	stdin := f.Bool("password-stdin", false, p.words.T("deskcmd.flag.password_stdin"))
	rest, err := p.parse(f, args, "NAME")
	if err != nil {
		return helped(err)
	}
	name := strings.TrimSpace(rest[0])
	switch {
	case name == "" || len([]rune(name)) > 100:
		return complaint(p.words.T("deskcmd.user_name"))
	case !plain(name):
		return complaint(p.words.T("deskcmd.unprintable", "what", p.words.T("deskcmd.what.user")))
	}
	if *role != "technician" && *role != "admin" {
		return complaint(p.words.T("deskcmd.role"))
	}
	password := desk.NewSecret(4)
	if *stdin {
		if password, err = p.password(ctx, name); err != nil {
			return fmt.Errorf("read password: %w", err)
		}
	}
	if len([]rune(password)) < minPassword {
		return complaint(p.words.T("deskcmd.password_short", "n", minPassword))
	}
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	said := "deskcmd.user_set"
	if _, err := s.Account(ctx, store.Tenant, name); err == nil {
		said = "deskcmd.user_changed"
	}
	a := store.Account{Tenant: store.Tenant, Name: name, Role: *role, Password: desk.HashPassword(password)}
	if err := s.SetAccount(ctx, a, time.Now()); err != nil {
		return err
	}
	if !*stdin {
		fmt.Fprintln(p.out, password)
	}
	fmt.Fprintln(p.err, printable(p.words.T(said, "name", name)))
	return nil
}

// contactFlags are the four ways to say who receives tickets.
type contactFlags struct{ name, phone, mail, chat *string }

func (p *program) contactFlags(f *pflag.FlagSet, prefix string) contactFlags {
	return contactFlags{
		f.String(prefix+"name", "", p.words.T("deskcmd.flag.contact_name")),
		f.String(prefix+"phone", "", p.words.T("deskcmd.flag.contact_phone")),
		f.String(prefix+"mail", "", p.words.T("deskcmd.flag.contact_mail")),
		f.String(prefix+"chat", "", p.words.T("deskcmd.flag.contact_chat")),
	}
}

// check refuses what no teacher could read or use.
func (c contactFlags) check(p *program, prefix string) error {
	for name, given := range map[string]string{"name": *c.name, "phone": *c.phone, "mail": *c.mail, "chat": *c.chat} {
		if !plain(given) {
			return complaint(p.words.T("deskcmd.unprintable", "what", "--"+prefix+name))
		}
	}
	if a, err := mail.ParseAddress(*c.mail); *c.mail != "" && (err != nil || a.Address != *c.mail) {
		return complaint(p.words.T("deskcmd.mail", "mail", *c.mail))
	}
	return nil
}

// given says whether any of the four was.
func (c contactFlags) given(f *pflag.FlagSet, prefix string) bool {
	return f.Changed(prefix+"name") || f.Changed(prefix+"phone") || f.Changed(prefix+"mail") || f.Changed(prefix+"chat")
}

// set keeps those that were given and leaves the others.
func (c contactFlags) set(ctx context.Context, s *store.Store, f *pflag.FlagSet, prefix string) (deskapi.Contact, error) {
	now, err := s.Contact(ctx, store.Tenant)
	if err != nil {
		return now, err
	}
	if !c.given(f, prefix) {
		return now, nil
	}
	for name, to := range map[string]struct{ given, kept *string }{
		"name": {c.name, &now.Name}, "phone": {c.phone, &now.Phone}, "mail": {c.mail, &now.Mail}, "chat": {c.chat, &now.Chat},
	} {
		if f.Changed(prefix + name) {
			*to.kept = *to.given
		}
	}
	return now, s.SetContact(ctx, store.Tenant, now)
}

func (p *program) setContact(ctx context.Context, args []string) error {
	f := p.flags("contact set")
	c := p.contactFlags(f, "")
	if _, err := p.parse(f, args); err != nil {
		return helped(err)
	}
	if err := c.check(p, ""); err != nil {
		return err
	}
	open := p.open
	if !c.given(f, "") { // then it only shows
		open = p.openExisting
	}
	s, err := open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	now, err := c.set(ctx, s, f, "")
	if err == nil {
		p.printContact(now)
	}
	return err
}

func (p *program) showContact(ctx context.Context, args []string) error {
	if _, err := p.parse(p.flags("contact show"), args); err != nil {
		return helped(err)
	}
	s, err := p.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	now, err := s.Contact(ctx, store.Tenant)
	if err == nil {
		p.printContact(now)
	}
	return err
}

// printContact prints what teachers see, each under its name.
func (p *program) printContact(c deskapi.Contact) {
	var rows [][]string
	for _, row := range [][]string{{"deskcmd.contact.name", c.Name}, {"deskcmd.contact.phone", c.Phone}, {"deskcmd.contact.mail", c.Mail}, {"deskcmd.contact.chat", c.Chat}} {
		if row[1] != "" {
			rows = append(rows, []string{p.words.T(row[0]), row[1]})
		}
	}
	if len(rows) == 0 {
		fmt.Fprintln(p.err, p.words.T("deskcmd.contact_none"))
		return
	}
	align(p.out, rows)
}

func (p *program) migrate(ctx context.Context, args []string) error {
	if _, err := p.parse(p.flags("migrate"), args); err != nil {
		return helped(err)
	}
	s, err := p.open(ctx) // opening brings the tables up to date
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := s.Version(ctx)
	if err == nil {
		fmt.Fprintln(p.out, printable(p.words.T("deskcmd.migrated", "n", n)))
	}
	return err
}

func (p *program) backup(ctx context.Context, args []string) error {
	rest, err := p.parse(p.flags("backup"), args, "DIR")
	if err != nil {
		return helped(err)
	}
	s, err := p.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	switch err := s.Backup(ctx, rest[0]); {
	case errors.Is(err, store.ErrNotEmpty):
		return complaint(p.words.T("deskcmd.not_empty", "dir", rest[0]))
	case err != nil:
		return fmt.Errorf("back up: %w", err)
	}
	fmt.Fprintln(p.out, printable(p.words.T("deskcmd.backed_up", "dir", rest[0])))
	return nil
}

func (p *program) restore(ctx context.Context, args []string) error {
	rest, err := p.parse(p.flags("restore"), args, "DIR")
	if err != nil {
		return helped(err)
	}
	switch err := store.Restore(ctx, rest[0], p.data); {
	case errors.Is(err, store.ErrNotEmpty):
		return complaint(p.words.T("deskcmd.not_empty", "dir", p.data))
	case errors.Is(err, store.ErrNoBackup):
		why := strings.TrimPrefix(err.Error(), store.ErrNoBackup.Error()+": ")
		return complaint(p.words.T("deskcmd.no_backup", "dir", rest[0], "why", why))
	case err != nil:
		return fmt.Errorf("restore: %w", err)
	}
	s, err := p.open(ctx) // an older backup is brought up to date
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Fprintln(p.out, printable(p.words.T("deskcmd.restored", "dir", rest[0], "data", p.data)))
	return nil
}

// export writes every ticket as one JSON document a line, oldest first.
func (p *program) export(ctx context.Context, args []string) error {
	if _, err := p.parse(p.flags("export"), args); err != nil {
		return helped(err)
	}
	s, err := p.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	out := json.NewEncoder(p.out)
	out.SetEscapeHTML(false)
	return s.Pages(ctx, store.Tenant, time.Now(), func(page deskapi.Page) error { return out.Encode(page) })
}

// Version is set when a release is built.
var Version = "0.1.0-dev"

func (p *program) version(_ context.Context, args []string) error {
	if _, err := p.parse(p.flags("version"), args); err != nil {
		return helped(err)
	}
	fmt.Fprintln(p.out, "raisehand-desk", Version)
	return nil
}

// helped turns "only asked for help" into success.
func helped(err error) error {
	if errors.Is(err, errHelp) {
		return nil
	}
	return err
}
