package camera

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Holder is a program that has a camera open.
type Holder struct {
	PID     int
	Program string // "cheese"
	Camera  string // the camera's name
}

// Holders lists who has which camera open, now and still a moment later:
// programs open cameras briefly to list them. Programs that hold cameras only
// for others are left out. A system that cannot be asked gives
// errors.ErrUnsupported.
func Holders(ctx context.Context) ([]Holder, error) {
	now, err := holdersNow(here{})
	if err != nil || len(now) == 0 {
		return nil, err
	}
	select {
	case <-time.After(heldTwice):
	case <-ctx.Done():
		return nil, fmt.Errorf("list who holds a camera: %w", ctx.Err())
	}
	later, err := holdersNow(here{})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(now, func(h Holder) bool { return !slices.Contains(later, h) }), nil
}

func holdersNow(sys system) (all []Holder, err error) {
	cams, err := sys.cameras()
	if err != nil {
		return nil, fmt.Errorf("list who holds a camera: %w", err)
	}
	for _, d := range cams {
		for _, h := range sys.holders(d) {
			if !h.broker {
				all = append(all, Holder{PID: h.pid, Program: h.program, Camera: d.name})
			}
		}
	}
	return all, nil
}
