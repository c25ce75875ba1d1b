// Package netlab breaks a network and asks the network check what is wrong:
// a computer, a router and a town in namespaces of their own → one fault → its
// name.
package netlab
