//go:build !unix

package pgtest

import "os/exec"

// adopt does nothing: the user of this process runs servers.
func adopt(*exec.Cmd) {}

// own does nothing: the user of this process runs servers.
func own(string) error { return nil }
