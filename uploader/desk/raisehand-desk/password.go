package main

import (
	"context"
	"fmt"
	"io"
	"os"
)

// password reads one line. Somebody who types it is asked for it, and what they
// type does not show where the system can hide it.
func (p *program) password(ctx context.Context, name string) (string, error) {
	f, ok := p.in.(*os.File)
	if !ok || !terminal(f) {
		return readLine(p.in)
	}
	prompt := "deskcmd.password_prompt"
	restore, err := hide(f)
	if err != nil {
		prompt, restore = "deskcmd.password_prompt_shown", func() {}
	}
	defer func() {
		restore()
		fmt.Fprintln(p.err) // the line end that was typed did not show either
	}()
	fmt.Fprint(p.err, p.words.T(prompt, "name", name))
	type typed struct {
		line string
		err  error
	}
	read := make(chan typed, 1)
	go func() {
		line, err := readLine(f)
		read <- typed{line, err}
	}()
	select {
	case t := <-read:
		return t.line, t.err
	case <-ctx.Done(): // Ctrl-C: the terminal must show again what is typed
		return "", ctx.Err()
	}
}

// readLine reads up to the first line end or the end of the input, and no
// further: whoever types need not end the input.
func readLine(r io.Reader) (string, error) {
	const most = 4096
	var line []byte
	one := make([]byte, 1)
	for len(line) < most {
		n, err := r.Read(one)
		if n == 1 && one[0] == '\n' || err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		line = append(line, one[:n]...)
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return string(line), nil
}
