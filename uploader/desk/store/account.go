package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Account is a technician's.
type Account struct {
	Tenant, Name string
	Role         string // "technician" or "admin"
	Password     string // argon2id, never the password itself
}

// SetAccount makes an account, or sets its role and password anew and ends its
// sessions.
func (s *Store) SetAccount(ctx context.Context, a Account, now time.Time) error {
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO accounts (tenant, name, role, password, created_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (tenant, name) DO UPDATE SET role = excluded.role, password = excluded.password`,
			a.Tenant, a.Name, a.Role, a.Password, ms(now))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE tenant = ? AND name = ?`, a.Tenant, a.Name)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep account: %w", err)
	}
	return nil
}

// Account returns one account.
func (s *Store) Account(ctx context.Context, tenant, name string) (Account, error) {
	a := Account{Tenant: tenant, Name: name}
	err := s.readers.QueryRowContext(ctx, `SELECT role, password FROM accounts WHERE tenant = ? AND name = ?`, tenant, name).
		Scan(&a.Role, &a.Password)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrNotFound
	}
	return a, err
}

// StartSession keeps a session's hash until it expires, and forgets those that
// have.
func (s *Store) StartSession(ctx context.Context, a Account, hash []byte, now, expires time.Time) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= ?`, ms(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (tenant, token_hash, name, expires_at) VALUES (?, ?, ?, ?)`,
			a.Tenant, hash, a.Name, ms(expires))
		return err
	})
}

// Session returns whose session it is.
func (s *Store) Session(ctx context.Context, hash []byte, now time.Time) (Account, error) {
	var a Account
	err := s.readers.QueryRowContext(ctx, `SELECT a.tenant, a.name, a.role FROM sessions s JOIN accounts a USING (tenant, name)
		WHERE s.token_hash = ? AND s.expires_at > ?`, hash, ms(now)).Scan(&a.Tenant, &a.Name, &a.Role)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrNotFound
	}
	return a, err
}

// EndSession forgets a session.
func (s *Store) EndSession(ctx context.Context, hash []byte) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE token_hash = ?`, hash)
		return err
	})
}

// Listed is an account as an administrator sees it.
type Listed struct {
	Name, Role string
	CreatedAt  time.Time
}

// Accounts lists a tenant's accounts by name.
func (s *Store) Accounts(ctx context.Context, tenant string) (list []Listed, err error) {
	err = each(ctx, s.readers, func(r *sql.Rows) error {
		var a Listed
		var created int64
		err := r.Scan(&a.Name, &a.Role, &created)
		a.CreatedAt = at(created)
		list = append(list, a)
		return err
	}, `SELECT name, role, created_at FROM accounts WHERE tenant = ? ORDER BY name`, tenant)
	return list, err
}

// RemoveAccount removes an account and ends its sessions, ErrNotFound if there
// is none. What its technician did stays under the name.
func (s *Store) RemoveAccount(ctx context.Context, tenant, name string) error {
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE tenant = ? AND name = ?`, tenant, name); err != nil {
			return err
		}
		return hit(tx.ExecContext(ctx, `DELETE FROM accounts WHERE tenant = ? AND name = ?`, tenant, name))
	})
	if err != nil {
		return fmt.Errorf("remove account: %w", err)
	}
	return nil
}

// hit turns a change of no row into ErrNotFound.
func hit(done sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return ErrNotFound
}
