package desk

import (
	"io/fs"
	"net/http"
	"path"

	"strings"

	"raisehand/assets/console"
	"raisehand/assets/words"
)

// policy is what the console's pages may do: run and load what this desk
// serves, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
	"connect-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// pageTypes says what the pages are: Windows' registry sometimes takes a script
// for plain text, and browsers then do not run it.
var pageTypes = map[string]string{
	".js":  "text/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml",
}

// site registers the console's pages and the words they show.
func (d *Desk) site(mux *http.ServeMux) {
	for _, lang := range words.Langs {
		mux.HandleFunc("GET /words/"+lang+".json", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.Header().Set("Cache-Control", "no-cache")
			w.Write(words.Raw(lang))
		})
	}
	pages := http.FileServerFS(shown{console.Files})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			d.refuse(w, r, refusal{Code: "desk.not_found", Status: http.StatusNotFound})
			return
		}
		h := w.Header()
		if t := pageTypes[path.Ext(r.URL.Path)]; t != "" {
			h.Set("Content-Type", t)
		}
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		pages.ServeHTTP(w, r)
	})
}

// shown hides the Go files beside the pages, and lists no folder.
type shown struct{ fs.FS }

func (s shown) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil && fi.IsDir() && name != "." || strings.HasSuffix(name, ".go") {
		err = fs.ErrNotExist
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
