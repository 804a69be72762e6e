// Package smalldisk provides a file system that is small enough for tests to
// fill.
package smalldisk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Disk is a small file system.
type Disk struct {
	t    testing.TB
	path string
}

// Mount mounts an in-memory file system of this size until the end of the test.
// It returns an error where that is not possible; for root in CI it fails the
// test instead.
func Mount(t testing.TB, megabytes int) (Disk, error) {
	t.Helper()
	path := t.TempDir()
	unmount, err := mount(path, fmt.Sprintf("size=%dm", megabytes))
	if err != nil && os.Geteuid() == 0 && os.Getenv("ENJOBRIDGE_CI") == "1" {
		t.Fatalf("mounting a small disk: %v", err)
	}
	if err != nil {
		return Disk{}, err
	}
	t.Cleanup(func() {
		if err := unmount(); err != nil {
			t.Errorf("unmounting the small disk: %v", err)
		}
	})
	return Disk{t, path}, nil
}

// Path returns the path of a file on the disk.
func (d Disk) Path(name string) string { return filepath.Join(d.path, name) }

// Fill fills the disk. The returned function frees some space.
func (d Disk) Fill() (free func()) {
	d.t.Helper()
	name := d.Path("filling")
	file, err := os.Create(name)
	if err != nil {
		d.t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 64<<10); err == nil; {
		_, err = file.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			d.t.Error(err)
		}
	}
}
