package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"raisehand/uploader/desk/store"
)

// day is how dates are written for people and scripts alike.
const day = time.DateOnly

func (p *program) listUsers(ctx context.Context, args []string) error {
	if _, err := p.parse(p.flags("user list"), args); err != nil {
		return helped(err)
	}
	s, err := p.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	users, err := s.Accounts(ctx, store.Tenant)
	if err != nil {
		return fmt.Errorf("list accounts: %w", err)
	}
	rows := [][]string{}
	for _, u := range users {
		rows = append(rows, []string{u.Name, u.Role, u.CreatedAt.Local().Format(day)})
	}
	p.list(rows, "deskcmd.users_none", "deskcmd.column.name", "deskcmd.column.role", "deskcmd.column.created")
	return nil
}

func (p *program) removeUser(ctx context.Context, args []string) error {
	rest, err := p.parse(p.flags("user remove"), args, "NAME")
	if err != nil {
		return helped(err)
	}
	s, err := p.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	switch err := s.RemoveAccount(ctx, store.Tenant, rest[0]); {
	case errors.Is(err, store.ErrNotFound):
		return errors.New(p.words.T("deskcmd.user_none", "name", rest[0]))
	case err != nil:
		return err
	}
	fmt.Fprintln(p.err, printable(p.words.T("deskcmd.user_gone", "name", rest[0])))
	return nil
}

func (p *program) listKeys(ctx context.Context, args []string) error {
	if _, err := p.parse(p.flags("enroll-key list"), args); err != nil {
		return helped(err)
	}
	s, err := p.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	keys, err := s.Keys(ctx, store.Tenant)
	if err != nil {
		return fmt.Errorf("list enrolment keys: %w", err)
	}
	rows := [][]string{}
	for _, k := range keys {
		rows = append(rows, []string{k.ID, k.CreatedAt.Local().Format(day), strconv.Itoa(k.UsesLeft), k.ExpiresAt.Local().Format(day)})
	}
	p.list(rows, "deskcmd.keys_none", "deskcmd.column.id", "deskcmd.column.created", "deskcmd.column.uses_left", "deskcmd.column.expires")
	return nil
}

func (p *program) revokeKey(ctx context.Context, args []string) error {
	rest, err := p.parse(p.flags("enroll-key revoke"), args, "ID")
	if err != nil {
		return helped(err)
	}
	s, err := p.openExisting(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	switch err := s.RevokeKey(ctx, store.Tenant, rest[0], time.Now()); {
	case errors.Is(err, store.ErrNotFound):
		return errors.New(p.words.T("deskcmd.key_none", "id", rest[0]))
	case err != nil:
		return err
	}
	fmt.Fprintln(p.err, printable(p.words.T("deskcmd.key_gone", "id", rest[0])))
	return nil
}

// list prints rows under their headings, or on stderr that there are none.
func (p *program) list(rows [][]string, none string, headings ...string) {
	if len(rows) == 0 {
		fmt.Fprintln(p.err, p.words.T(none))
		return
	}
	head := make([]string, len(headings))
	for i, h := range headings {
		head[i] = p.words.T(h)
	}
	align(p.out, append([][]string{head}, rows...))
}

// align writes cells below each other, as a terminal shows them.
func align(to io.Writer, rows [][]string) {
	wide := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			wide[i] = max(wide[i], columns(printable(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			cell = printable(cell)
			line.WriteString(cell + strings.Repeat(" ", wide[i]-columns(cell)+2))
		}
		fmt.Fprintln(to, strings.TrimRight(line.String(), " "))
	}
}

// columns is how wide a terminal shows a text: Chinese characters take two.
func columns(text string) (n int) {
	for _, r := range text {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
