// Package build holds what is around the programs: run, test, package. Its own
// tests are the rules of the house, which compilers do not know.
package build
