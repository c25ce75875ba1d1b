// Bench measures the real programs on a display, a bus and a sound server of
// their own: click → window, click → verdicts, send → accepted, what the
// program takes at rest, and the screenshot.
//
//	go run ./build/bench [--runs 30] [--rest 60s] [--only window,verdicts,send,rest,screen]
//
// It needs the programs in bin/ (build/test.sh builds them) and prints a table
// that can stand in a README. Figures are only worth something on a computer
// that does nothing else: the load is printed beside them.
package main
