package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(tidy{m}, map[string]func(){"raisehand-desk": main})
}

// tidy removes the program that tests have built.
type tidy struct{ *testing.M }

func (t tidy) Run() int {
	defer func() {
		if builtIn != "" {
			os.RemoveAll(builtIn)
		}
	}()
	return t.M.Run()
}

// The files of testdata say what the commands do.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: func(e *testscript.Env) error { e.Setenv("RAISEHAND_LANG", "en"); return nil },
	})
}
