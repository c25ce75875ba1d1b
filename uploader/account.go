package uploader

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"raisehand/uploader/deskapi"
)

// Desk is this computer's account at one desk. The account is made when it is
// first needed and kept in Path, which only this user may read: its token is
// secret and is never logged. Another URL is another account; the first one's
// is kept too.
type Desk struct {
	URL      string          // "https://desk.school.example"
	Key      string          // enrolment key, empty if this computer is enrolled already
	Path     string          // home/device.json
	Computer string          // its name; empty: the host's
	Client   *deskapi.Client // speaks with this account's token

	once  sync.Once
	enrol sync.Mutex // held while enrolling
	mu    sync.Mutex // guards the rest
	mine  *deskapi.Enrolled
	broke error // why the kept account could not be read
	last  bool  // noted as the desk used last
}

// OpenDesk reads the kept account, if there is one. Nothing is sent yet, and a
// wrong address shows itself on first use.
func OpenDesk(url, key, path string) *Desk {
	d := &Desk{URL: url, Key: key, Path: path}
	d.client()
	return d
}

// accounts is device.json.
type accounts struct {
	Desks map[string]deskapi.Enrolled `json:"desks"`          // by URL
	Last  string                      `json:"last,omitempty"` // URL of the one that was used last
}

// LastDesk returns the address of the desk that the accounts in path were used
// with last, empty if there is none: the one to go on with when nobody sets
// any. Deciding that it may be used is the caller's.
func LastDesk(path string) string {
	all, err := readAccounts(path)
	if err != nil {
		return ""
	}
	if all.Last == "" && len(all.Desks) == 1 { // written before this was noted
		for url := range all.Desks {
			return url
		}
	}
	if _, ok := all.Desks[all.Last]; !ok {
		return ""
	}
	return all.Last
}

// client makes a hand-written Desk{} work too.
func (d *Desk) client() *deskapi.Client {
	d.once.Do(func() {
		if base, err := deskapi.CheckBase(d.URL); err == nil {
			d.URL = base
		}
		if d.Client == nil {
			d.Client = &deskapi.Client{}
		}
		d.Client.Base, d.Client.Token = d.URL, d.token
		all, err := readAccounts(d.Path)
		d.broke = err
		if me, ok := all.Desks[d.URL]; ok && me.Token != "" {
			d.mine = &me
		}
	})
	return d.Client
}

func (d *Desk) token() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mine == nil {
		return ""
	}
	return d.mine.Token
}

// Enrolled returns the account, false before there is one.
func (d *Desk) Enrolled() (deskapi.Enrolled, bool) {
	d.client()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mine == nil {
		return deskapi.Enrolled{}, false
	}
	return *d.mine, true
}

// Contact says who receives tickets, as far as known.
func (d *Desk) Contact() deskapi.Contact {
	e, _ := d.Enrolled()
	return e.Contact
}

// Enrol makes the account if there is none yet. Errors: deskapi.ErrNoKey (of a
// desk that does answer), ErrKey, ErrNoDesk, ErrAddress, ErrPath, and those of
// the way there.
func (d *Desk) Enrol(ctx context.Context) error { return d.enrolInstead(ctx, "") }

// enrolInstead makes a new account if the token is still the one given, the
// one that the desk does not know.
func (d *Desk) enrolInstead(ctx context.Context, token string) error {
	c := d.client()
	d.enrol.Lock()
	defer d.enrol.Unlock()
	if d.token() != token {
		return nil // somebody else was quicker
	}
	if _, err := deskapi.CheckBase(d.URL); err != nil {
		return fmt.Errorf("enrol: %w", err)
	}
	if d.Key == "" {
		if token != "" {
			return fmt.Errorf("enrol again: %w", deskapi.ErrToken)
		}
		if _, err := c.Time(ctx); err != nil { // nobody there: a key would be of no use
			return fmt.Errorf("enrol: %w", err)
		}
		return errors.Join(fmt.Errorf("enrol: %w", deskapi.ErrNoKey), d.broke)
	}
	name := d.Computer
	if name == "" {
		name, _ = os.Hostname()
	}
	me, err := c.Enrol(ctx, deskapi.Enrol{Key: d.Key, Computer: name, OS: runtime.GOOS})
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.mine = &me
	d.mu.Unlock()
	return d.save(me)
}

// used notes that this desk has answered, once in a Desk's life.
func (d *Desk) used() error {
	d.enrol.Lock()
	defer d.enrol.Unlock()
	me, ok := d.Enrolled()
	d.mu.Lock()
	noted := d.last
	d.mu.Unlock()
	if !ok || noted {
		return nil
	}
	return d.save(me)
}

// save keeps the account among the others, as the last one used. The caller
// holds enrol.
func (d *Desk) save(me deskapi.Enrolled) error {
	d.mu.Lock()
	d.last = true // a disk that refuses is not asked at each step
	d.mu.Unlock()
	all, _ := readAccounts(d.Path) // what cannot be read is of no use to anybody
	if all.Desks == nil {
		all.Desks = map[string]deskapi.Enrolled{}
	}
	if all.Last == d.URL && all.Desks[d.URL] == me {
		return nil
	}
	all.Desks[d.URL], all.Last = me, d.URL
	raw, err := json.Marshal(all)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(d.Path), 0o700)
	}
	if err == nil {
		err = keep(filepath.Dir(d.Path), filepath.Base(d.Path), raw)
	}
	if err != nil {
		return fmt.Errorf("keep the account: %w", refusedByDisk(err))
	}
	return nil
}

func readAccounts(path string) (accounts, error) {
	var all accounts
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return all, nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &all)
	}
	if err != nil {
		return accounts{}, fmt.Errorf("read the account: %w", err)
	}
	return all, nil
}
