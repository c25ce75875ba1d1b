package icons_test

import (
	"bytes"
	"image"
	_ "image/png"
	"os"
	"path/filepath"
	"testing"

	"raisehand/app/snapshot"
	"raisehand/assets/icons"

	"golang.org/x/image/draw"
)

var states = []snapshot.State{snapshot.Idle, snapshot.Checking, snapshot.Waiting, snapshot.Answered, snapshot.Overdue, snapshot.Offline}

// At 16 pixels and without colour, no two states look alike: at least one
// pixel in sixteen differs clearly.
func TestStatesDifferInShape(t *testing.T) {
	for _, ground := range []string{"light", "dark", "template"} {
		small := map[snapshot.State]*image.Gray{}
		for _, s := range states {
			f, err := os.Open(filepath.Join("tray", string(s)+"-"+ground+".png"))
			if err != nil {
				t.Fatal(err)
			}
			m, _, err := image.Decode(f)
			f.Close()
			if err != nil {
				t.Fatal(err)
			}
			g := image.NewGray(image.Rect(0, 0, 16, 16))
			if ground != "dark" {
				draw.Draw(g, g.Bounds(), image.White, image.Point{}, draw.Src)
			}
			draw.BiLinear.Scale(g, g.Bounds(), m, m.Bounds(), draw.Over, nil)
			small[s] = g
		}
		for i, a := range states {
			for _, b := range states[i+1:] {
				differ := 0
				for k := range small[a].Pix {
					if d := int(small[a].Pix[k]) - int(small[b].Pix[k]); d > 40 || d < -40 {
						differ++
					}
				}
				if differ < 16 {
					t.Errorf("%s: %s and %s differ in %d of 256 pixels only", ground, a, b, differ)
				}
			}
		}
	}
}

func TestTray(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range states {
		for _, dark := range []bool{false, true} {
			raw := icons.Tray(string(s), dark)
			if len(raw) == 0 || len(raw) > 4096 {
				t.Errorf("%s dark=%v: %d bytes", s, dark, len(raw))
			}
			if seen[string(raw)] {
				t.Errorf("%s dark=%v looks like another", s, dark)
			}
			seen[string(raw)] = true
		}
	}
	if !bytes.Equal(icons.Tray("", false), icons.Tray(string(snapshot.Idle), false)) {
		t.Error("no state must look idle")
	}
	if _, err := os.Stat("app-512.png"); err != nil {
		t.Error(err)
	}
}
