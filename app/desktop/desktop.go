// Package desktop is what each system's desktop offers: one running copy for a
// home folder, notifications, a settings page to open, the person's language.
package desktop

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"raisehand/uploader/deskapi"
)

// ErrOwned says that another process runs the session of this home folder.
var ErrOwned = errors.New("another raisehand runs for this folder")

// Owner is the right to run the session and drain the outbox of one home
// folder. The system takes it back when the process ends, however it ends.
type Owner struct{ lock *flock.Flock }

// Own makes this process the owner of home, ErrOwned if there is one already.
func Own(home string) (*Owner, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("make the home folder: %w", err)
	}
	l := flock.New(filepath.Join(home, "lock"))
	ok, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the home folder: %w", err)
	}
	if !ok {
		return nil, ErrOwned
	}
	return &Owner{l}, nil
}

// Release gives the folder to the next who asks.
func (o *Owner) Release() { o.lock.Unlock() }

// Guess says who sits here, as far as the system knows.
func Guess() deskapi.Person {
	u, err := user.Current()
	if err != nil {
		return deskapi.Person{}
	}
	name := strings.TrimSpace(strings.SplitN(u.Name, ",", 2)[0]) // GECOS: "Li Wei,Room 302,…"
	if name == "" || name == "root" {
		name = ""
	}
	return deskapi.Person{Role: "teacher", Name: name}
}

// Computer is this machine's name, as the school's IT knows it.
func Computer() string {
	name, err := os.Hostname()
	if err != nil {
		return "?"
	}
	return name
}
