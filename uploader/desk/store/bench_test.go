package store

import (
	"strconv"
	"sync/atomic"
	"testing"

	"raisehand/capture/report"
	"raisehand/uploader/deskapi"
)

// BenchmarkCreate is how many tickets a second reach the disk, 16 computers at
// once.
func BenchmarkCreate(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.AddKey(b.Context(), Tenant, []byte("k"), 1, noon, noon.AddDate(0, 0, 1)); err != nil {
		b.Fatal(err)
	}
	d, err := s.Enrol(b.Context(), []byte("k"), Device{ID: "pc", TokenHash: []byte("t"), SigningKey: []byte("k"), EnrolledAt: noon})
	if err != nil {
		b.Fatal(err)
	}
	var n atomic.Int64
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			id := strconv.FormatInt(n.Add(1), 10)
			_, _, err := s.Create(b.Context(), New{Tenant: d.Tenant, Device: d.ID, At: noon, Hash: []byte(id),
				Raw: []byte(`{"id":"` + id + `"}`), Body: deskapi.Ticket{ID: id, Priority: report.P1}})
			if err != nil {
				b.Error(err)
			}
		}
	})
}
