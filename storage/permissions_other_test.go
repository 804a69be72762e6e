//go:build !linux

package storage_test

import "testing"

// withoutPermissions skips the test: only on Linux can a thread have other permissions
// than its process.
func withoutPermissions(t *testing.T) {
	t.Helper()
	t.Skip("only on Linux can a test give up its file system permissions")
}
