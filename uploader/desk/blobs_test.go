package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"raisehand/capture/report"
	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

func shaOf(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

func noise(size int, seed uint64) []byte {
	data := make([]byte, size)
	src := rand.NewChaCha8([32]byte{byte(seed)})
	src.Read(data)
	return data
}

// cutAfter gives so many bytes, and then the line is dead.
type cutAfter struct {
	io.Reader
}

var errCut = errors.New("cut")

func (c cutAfter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	if err == io.EOF {
		err = errCut
	}
	return n, err
}

func TestAnUploadArrivesThroughCuts(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	data := noise(5<<20+123, 1)
	path := "/v1/blobs/" + shaOf(data)
	offset := func() int {
		a := pc.do("HEAD", path, nil)
		if a.status == 404 {
			return 0
		}
		n, err := strconv.Atoi(a.want(200).head.Get("Upload-Offset"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	cuts, random := 0, rand.New(rand.NewPCG(1, 2))
	for at := 0; at < len(data); at = offset() {
		piece := data[at:min(at+MaxChunk, len(data))]
		if random.IntN(2) == 0 { // the rest of the piece never comes
			cuts++
			body := cutAfter{bytes.NewReader(piece[:random.IntN(len(piece))])}
			if _, err := pc.try(t.Context(), "PATCH", path, body, "Upload-Offset", strconv.Itoa(at)); !errors.Is(err, errCut) {
				t.Fatalf("a cut went unnoticed: %v", err)
			}
			continue
		}
		a := pc.do("PATCH", path, piece, "Upload-Offset", strconv.Itoa(at))
		if a.status == 409 { // the desk had not yet noticed the last cut
			continue
		}
		a.want(204)
	}
	if cuts == 0 {
		t.Error("nothing was cut: the test proves nothing")
	}
	a := pc.do("HEAD", path, nil).want(200)
	if a.head.Get("Upload-Complete") != "?1" {
		t.Errorf("complete: %q", a.head.Get("Upload-Complete"))
	}
	if got := pc.do("GET", path, nil).want(200).body; !bytes.Equal(got, data) {
		t.Errorf("%d bytes came back, and not the same", len(got))
	}
	if got := pc.do("GET", path, nil, "Range", "bytes=10-19").want(206).body; !bytes.Equal(got, data[10:20]) {
		t.Error("a range is not that range")
	}
}

func TestBytesWithAnotherHashDoNotCount(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	id := pc.filed(report.P1)
	for _, size := range []int{100, 200 << 10} { // in the database, as a file
		data := noise(size, 2)
		announced := "/v1/blobs/" + shaOf([]byte("something else"+strconv.Itoa(size)))
		pc.do("PUT", announced, data).refused(422, "desk.hash_wrong")
		pc.do("HEAD", announced, nil).want(404)
		pc.do("PATCH", announced, data, "Upload-Offset", "0", "Upload-Length", strconv.Itoa(size)).refused(422, "desk.hash_wrong")
		pc.do("HEAD", announced, nil).want(404)
		pc.do("PATCH", announced, data[:50], "Upload-Offset", "0", "Upload-Length", strconv.Itoa(size)).want(204)
		pc.do("GET", announced, nil).refused(404, "desk.not_found")
		pc.do("PUT", "/v1/tickets/"+id+"/files/x.png", deskapi.FileInfo{Name: "x.png", SHA256: strings.TrimPrefix(announced, "/v1/blobs/")}).
			refused(409, "desk.blob_missing")
	}
}

func TestAFileTooLargeIsRefused(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	data := noise(deskapi.MaxFileBytes+1, 3)
	path := "/v1/blobs/" + shaOf(data)
	pc.do("PATCH", path, data[:MaxChunk+1], "Upload-Offset", "0").refused(413, "desk.too_large")
	pc.do("PATCH", path, data[:10], "Upload-Offset", "0", "Upload-Length", strconv.Itoa(len(data))).refused(413, "desk.too_large")
	// Also when it does not say beforehand how large it is.
	if a, err := pc.try(t.Context(), "PUT", path, io.MultiReader(bytes.NewReader(data))); err == nil {
		a.refused(413, "desk.too_large")
	}
	pc.do("HEAD", path, nil).want(404)
	exact := data[:deskapi.MaxFileBytes]
	pc.do("PUT", "/v1/blobs/"+shaOf(exact), exact).want(201)
}

func TestAComputerSeesOnlyBlobsItSent(t *testing.T) {
	r := newRoom(t)
	mine, other := r.computer("PC-1"), r.computer("PC-2")
	for _, size := range []int{100, 100 << 10} {
		data := noise(size, 4)
		path := "/v1/blobs/" + shaOf(data)
		mine.do("PUT", path, data).want(201)
		mine.do("PUT", path, data).want(200)
		other.do("HEAD", path, nil).want(404)
		other.do("GET", path, nil).refused(404, "desk.not_found")
		id := other.filed(report.P1)
		other.do("PUT", "/v1/tickets/"+id+"/files/a.png", deskapi.FileInfo{Name: "a.png", SHA256: shaOf(data)}).refused(409, "desk.blob_missing")
		other.do("PUT", path, data).want(201) // it has to send it itself
		if got := other.do("GET", path, nil).want(200).body; !bytes.Equal(got, data) {
			t.Error("not the same bytes")
		}
	}
}

func TestAnUploadGoesOnWhereTheDeskStands(t *testing.T) {
	r := newRoom(t)
	pc := r.computer("PC-312")
	data := noise(300<<10, 5)
	path := "/v1/blobs/" + shaOf(data)
	pc.do("PATCH", path, data[:1000], "Upload-Offset", "0").want(204)
	a := pc.do("PATCH", path, data[500:2000], "Upload-Offset", "500")
	a.refused(409, "desk.offset_wrong")
	if got := a.head.Get("Upload-Offset"); got != "1000" {
		t.Errorf("stands at %s", got)
	}
	pc.do("PATCH", path, data[1000:], "Upload-Offset", "1000").want(204)
	pc.do("PATCH", path, data[1000:], "Upload-Offset", "1000").want(204) // its answer was lost
	pc.do("PATCH", path, data[:1]).refused(422, "desk.bad_request")
	pc.do("PUT", "/v1/blobs/../../etc", data).want(404)
	pc.do("PUT", "/v1/blobs/"+strings.ToUpper(shaOf(data)), data).refused(422, "desk.bad_request")
}

func TestFileNamesAreNames(t *testing.T) {
	r := newRoom(t)
	pc, li := r.computer("PC-312"), r.technician("li")
	data := []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)
	pc.do("PUT", "/v1/blobs/"+shaOf(data), data).want(201)
	id := pc.filed(report.P1)
	attach := func(name, typ string) *answered {
		return pc.do("PUT", "/v1/tickets/"+id+"/files/"+name, deskapi.FileInfo{Type: typ, SHA256: shaOf(data)})
	}
	for _, name := range []string{"..%2Fx", "a%2Fb", "a%5Cb", "%2e%2e%5c", "a%00", "a%0d%0ab", "CON%3A", strings.Repeat("a", 101)} {
		attach(name, "image/png").refused(422, "desk.bad_request")
	}
	attach("截图 1.png", "image/png; charset=x").want(201)
	attach("截图 1.png", "image/png").want(200)
	attach("截图 1.png", "text/plain").refused(422, "desk.ticket_changed")
	attach("evil.svg", "image/svg+xml").want(201)
	attach("page.html", "text/html").want(201)
	attach("logs-zoom-1.txt", "text/plain").want(201)

	for name, want := range map[string][2]string{
		"截图 1.png":        {"image/png", "inline"},
		"logs-zoom-1.txt": {"text/plain; charset=utf-8", "inline"},
		"evil.svg":        {"application/octet-stream", "attachment"},
		"page.html":       {"application/octet-stream", "attachment"},
	} {
		h := li.do("GET", "/v1/desk/tickets/"+id+"/files/"+name, nil).want(200).head
		if h.Get("Content-Type") != want[0] || !strings.HasPrefix(h.Get("Content-Disposition"), want[1]) ||
			!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", name, h)
		}
	}
	li.do("GET", "/v1/desk/tickets/"+id+"/files/none.png", nil).refused(404, "desk.not_found")
}

func TestAnUploadCompleteButNotEnteredIsMadeWhole(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	data := noise(200<<10, 6)
	sha := shaOf(data)
	now := newClockless()
	if _, err := s.Append(t.Context(), store.Tenant, "pc", sha, 0, 0, bytes.NewReader(data[:len(data)-1]), now); err != nil {
		t.Fatal(err)
	}
	// The last byte reached the disk, then the power went.
	part := dir + "/uploads/" + store.Tenant + ".pc." + sha + ".part"
	appendByte(t, part, data[len(data)-1])
	again, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if up, err := again.Upload(t.Context(), store.Tenant, "pc", sha, now); err != nil || !up.Whole || up.Offset != int64(len(data)) {
		t.Errorf("%+v %v", up, err)
	}
}

func newClockless() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

func appendByte(t *testing.T, path string, b byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write([]byte{b}); err != nil {
		t.Fatal(err)
	}
}
