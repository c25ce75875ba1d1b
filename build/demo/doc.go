// Package demo tries build/run.sh: one command → a desk, a technician, a
// ticket, and afterwards nothing left running.
package demo
