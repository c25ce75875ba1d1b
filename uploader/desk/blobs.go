package desk

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"raisehand/uploader/desk/store"
	"raisehand/uploader/deskapi"
)

// MaxChunk is how much one PATCH may carry.
const MaxChunk = 1 << 20

// blobs registers the upload and download of attachments by their hash.
func (d *Desk) blobs(mux *http.ServeMux) {
	const path = "/v1/blobs/{sha256}"
	sha := param("path", "sha256", "SHA-256 of the content, lower-case hex.")
	offset := param("header", "Upload-Offset", "How many bytes have arrived.")
	offset.Required = true
	op := func(method, summary string, more ...*huma.Param) huma.Operation {
		return huma.Operation{Method: method, Path: path, Summary: summary, Security: forDevices,
			Tags: []string{"computer"}, Parameters: append([]*huma.Param{sha}, more...)}
	}
	bytes := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}

	head := op("HEAD", "How much of it has arrived")
	head.Description = "200: go on from Upload-Offset; with Upload-Complete: ?1 it is whole. 404: nothing has come."
	head.Responses = answers("200", "So much", "")
	d.plain(mux, head, d.headBlob)

	get := op("GET", "Read it again")
	get.Responses = answers("200", "The content", "application/octet-stream")
	d.plain(mux, get, d.getBlob)

	put := op("PUT", "Send it whole")
	put.RequestBody, put.Responses = bytes, answers("201", "Arrived, and its hash is right; 200 if it was there", "")
	d.plain(mux, put, d.putBlob)

	patch := op("PATCH", "Send the next bytes, at most 1 MiB", offset, param("header", "Upload-Length", "The whole blob's size."))
	patch.Description = "What arrived before a connection broke is kept. The hash is checked before the blob counts."
	patch.RequestBody, patch.Responses = bytes, answers("204", "Kept; Upload-Offset says how much there is, Upload-Complete: ?1 that it is whole", "")
	d.plain(mux, patch, d.patchBlob)
}

// blobOf is who asks for which blob.
func blobOf(r *http.Request) (store.Device, string, error) {
	dev, err := caller(r.Context())
	if err != nil {
		return dev, "", err
	}
	sha := r.PathValue("sha256")
	if !isSHA(sha) {
		return dev, "", bad("sha256: 64 lower-case hexadecimal digits expected")
	}
	return dev, sha, nil
}

func tell(w http.ResponseWriter, up store.Upload, status int) {
	w.Header().Set("Upload-Offset", strconv.FormatInt(up.Offset, 10))
	if up.Whole {
		w.Header().Set("Upload-Complete", "?1")
	} else {
		w.Header().Set("Upload-Complete", "?0")
	}
	if status != 0 {
		w.WriteHeader(status)
	}
}

func (d *Desk) headBlob(w http.ResponseWriter, r *http.Request) {
	dev, sha, err := blobOf(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	up, err := d.Store.Upload(r.Context(), dev.Tenant, dev.ID, sha, d.Now())
	switch {
	case err != nil:
		d.refuse(w, r, err)
	case up.Whole || up.Offset > 0:
		tell(w, up, http.StatusOK)
	default:
		tell(w, up, http.StatusNotFound)
	}
}

func (d *Desk) getBlob(w http.ResponseWriter, r *http.Request) {
	dev, sha, err := blobOf(r)
	if err == nil {
		var up store.Upload
		if up, err = d.Store.Upload(r.Context(), dev.Tenant, dev.ID, sha, d.Now()); err == nil && !up.Whole {
			err = store.ErrNotFound
		}
	}
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.sendBlob(w, r, dev.Tenant, sha, "application/octet-stream", "attachment")
}

func (d *Desk) putBlob(w http.ResponseWriter, r *http.Request) {
	dev, sha, err := blobOf(r)
	if err == nil && r.ContentLength > deskapi.MaxFileBytes {
		err = store.ErrTooLarge
	}
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.patient(w)
	up, created, err := d.Store.Put(r.Context(), dev.Tenant, dev.ID, sha, r.Body, d.Now())
	switch {
	case err != nil:
		tell(w, up, 0)
		d.refuse(w, r, d.cut(r, err))
	case created:
		tell(w, up, http.StatusCreated)
	default:
		tell(w, up, http.StatusOK)
	}
}

func (d *Desk) patchBlob(w http.ResponseWriter, r *http.Request) {
	dev, sha, err := blobOf(r)
	size, _ := strconv.ParseInt(r.Header.Get("Upload-Length"), 10, 64) // 0: the sender does not say
	offset, noNumber := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	switch {
	case err != nil:
	case noNumber != nil || offset < 0:
		err = bad("Upload-Offset: a number of bytes expected")
	case size > deskapi.MaxFileBytes:
		err = store.ErrTooLarge
	case r.ContentLength > MaxChunk:
		err = refusal{Code: "desk.too_large", Status: http.StatusRequestEntityTooLarge, Detail: "one PATCH carries at most 1 MiB"}
	}
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.patient(w)
	up, err := d.Store.Append(r.Context(), dev.Tenant, dev.ID, sha, offset, size, http.MaxBytesReader(w, r.Body, MaxChunk), d.Now())
	if err != nil {
		tell(w, up, 0)
		d.refuse(w, r, d.cut(r, err))
		return
	}
	tell(w, up, http.StatusNoContent)
}

// patient gives a body on a slow line its time, and no more.
func (d *Desk) patient(w http.ResponseWriter) {
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime))
}

// cut tells a body that broke off, which is nobody's fault, from a store that
// cannot write.
func (d *Desk) cut(r *http.Request, err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return store.ErrTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, os.ErrDeadlineExceeded), r.Context().Err() != nil:
		return refusal{Code: "desk.cut_off", Status: http.StatusBadRequest}
	}
	return err
}

// sendBlob writes a blob, whole or the range asked for.
func (d *Desk) sendBlob(w http.ResponseWriter, r *http.Request, tenant, sha, mediaType, disposition string) {
	body, err := d.Store.Blob(r.Context(), tenant, sha)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Disposition", disposition)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'") // what a computer sent never runs
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Etag", strconv.Quote(sha))
	http.ServeContent(w, r, "", time.Time{}, body)
}
