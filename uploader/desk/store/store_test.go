package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func opened(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// enrolled keeps a device under the name it is given.
func enrolled(t *testing.T, s *Store, name string) Device {
	t.Helper()
	if err := s.AddKey(t.Context(), Tenant, []byte("key of "+name), 1, noon, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	d, err := s.Enrol(t.Context(), []byte("key of "+name), Device{ID: name, TokenHash: []byte(name), SigningKey: []byte("k"), EnrolledAt: noon})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func filed(t *testing.T, s *Store, d Device, id string) Ticket {
	t.Helper()
	due := noon.Add(time.Hour)
	ticket, created, err := s.Create(t.Context(), New{Tenant: d.Tenant, Device: d.ID, At: noon, Due: &due, Hash: []byte(id),
		Raw: []byte(`{"id":"` + id + `"}`), Body: deskapi.Ticket{ID: id, Priority: report.P1}})
	if err != nil || !created {
		t.Fatal(created, err)
	}
	return ticket
}

func TestEveryTableHasATenantFirstInItsKey(t *testing.T) {
	s := opened(t, t.TempDir())
	var tables []string
	err := each(t.Context(), s.readers, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		tables = append(tables, name)
		return err
	}, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'`)
	if err != nil || len(tables) < 10 {
		t.Fatal(tables, err)
	}
	for _, table := range tables {
		var place sql.NullInt64
		err := s.readers.QueryRow(`SELECT pk FROM pragma_table_info(?) WHERE name = 'tenant'`, table).Scan(&place)
		if err != nil || (place.Int64 != 1 && table != "events") { // events are counted over all tenants
			t.Errorf("%s: tenant is number %v of its key, %v", table, place, err)
		}
	}
}

func TestWritesAreOnTheDiskWhenTheyAreAnswered(t *testing.T) {
	s := opened(t, t.TempDir())
	for name, db := range map[string]*sql.DB{"writer": s.writer, "readers": s.readers} {
		var mode string
		var sync, keys int
		err := errors.Join(db.QueryRow(`PRAGMA journal_mode`).Scan(&mode), db.QueryRow(`PRAGMA synchronous`).Scan(&sync),
			db.QueryRow(`PRAGMA foreign_keys`).Scan(&keys))
		if err != nil || mode != "wal" || sync != 2 || keys != 1 {
			t.Errorf("%s: %s, synchronous %d, foreign keys %d, %v", name, mode, sync, keys, err)
		}
	}
	if _, err := s.readers.Exec(`DELETE FROM tenants`); err == nil {
		t.Error("a reader can write")
	}
}

func TestAFolderMayHaveAnyName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "数据 #1?mode=ro&x=%41[a]")
	d := enrolled(t, opened(t, dir), "pc")
	filed(t, opened(t, dir), d, "a")
	if _, err := os.Stat(filepath.Join(dir, "desk.db")); err != nil {
		t.Error(err)
	}
}

func TestManyProgramsOpenANewFolderAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			s, err := Open(t.Context(), dir)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if err := s.AddKey(t.Context(), Tenant, []byte{byte(i)}, 1, noon, noon.Add(time.Hour)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var n int
	if err := opened(t, dir).readers.QueryRow(`SELECT count(*) FROM enroll_keys`).Scan(&n); err != nil || n != 8 {
		t.Errorf("%d keys, %v", n, err)
	}
}

func TestAChangeHappensWholeOrNotAtAll(t *testing.T) {
	s := opened(t, t.TempDir())
	before := filed(t, s, enrolled(t, s, "pc"), "a")
	woken := 0
	s.Changed = func(string, string) { woken++ }
	broken := errors.New("broken")
	_, err := s.Change(t.Context(), Tenant, "a", "li", noon, func(c *Change) error {
		c.State = deskapi.Solved
		if _, err := c.Say(deskapi.Message{ID: "m", From: "user", Text: "x"}); err != nil {
			t.Error(err)
		}
		return broken
	})
	after, err2 := s.Ticket(t.Context(), Tenant, "a")
	said, err3 := s.Messages(t.Context(), Tenant, "a")
	if !errors.Is(err, broken) || err2 != nil || err3 != nil || after.State != before.State || after.Seq != 1 || len(said) != 0 || woken != 0 {
		t.Errorf("%v: %+v, %d messages, woken %d", err, after, len(said), woken)
	}
	if _, err := s.Change(t.Context(), Tenant, "a", "li", noon, func(*Change) error { return nil }); err != nil || woken != 0 {
		t.Errorf("a change that changes nothing: %v, woken %d", err, woken)
	}
	if _, err := s.Change(t.Context(), "elsewhere", "a", "li", noon, func(*Change) error { return nil }); !errors.Is(err, ErrNotFound) {
		t.Errorf("another tenant's ticket: %v", err)
	}
}

func TestACallerWhoLeavesDoesNotBreakTheWriter(t *testing.T) {
	s := opened(t, t.TempDir())
	d := enrolled(t, s, "pc")
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			ctx, leave := context.WithCancel(t.Context())
			if i%2 == 0 {
				go leave()
			}
			defer leave()
			id := strconv.Itoa(i)
			_, _, err := s.Create(ctx, New{Tenant: d.Tenant, Device: d.ID, At: noon, Hash: []byte(id),
				Raw: []byte(`{"id":"` + id + `"}`), Body: deskapi.Ticket{ID: id, Priority: report.P1}})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var numbers []int64
	got, err := s.Queue(t.Context(), Tenant, true, "")
	for _, x := range got {
		numbers = append(numbers, x.Number)
	}
	slices.Sort(numbers)
	if err != nil || len(got) < 20 || numbers[len(numbers)-1] != 1000+int64(len(numbers)) {
		t.Errorf("%v: numbers %v", err, numbers)
	}
}

func TestUploadsNobodyContinuesAreSwept(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	enrolled(t, s, "pc")
	data := bytes.Repeat([]byte("x"), 100)
	h := sha256.Sum256(data)
	sha := hex.EncodeToString(h[:])
	grow := func(from, to int) Upload {
		up, err := s.Append(t.Context(), Tenant, "pc", sha, int64(from), 0, bytes.NewReader(data[from:to]), noon)
		if err != nil {
			t.Fatal(err)
		}
		return up
	}
	grow(0, 60)
	if err := s.Sweep(time.Now().Add(-time.Hour)); err != nil {
		t.Error(err)
	}
	if up, err := s.Upload(t.Context(), Tenant, "pc", sha, noon); err != nil || up.Offset != 60 {
		t.Errorf("one an hour young: %+v %v", up, err)
	}
	if err := s.Sweep(time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if up, err := s.Upload(t.Context(), Tenant, "pc", sha, noon); err != nil || up.Offset != 0 {
		t.Errorf("an old one: %+v %v", up, err)
	}
	if up := grow(0, 100); !up.Whole {
		t.Errorf("after the sweep: %+v", up)
	}
}

func TestAComputerHasOnlySoManyUnfinishedUploads(t *testing.T) {
	s := opened(t, t.TempDir())
	for i := range maxUploads + 1 {
		h := sha256.Sum256([]byte{byte(i)})
		_, err := s.Append(t.Context(), Tenant, "pc", hex.EncodeToString(h[:]), 0, 0, bytes.NewReader([]byte("xy")), noon)
		if i < maxUploads && err != nil || i == maxUploads && !errors.Is(err, ErrTooMany) {
			t.Errorf("number %d: %v", i, err)
		}
	}
}

func TestOnlyOneDeskRunsOnAFolder(t *testing.T) {
	dir := t.TempDir()
	release, err := opened(t, dir).Serve()
	if err != nil {
		t.Fatal(err)
	}
	second := opened(t, dir)
	if _, err := second.Serve(); !errors.Is(err, ErrRunning) {
		t.Errorf("the second: %v", err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
	if release, err = second.Serve(); err != nil {
		t.Errorf("after the first has ended: %v", err)
	} else if err := release(); err != nil {
		t.Error(err)
	}
}
