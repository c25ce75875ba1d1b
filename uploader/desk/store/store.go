// Package store is the desk's memory, one folder: tickets, their events and
// small files in SQLite, large files beside it. What it has answered for is on
// the disk.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// Tenant is the one there is from the first migration.
const Tenant = "school"

// What a caller can act on.
var (
	ErrNotFound  = errors.New("not found")
	ErrChanged   = errors.New("already there with other content")
	ErrKeyWrong  = errors.New("no such enrolment key")
	ErrKeyUsedUp = errors.New("enrolment key used up or expired")
	ErrTooLarge  = errors.New("too large")
	ErrTooMany   = errors.New("too many")
	ErrOffset    = errors.New("upload continues elsewhere")
	ErrHash      = errors.New("bytes do not have the hash they were announced with")
	ErrRunning   = errors.New("another desk runs on this folder")
	ErrNoDesk    = errors.New("no desk in this folder")
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is one open data folder. Several programs may have the same folder
// open; only one of them may be the running desk (see Serve).
type Store struct {
	dir     string
	writer  *sql.DB // one connection: SQLite has one writer anyway, and waiting here is cheaper
	readers *sql.DB
	uploads uploads

	// Changed, if set, is called after every committed change of a ticket.
	Changed func(tenant, ticket string)
}

// Open opens the folder, making it if it is not there, and brings its tables up
// to date.
func Open(ctx context.Context, dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	for _, d := range []string{dir, filepath.Join(dir, "blobs"), filepath.Join(dir, "uploads")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("open data folder: %w", err)
		}
	}
	s := &Store{dir: dir}
	if s.writer, err = open(s.file(), "&_txlock=immediate"); err != nil {
		return nil, err
	}
	s.writer.SetMaxOpenConns(1)
	s.writer.SetMaxIdleConns(1)
	if err := s.migrate(ctx); err != nil {
		s.writer.Close()
		return nil, err
	}
	if s.readers, err = open(s.file(), "&_pragma=query_only(1)"); err != nil {
		s.writer.Close()
		return nil, err
	}
	s.readers.SetMaxOpenConns(8)
	s.readers.SetMaxIdleConns(8)
	return s, nil
}

// OpenExisting opens a folder only if a desk is in it, ErrNoDesk if none is,
// and then makes nothing.
func OpenExisting(ctx context.Context, dir string) (*Store, error) {
	fi, err := os.Stat((&Store{dir: dir}).file())
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !fi.Mode().IsRegular():
		return nil, ErrNoDesk
	case err != nil:
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	return Open(ctx, dir)
}

// Close lets go of the folder.
func (s *Store) Close() error {
	return errors.Join(s.readers.Close(), s.writer.Close())
}

// Serve takes the folder for a running desk, so that no second one starts on
// it. The lock ends with the process, however it ends.
func (s *Store) Serve() (release func() error, err error) {
	lock := flock.New(filepath.Join(s.dir, "serve.lock"))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	if !got {
		return nil, ErrRunning
	}
	return lock.Unlock, nil
}

func (s *Store) file() string { return filepath.Join(s.dir, "desk.db") }

// open opens a pool. FULL means a committed transaction is on the disk: the
// desk answers only after that.
func open(file, more string) (*sql.DB, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	uri := url.URL{Scheme: "file", Path: path}
	dsn := uri.String() + "?_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)" +
		"&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)" + more
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}

// migrate brings the tables up to date, one program at a time.
func (s *Store) migrate(ctx context.Context) error {
	lock := flock.New(filepath.Join(s.dir, "migrate.lock"))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("lock database: %w", err)
	}
	defer lock.Unlock()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, s.writer, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate database: %w", err)
	}
	return nil
}

// Version is the number of the last migration applied.
func (s *Store) Version(ctx context.Context) (n int64, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&n)
	return n, err
}

// write runs do in one transaction. A caller that goes away stops waiting for
// its turn, but does not break a transaction that has begun.
func (s *Store) write(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("wait for database: %w", err)
	}
	defer conn.Close()
	ctx = context.WithoutCancel(ctx)
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := do(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// querier is what a transaction and the read pool have in common.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// each calls scan for every row of a query.
func each(ctx context.Context, q querier, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ms is how times lie in the tables; at reads them back.
func ms(t time.Time) int64 { return t.UnixMilli() }

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func msOrNull(t *time.Time) sql.NullInt64 {
	if t == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: ms(*t), Valid: true}
}

func atOrNil(n sql.NullInt64) *time.Time {
	if !n.Valid {
		return nil
	}
	t := at(n.Int64)
	return &t
}

// locks hands out one lock per name, and forgets it when nobody holds it.
type locks struct {
	mu   sync.Mutex
	held map[string]*held
}

type held struct {
	sync.Mutex
	waiting int
}

func (l *locks) lock(name string) (unlock func()) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[string]*held{}
	}
	h := l.held[name]
	if h == nil {
		h = &held{}
		l.held[name] = h
	}
	h.waiting++
	l.mu.Unlock()
	h.Lock()
	return func() {
		h.Unlock()
		l.mu.Lock()
		if h.waiting--; h.waiting == 0 {
			delete(l.held, name)
		}
		l.mu.Unlock()
	}
}
