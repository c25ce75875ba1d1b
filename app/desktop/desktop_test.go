package desktop

import (
	"bufio"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFolderHasOneOwner(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home")
	first, err := Own(home)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Own(home); !errors.Is(err, ErrOwned) {
		t.Fatalf("a second owner: %v", err)
	}
	first.Release()
	again, err := Own(home)
	if err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	again.Release()
}

func TestOthersSpeakToTheOwner(t *testing.T) {
	for name, home := range map[string]string{"short": t.TempDir(), "too long for a socket": filepath.Join(t.TempDir(), strings.Repeat("很长", 40))} {
		t.Run(name, func(t *testing.T) {
			owner, err := Own(home)
			if err != nil {
				t.Fatal(err)
			}
			defer owner.Release()
			for range 2 { // the second start finds the first one's socket lying about
				l, err := Listen(home)
				if err != nil {
					t.Fatal(err)
				}
				go func() {
					c, err := l.Accept()
					if err == nil {
						fmt.Fprintln(c, "here")
						c.Close()
					}
				}()
				c, err := Dial(home)
				if err != nil {
					t.Fatal(err)
				}
				if line, _ := bufio.NewReader(c).ReadString('\n'); line != "here\n" {
					t.Errorf("heard %q", line)
				}
				c.Close()
				l.Close()
			}
		})
	}
}
