// Package killed ends the program at its worst moments:
// kill −9 at a system call → start again → one ticket, its evidence whole.
package killed
