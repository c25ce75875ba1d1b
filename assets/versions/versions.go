// Package versions is which class apps and browsers are too old to teach with:
// a table with dates and sources, and what a school adds to it.
package versions

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
)

//go:embed versions.json
var shipped []byte

// Floor is one line of the table: anything before Least is too old.
type Floor struct {
	App     string `json:"app"`               // the key of the names "app.…": "chrome"
	Least   string `json:"least,omitempty"`   // "110"; on every system that is not named
	Linux   string `json:"linux,omitempty"`   //
	Windows string `json:"windows,omitempty"` //
	Darwin  string `json:"darwin,omitempty"`  //
	Since   string `json:"since"`             // the day from which on it holds
	Source  string `json:"source"`            // who says so
	Because string `json:"because"`           // what is wrong with older ones
}

// on is the least version on one system, empty if there is none.
func (f Floor) on(goos string) string {
	if own := map[string]string{"linux": f.Linux, "windows": f.Windows, "darwin": f.Darwin}[goos]; own != "" {
		return own
	}
	return f.Least
}

// Shipped is the table that the program brings along.
func Shipped() []Floor {
	var all []Floor
	if json.Unmarshal(shipped, &all) != nil { // a test reads it
		return nil
	}
	return all
}

// Read reads a table of the same form from a file. One that is not there is an
// empty table.
func Read(path string) ([]Floor, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the table of versions: %w", err)
	}
	var all []Floor
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("read the table of versions: %w", err)
	}
	return all, nil
}

// Least merges tables and lines of the form "chrome=120" for one system; what
// comes later wins, and a line without a version lifts the limit. The result
// is keyed by app.
func Least(goos string, lines []string, tables ...[]Floor) map[string]string {
	least := map[string]string{}
	for _, table := range tables {
		for _, f := range table {
			if v := f.on(goos); v != "" {
				least[f.App] = v
			}
		}
	}
	for _, line := range lines {
		app, v, ok := strings.Cut(line, "=")
		app, v = strings.TrimSpace(app), strings.TrimSpace(v)
		switch {
		case !ok || app == "":
		case v == "":
			delete(least, app)
		default:
			least[app] = v
		}
	}
	return least
}
