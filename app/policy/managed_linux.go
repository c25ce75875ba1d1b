package policy

import (
	"fmt"
	"os"
	"syscall"
)

const root = "/etc/raisehand/policies/"

// School reads what device management has put on this computer.
func School() (layers []Layer, problems []Problem) {
	for _, place := range []struct {
		source Source
		dir    string
	}{{Recommended, root + "recommended"}, {Managed, root + "managed"}} {
		l, p := ReadFolder(place.source, place.dir)
		layers, problems = append(layers, l...), append(problems, p...)
	}
	return layers, problems
}

// trusted refuses a policy that someone other than root could have written:
// it may name the desk to which a classroom's pictures go.
func trusted(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok || st.Uid != 0 || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s can be written by others than root", path)
	}
	return nil
}
