package camera

import (
	"errors"
	"reflect"
	"testing"
)

// someone is a system whose cameras are held.
type someone struct {
	system
	cams []device
	err  error
	by   map[string][]holder
}

func (s someone) cameras() ([]device, error) { return s.cams, s.err }
func (s someone) holders(d device) []holder  { return s.by[d.path] }

func TestHoldersNow(t *testing.T) {
	s := someone{cams: []device{{path: "a", name: "Webcam"}, {path: "b", name: "Visualiser"}}, by: map[string][]holder{
		"a": {{pid: 4, program: "obs"}, {pid: 5, program: "wireplumber", broker: true}}, "b": {{pid: 6, program: "zoom"}}}}
	want := []Holder{{4, "obs", "Webcam"}, {6, "zoom", "Visualiser"}}
	if got, err := holdersNow(s); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if _, err := holdersNow(someone{err: errors.ErrUnsupported}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a system that cannot be asked says %v", err)
	}
}
