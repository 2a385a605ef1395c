// Package client holds the typed stubs of Alatau Router for Go, in the folder
// gen: air-taxi days, routes, dock doors and freight flows.
//
// The tests of this module are calls to a running server; first_call_test.go
// is the shortest.
package client
