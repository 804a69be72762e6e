package storage_test

import (
	"os"
	"runtime"
	"syscall"
	"testing"
)

// withoutPermissions makes the test's thread access the file system as nobody until the
// test's end, because root has all permissions.
func withoutPermissions(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can change the user of file system access")
	}
	const nobody = 65534
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	t.Cleanup(func() { _ = syscall.Setfsuid(0) })
	if err := syscall.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
}
