package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"raisehand/uploader/deskapi"
)

// Device is an enrolled computer.
type Device struct {
	Tenant, ID string
	TokenHash  []byte // SHA-256: the token itself is kept nowhere
	SigningKey []byte // as it is: the desk has to check signatures made with it
	Computer   string
	OS         string
	EnrolledAt time.Time
}

// AddKey keeps an enrolment key's hash, good for so many computers until then.
func (s *Store) AddKey(ctx context.Context, tenant string, hash []byte, uses int, now, expires time.Time) error {
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO enroll_keys (tenant, key_hash, created_at, expires_at, uses_left) VALUES (?, ?, ?, ?, ?)`,
			tenant, hash, ms(now), ms(expires), uses)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep enrolment key: %w", err)
	}
	return nil
}

// Key is what can be told of an enrolment key; the key itself is kept nowhere.
type Key struct {
	ID                   string // the beginning of its hash, enough to tell keys apart
	CreatedAt, ExpiresAt time.Time
	UsesLeft             int
}

// KeyID is the ID under which the key with this hash is listed.
func KeyID(hash []byte) string { return fmt.Sprintf("%x", hash[:min(len(hash), 4)]) }

// Keys lists a tenant's enrolment keys, the oldest first.
func (s *Store) Keys(ctx context.Context, tenant string) (list []Key, err error) {
	err = each(ctx, s.readers, func(r *sql.Rows) error {
		var k Key
		var hash []byte
		var created, expires int64
		err := r.Scan(&hash, &created, &expires, &k.UsesLeft)
		k.ID, k.CreatedAt, k.ExpiresAt = KeyID(hash), at(created), at(expires)
		list = append(list, k)
		return err
	}, `SELECT key_hash, created_at, expires_at, uses_left FROM enroll_keys WHERE tenant = ? ORDER BY created_at, key_hash`, tenant)
	return list, err
}

// RevokeKey ends the key listed under this ID, ErrNotFound if none is. A
// computer that comes with it hears that it is used up or expired.
func (s *Store) RevokeKey(ctx context.Context, tenant, id string, now time.Time) error {
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return hit(tx.ExecContext(ctx, `UPDATE enroll_keys SET uses_left = 0, expires_at = min(expires_at, ?)
			WHERE tenant = ? AND lower(hex(substr(key_hash, 1, 4))) = lower(?)`, ms(now), tenant, id))
	})
	if err != nil {
		return fmt.Errorf("revoke enrolment key: %w", err)
	}
	return nil
}

// Enrol uses the key once and keeps the new device, whose tenant is the key's.
func (s *Store) Enrol(ctx context.Context, key []byte, d Device) (Device, error) {
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var uses int
		var expires int64
		err := tx.QueryRowContext(ctx, `SELECT tenant, uses_left, expires_at FROM enroll_keys WHERE key_hash = ?`, key).
			Scan(&d.Tenant, &uses, &expires)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return ErrKeyWrong
		case err != nil:
			return err
		case uses <= 0 || !d.EnrolledAt.Before(at(expires)):
			return ErrKeyUsedUp
		}
		if _, err := tx.ExecContext(ctx, `UPDATE enroll_keys SET uses_left = uses_left - 1 WHERE key_hash = ?`, key); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO devices (tenant, id, token_hash, signing_key, computer, os, enrolled_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)`, d.Tenant, d.ID, d.TokenHash, d.SigningKey, d.Computer, d.OS, ms(d.EnrolledAt))
		return err
	})
	if err != nil {
		return Device{}, fmt.Errorf("enrol: %w", err)
	}
	return d, nil
}

// DeviceByToken returns the computer whose token has this hash.
func (s *Store) DeviceByToken(ctx context.Context, hash []byte) (Device, error) {
	d := Device{TokenHash: hash}
	var when int64
	err := s.readers.QueryRowContext(ctx, `SELECT tenant, id, signing_key, computer, os, enrolled_at FROM devices WHERE token_hash = ?`, hash).
		Scan(&d.Tenant, &d.ID, &d.SigningKey, &d.Computer, &d.OS, &when)
	if errors.Is(err, sql.ErrNoRows) {
		return Device{}, ErrNotFound
	}
	d.EnrolledAt = at(when)
	return d, err
}

// Contact says who receives a tenant's tickets.
func (s *Store) Contact(ctx context.Context, tenant string) (c deskapi.Contact, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT name, phone, mail, chat FROM tenants WHERE tenant = ?`, tenant).
		Scan(&c.Name, &c.Phone, &c.Mail, &c.Chat)
	return c, err
}

// SetContact replaces it.
func (s *Store) SetContact(ctx context.Context, tenant string, c deskapi.Contact) error {
	return s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE tenants SET name = ?, phone = ?, mail = ?, chat = ? WHERE tenant = ?`,
			c.Name, c.Phone, c.Mail, c.Chat, tenant)
		return err
	})
}
