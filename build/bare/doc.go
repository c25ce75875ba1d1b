// Package bare starts the program where there is next to nothing, and gives it
// what it cannot use: no OpenGL, no X11, no bus, no sound; wrong addresses, keys,
// certificates, words, disks. Each ends with a sentence and an exit code.
package bare
