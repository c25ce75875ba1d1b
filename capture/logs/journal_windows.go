package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// journal asks the event log for what the system and the programs complained
// of, the newest first.
func journal(ctx context.Context) ([]byte, error) {
	root := os.Getenv("SystemRoot")
	if root == "" {
		root = `C:\Windows`
	}
	query := fmt.Sprintf("/q:*[System[(Level=1 or Level=2 or Level=3) and TimeCreated[timediff(@SystemTime) <= %d]]]", around.Milliseconds())
	var all []byte
	var errs []error
	for _, log := range []string{"System", "Application"} {
		raw, err := output(ctx, filepath.Join(root, "System32", "wevtutil.exe"), "qe", log, query, "/f:text", "/c:200", "/rd:true", "/uni:true")
		if len(raw) > 1 && (raw[1] == 0 || bytes.HasPrefix(raw, []byte{0xFF, 0xFE})) {
			raw = narrow(bytes.TrimPrefix(raw, []byte{0xFF, 0xFE}))
		}
		all = append(all, "-- "+log+" --\n"...)
		all = append(all, raw[:min(len(raw), maxSystem/2)]...)
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}
