// Package consoletest tries the technicians' pages: a real desk, a real
// browser, and a computer that asks for help.
//
// RAISEHAND_BIN names the folder of the built programs; without it the desk is
// built here. RAISEHAND_PICTURES names a folder for the pictures of every page.
package consoletest
