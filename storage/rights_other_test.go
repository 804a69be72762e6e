//go:build !linux

package storage_test

import "testing"

// withoutRights skips the test: a thread with other rights than its process is
// something that Linux has.
func withoutRights(t *testing.T) {
	t.Helper()
	t.Skip("only on Linux can a test lose its rights in the file system")
}
