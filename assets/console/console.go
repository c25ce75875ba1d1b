// Package console is the technicians' pages: sign in → queue → ticket, plain
// HTML, CSS and JavaScript modules that a browser runs as they are.
package console

import "embed"

// Files are the pages. index.html is the only page; every address in it is
// relative, so the desk may serve them under any path. They need no inline
// script or style, so a strict Content-Security-Policy holds.
//
//go:embed index.html style.css icon.svg js
var Files embed.FS
