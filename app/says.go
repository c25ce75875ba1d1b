package app

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"raisehand/uploader"
)

// mistake is an error that has words: a code with its parameters.
type mistake struct {
	code   string
	params map[string]any
}

func (m mistake) Error() string { return fmt.Sprint(m.code, " ", m.params) }

// wrong makes a mistake, parameters given as name, value, name, value.
func wrong(code string, kv ...any) error {
	m := mistake{code, map[string]any{}}
	for i := 0; i+1 < len(kv); i += 2 {
		m.params[fmt.Sprint(kv[i])] = kv[i+1]
	}
	return m
}

// says turns an error into a code with words. It is the only place that does.
func says(err error) (string, map[string]any) {
	var m mistake
	switch {
	case errors.As(err, &m):
		return m.code, m.params
	case errors.Is(err, uploader.ErrFull), errors.Is(err, syscall.ENOSPC):
		return "outbox.full", nil
	case errors.Is(err, uploader.ErrTooLarge):
		return "desk.too_large", nil
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return "cli.home_denied", map[string]any{"reason": err.Error()}
	}
	var worded interface{ WordCode() string } // deskapi.Code would call every other error a desk out of reach
	if errors.As(err, &worded) {
		return worded.WordCode(), nil
	}
	return "cli.failed", map[string]any{"reason": err.Error()}
}

// fail tells the person what went wrong and what to do, and is the exit code
// for it.
func (p *program) fail(err error) int {
	p.complain(says(err))
	return exitUsage
}

func (p *program) complain(code string, params map[string]any) {
	s := p.book.Of(code, params)
	between := " "
	if p.book.Lang == "zh" {
		between = "" // a Chinese full stop has its own room
	}
	fmt.Fprintf(p.err, "raisehand: %s%s%s\n", s.Says, between, s.Do)
}
