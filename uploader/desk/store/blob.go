package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"raisehand/uploader/deskapi"
)

// inline is the size up to which a blob lies in SQLite: one fsync instead of
// four, 2.6 ms instead of 12 (measured).
const inline = 64 << 10

// maxUploads is how many unfinished uploads one computer may have.
const maxUploads = 40

// uploads are the unfinished ones. Their bytes are files; the hashes of what
// has come so far are kept here, and read anew from the file after a restart.
type uploads struct {
	locks
	mu   sync.Mutex
	sums map[string]sum
}

type sum struct {
	hash.Hash
	bytes int64
}

// Upload says how far a blob has come.
type Upload struct {
	Offset int64
	Whole  bool // all there, and its hash is right
}

// Upload returns how much of a blob this computer has sent. One that was
// complete when the desk was killed is made whole here.
func (s *Store) Upload(ctx context.Context, tenant, device, sha string, now time.Time) (Upload, error) {
	path := s.part(tenant, device, sha)
	defer s.uploads.lock(path)()
	have, err := s.have(ctx, tenant, device, sha)
	if err != nil || have.Whole || have.Offset == 0 || s.known(path) {
		return have, err
	}
	return s.grow(ctx, tenant, device, sha, path, have.Offset, bytes.NewReader(nil), now)
}

func (s *Store) have(ctx context.Context, tenant, device, sha string) (Upload, error) {
	var n int64
	err := s.readers.QueryRowContext(ctx, `SELECT b.bytes FROM blobs b JOIN blob_owners o USING (tenant, sha256)
		WHERE b.tenant = ? AND b.sha256 = ? AND o.device = ?`, tenant, sha, device).Scan(&n)
	if err == nil {
		return Upload{n, true}, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return Upload{}, fmt.Errorf("look up blob: %w", err)
	}
	fi, err := os.Stat(s.part(tenant, device, sha))
	if err != nil {
		return Upload{}, nil
	}
	return Upload{Offset: fi.Size()}, nil
}

// Append takes the next bytes of a blob. offset has to be where it stands now
// (ErrOffset says otherwise); bytes that came before r broke off are kept. size
// is the whole blob's, 0 if the sender did not say: when all of it is here and
// its hash is wrong, it is thrown away.
func (s *Store) Append(ctx context.Context, tenant, device, sha string, offset, size int64, r io.Reader, now time.Time) (Upload, error) {
	path := s.part(tenant, device, sha)
	defer s.uploads.lock(path)()
	have, err := s.have(ctx, tenant, device, sha)
	if err != nil || have.Whole {
		return have, err
	}
	if have.Offset != offset {
		return have, ErrOffset
	}
	up, err := s.grow(ctx, tenant, device, sha, path, offset, r, now)
	if err == nil && !up.Whole && size > 0 && up.Offset >= size {
		s.forget(path)
		return Upload{}, ErrHash
	}
	return up, err
}

// Put takes a whole blob; one that is there already is not read again.
func (s *Store) Put(ctx context.Context, tenant, device, sha string, r io.Reader, now time.Time) (up Upload, created bool, err error) {
	path := s.part(tenant, device, sha)
	defer s.uploads.lock(path)()
	if up, err = s.have(ctx, tenant, device, sha); err != nil || up.Whole {
		return up, false, err
	}
	head, err := io.ReadAll(io.LimitReader(r, inline+1))
	if err == nil && len(head) <= inline {
		if got := sha256.Sum256(head); hex.EncodeToString(got[:]) != sha {
			return Upload{}, false, ErrHash
		}
		return Upload{int64(len(head)), true}, true, s.keep(ctx, tenant, device, sha, int64(len(head)), head, now)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return Upload{}, false, fmt.Errorf("start upload: %w", err)
	}
	rest := io.MultiReader(bytes.NewReader(head), r)
	if err != nil {
		rest = io.MultiReader(bytes.NewReader(head), broken{err})
	}
	up, err = s.grow(ctx, tenant, device, sha, path, 0, rest, now)
	if err == nil && !up.Whole {
		s.forget(path)
		return Upload{}, false, ErrHash
	}
	return up, up.Whole, err
}

// broken is a body that ended before its end.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// grow appends to the file of an upload, and makes a blob of it once its hash
// is right.
func (s *Store) grow(ctx context.Context, tenant, device, sha, path string, offset int64, r io.Reader, now time.Time) (Upload, error) {
	if offset == 0 {
		if s.unfinished(tenant+"."+device+".") >= maxUploads {
			return Upload{}, ErrTooMany
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return Upload{}, fmt.Errorf("append to upload: %w", err)
	}
	defer f.Close()
	h, err := s.sumOf(f, path, offset)
	if err != nil {
		return Upload{}, err
	}
	n, cut := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, deskapi.MaxFileBytes-offset+1))
	if offset += n; offset > deskapi.MaxFileBytes {
		s.forget(path)
		return Upload{}, ErrTooLarge
	}
	if err := f.Sync(); err != nil {
		return Upload{}, fmt.Errorf("append to upload: %w", err)
	}
	s.remember(path, sum{h, offset})
	if hex.EncodeToString(h.Sum(nil)) != sha {
		return Upload{Offset: offset}, cut
	}
	f.Close() // Windows renames no open file
	if err := s.finish(ctx, tenant, device, sha, path, offset, now); err != nil {
		return Upload{}, err
	}
	return Upload{offset, true}, nil
}

// sumOf returns the hash of the file's first bytes, with the file standing
// behind them.
func (s *Store) sumOf(f *os.File, path string, offset int64) (hash.Hash, error) {
	s.uploads.mu.Lock()
	known, ok := s.uploads.sums[path]
	delete(s.uploads.sums, path)
	s.uploads.mu.Unlock()
	if ok && known.bytes == offset && offset > 0 {
		_, err := f.Seek(offset, io.SeekStart)
		return known.Hash, err
	}
	h := sha256.New()
	if _, err := io.CopyN(h, f, offset); err != nil {
		return nil, fmt.Errorf("read upload: %w", err)
	}
	return h, nil
}

func (s *Store) known(path string) bool {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	_, ok := s.uploads.sums[path]
	return ok
}

func (s *Store) remember(path string, so sum) {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	if s.uploads.sums == nil || len(s.uploads.sums) > 1000 {
		s.uploads.sums = map[string]sum{}
	}
	s.uploads.sums[path] = so
}

func (s *Store) forget(path string) {
	s.uploads.mu.Lock()
	delete(s.uploads.sums, path)
	s.uploads.mu.Unlock()
	os.Remove(path) // what is left behind, Sweep takes
}

// finish makes a blob of a complete upload: small into SQLite, large by rename.
func (s *Store) finish(ctx context.Context, tenant, device, sha, path string, n int64, now time.Time) error {
	var body []byte
	if n <= inline {
		var err error
		if body, err = os.ReadFile(path); err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		if body == nil {
			body = []byte{}
		}
	} else if err := s.settle(path, sha); err != nil {
		return fmt.Errorf("keep blob: %w", err)
	}
	if err := s.keep(ctx, tenant, device, sha, n, body, now); err != nil {
		return err
	}
	s.forget(path)
	return nil
}

// settle moves a complete, synced file to its place and syncs the folders.
func (s *Store) settle(path, sha string) error {
	dir := filepath.Dir(s.blob(sha))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Rename(path, s.blob(sha)); err != nil {
		return err
	}
	return errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)))
}

// keep enters a blob and who sent it. body is nil for one that lies in a file.
func (s *Store) keep(ctx context.Context, tenant, device, sha string, n int64, body []byte, now time.Time) error {
	err := s.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO blobs (tenant, sha256, bytes, body, at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, tenant, sha, n, body, ms(now))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO blob_owners (tenant, sha256, device) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
			tenant, sha, device)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep blob: %w", err)
	}
	return nil
}

// Blob opens a blob.
func (s *Store) Blob(ctx context.Context, tenant, sha string) (io.ReadSeekCloser, error) {
	var body []byte
	var file bool
	err := s.readers.QueryRowContext(ctx, `SELECT body, body IS NULL FROM blobs WHERE tenant = ? AND sha256 = ?`, tenant, sha).
		Scan(&body, &file)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, ErrNotFound
	case err != nil:
		return nil, fmt.Errorf("open blob: %w", err)
	case !file:
		return inMemory{bytes.NewReader(body)}, nil
	}
	f, err := os.Open(s.blob(sha))
	if err != nil {
		return nil, fmt.Errorf("open blob: %w", err)
	}
	return f, nil
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// Sweep removes uploads that nobody has continued since before.
func (s *Store) Sweep(before time.Time) error {
	dir := filepath.Join(s.dir, "uploads")
	parts, err := os.ReadDir(dir)
	for _, part := range parts {
		p := filepath.Join(dir, part.Name())
		unlock := s.uploads.lock(p)
		if fi, e := os.Stat(p); e == nil && fi.ModTime().Before(before) {
			s.forget(p)
		}
		unlock()
	}
	return err
}

// unfinished counts the uploads whose file name begins so.
func (s *Store) unfinished(prefix string) (n int) {
	parts, _ := os.ReadDir(filepath.Join(s.dir, "uploads"))
	for _, p := range parts {
		if strings.HasPrefix(p.Name(), prefix) {
			n++
		}
	}
	return n
}

func (s *Store) blob(sha string) string {
	return filepath.Join(s.dir, "blobs", sha[:2], sha)
}

func (s *Store) part(tenant, device, sha string) string {
	return filepath.Join(s.dir, "uploads", tenant+"."+device+"."+sha+".part")
}
