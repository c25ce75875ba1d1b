// Package e2e does the whole job with the real programs: a private D-Bus and
// display, the icon clicked by its label, a voice in a virtual microphone, a
// technician in a browser.
package e2e
