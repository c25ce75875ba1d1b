package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What keeps a backup from being made or put back.
var (
	ErrNotEmpty = errors.New("folder is not empty")
	ErrNoBackup = errors.New("no backup")
)

// Backup writes everything into a new or empty folder while the desk goes on
// working: the tables as they are at one instant, then the files they name.
// Files never change and none is removed, so those that came later do no harm.
// Unfinished uploads are left out.
func (s *Store) Backup(ctx context.Context, dir string) error {
	if err := newFolder(dir); err != nil {
		return err
	}
	file := filepath.Join(dir, "desk.db")
	if _, err := s.writer.ExecContext(ctx, `VACUUM INTO ?`, file); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	if err := os.Chmod(file, 0o600); err != nil { // it holds secrets
		return fmt.Errorf("copy database: %w", err)
	}
	if err := copyTree(filepath.Join(s.dir, "blobs"), filepath.Join(dir, "blobs")); err != nil {
		return fmt.Errorf("copy files: %w", err)
	}
	return syncFile(file)
}

// Restore puts a backup into a new or empty data folder, after looking whether
// it is whole. The database comes last: a restore that broke off is no desk.
func Restore(ctx context.Context, backup, data string) error {
	file := filepath.Join(backup, "desk.db")
	if err := whole(ctx, backup, file); err != nil {
		return fmt.Errorf("%w: %w", ErrNoBackup, err)
	}
	if err := newFolder(data); err != nil {
		return err
	}
	if err := copyTree(filepath.Join(backup, "blobs"), filepath.Join(data, "blobs")); err != nil {
		return fmt.Errorf("copy files: %w", err)
	}
	if err := copyFile(file, filepath.Join(data, "desk.db")); err != nil {
		return fmt.Errorf("copy database: %w", err)
	}
	return syncDir(data)
}

// whole checks the tables, and that every file they name is there.
func whole(ctx context.Context, backup, file string) error {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	db, err := open(file, "&mode=ro&immutable=1")
	if err != nil {
		return err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return errors.New(verdict)
	}
	s := &Store{dir: backup}
	return each(ctx, db, func(r *sql.Rows) error {
		var sha string
		var n int64
		if err := r.Scan(&sha, &n); err != nil {
			return err
		}
		fi, err := os.Stat(s.blob(sha))
		if err == nil && fi.Size() != n {
			err = fmt.Errorf("%s: %d bytes of %d", s.blob(sha), fi.Size(), n)
		}
		return err
	}, `SELECT sha256, bytes FROM blobs WHERE body IS NULL`)
}

// newFolder makes dir, or takes one that is empty.
func newFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	inside, err := os.ReadDir(dir)
	if err == nil && len(inside) > 0 {
		err = ErrNotEmpty
	}
	return err
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if e.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		return copyFile(path, target)
	})
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.OpenFile(to+".tmp", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	if err = errors.Join(err, dst.Sync(), dst.Close()); err != nil {
		return err
	}
	return os.Rename(to+".tmp", to)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close(), syncDir(filepath.Dir(path)))
}
