package storage_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"enjobridge/storage"
)

// damaged writes a store with some questions, damages it, and returns its path.
func damaged(t *testing.T, damage func(content []byte) []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	s := open(t, path, storage.Unsynced)
	for i := range 50 {
		accept(t, s, ask(i))
	}
	closeStore(t, s)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, damage(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// written returns the path of a file with some content.
func written(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// boltFile returns the path of a bbolt file.
func boltFile(t *testing.T, fill func(*bbolt.Tx) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bolt.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fill), db.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// about returns a function that writes a format and a schema into a bbolt file.
func about(format, schema string) func(*bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("about"))
		if err != nil {
			return err
		}
		return errors.Join(
			bucket.Put([]byte("format"), []byte(format)),
			bucket.Put([]byte("schema"), []byte(schema)),
		)
	}
}

func fill(content []byte, from, to int) []byte {
	for i := from; i < min(to, len(content)); i++ {
		content[i] = 0xa5
	}
	return content
}

// Ensure that an unusable file gives the right error with a hint, and does not change.
func TestOpenBolt_Unusable(t *testing.T) {
	for name, test := range map[string]struct {
		path func(t *testing.T) string
		want error
		says string
	}{
		"a text": {
			func(t *testing.T) string { return written(t, []byte("# Notes\n")) },
			storage.ErrForeign, "set STORAGE to another file",
		},
		"a long text": {
			func(t *testing.T) string { return written(t, bytes.Repeat([]byte("# Notes\n"), 10_000)) },
			storage.ErrForeign, "another kind of file",
		},
		"zeros": {
			func(t *testing.T) string { return written(t, make([]byte, 5*pageSize)) },
			storage.ErrForeign, "another kind of file",
		},
		"another program's bbolt file": {
			func(t *testing.T) string {
				return boltFile(t, func(tx *bbolt.Tx) error {
					_, err := tx.CreateBucket([]byte("users"))
					return err
				})
			},
			storage.ErrForeign, "another program's",
		},
		"another program's bbolt file with the same bucket": {
			func(t *testing.T) string { return boltFile(t, about("another", "1")) },
			storage.ErrForeign, "another program's",
		},
		"a newer store": {
			func(t *testing.T) string { return boltFile(t, about("enjobridge", "4")) },
			storage.ErrVersion, "its schema is 4, this version knows 3; start that version or a newer one",
		},
		"a store without a version": {
			func(t *testing.T) string { return boltFile(t, about("enjobridge", "")) },
			storage.ErrCorrupt, "restore a backup",
		},
		"a store truncated in its first pages": {
			func(t *testing.T) string { return damaged(t, func(b []byte) []byte { return b[:pageSize+100] }) },
			storage.ErrCorrupt, "restore a backup",
		},
		"a store truncated later": {
			func(t *testing.T) string { return damaged(t, func(b []byte) []byte { return b[:5*pageSize] }) },
			storage.ErrCorrupt, "its end is missing",
		},
		"a store with two damaged meta pages": {
			func(t *testing.T) string {
				return damaged(t, func(b []byte) []byte { return fill(fill(b, 32, 64), pageSize+32, pageSize+64) })
			},
			storage.ErrCorrupt, "restore a backup",
		},
		"a store with damaged data pages": {
			func(t *testing.T) string {
				return damaged(t, func(b []byte) []byte { return fill(b, 2*pageSize, len(b)) })
			},
			storage.ErrCorrupt, "restore a backup",
		},
		"a directory": {
			func(t *testing.T) string { return t.TempDir() },
			storage.ErrForeign, "not a regular file",
		},
		"in a directory that does not exist": {
			func(t *testing.T) string { return filepath.Join(t.TempDir(), "none", "enjobridge.db") },
			fs.ErrNotExist, "create the directory",
		},
		"in a file": {
			func(t *testing.T) string { return filepath.Join(written(t, nil), "enjobridge.db") },
			syscall.ENOTDIR, "open the store",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := test.path(t)
			before, _ := os.ReadFile(path)
			for range 2 { // the first attempt must leave nothing open or locked
				s, err := storage.OpenBolt(path, storage.BoltOptions{LockTimeout: time.Nanosecond})
				if err == nil {
					closeStore(t, s)
					t.Fatal("OpenBolt succeeded")
				}
				if !errors.Is(err, test.want) {
					t.Errorf("error %v, want %v", err, test.want)
				}
				if !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
					t.Errorf("error %q does not say %q and the path", err, test.says)
				}
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
				t.Error("the file was changed")
			}
		})
	}
}

// Ensure that a store with one damaged meta page can be opened: bbolt has two and writes
// them alternately.
func TestOpenBolt_OneMetaPageDamaged(t *testing.T) {
	for _, meta := range []int{0, 1} {
		path := damaged(t, func(b []byte) []byte { return fill(b, meta*pageSize, meta*pageSize+100) })
		s := open(t, path, storage.Unsynced)
		questions, err := s.Unfinished(t.Context())
		if err != nil || len(questions) < 49 {
			t.Errorf("meta page %d: %d questions, %v; want all but the last at least", meta, len(questions), err)
		}
		closeStore(t, s)
	}
}

// Ensure that a missing file, an empty file and an interrupted creation become a store.
func TestOpenBolt_Creates(t *testing.T) {
	for name, path := range map[string]string{
		"no file":             filepath.Join(t.TempDir(), "enjobridge.db"),
		"an empty file":       written(t, nil),
		"an empty bbolt file": boltFile(t, func(*bbolt.Tx) error { return nil }),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, path, storage.BoltOptions{})
			accept(t, s, ask(1))
			closeStore(t, s)
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode != 0o600 {
				t.Errorf("mode %v, want 0600", mode)
			}
		})
	}
}

// Ensure that opening a store does not change the mode of its file.
func TestOpenBolt_PreservesMode(t *testing.T) {
	path := written(t, nil)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	closeStore(t, open(t, path, storage.BoltOptions{}))
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o640 {
		t.Errorf("mode %v, want 0640", mode)
	}
}

// Ensure that a store cannot be opened twice, and that the error contains the path.
func TestOpenBolt_InUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	s := open(t, path, storage.Unsynced)
	_, err := storage.OpenBolt(path, storage.BoltOptions{LockTimeout: time.Nanosecond})
	want := "another enjobridge is using " + path + ": stop it, or set STORAGE to another file"
	if !errors.Is(err, storage.ErrInUse) || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
	closeStore(t, s)
	closeStore(t, open(t, path, storage.Unsynced))
}

// Ensure that missing permissions are reported, even if root runs the test.
func TestOpenBolt_NotAllowed(t *testing.T) {
	directory := t.TempDir()
	path := filepath.Join(directory, "enjobridge.db")
	closeStore(t, open(t, path, storage.Unsynced))
	withoutPermissions(t)
	for name, path := range map[string]string{
		"to read":   path,
		"to create": filepath.Join(directory, "another.db"),
	} {
		_, err := storage.OpenBolt(path, storage.BoltOptions{})
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "must be able to read and write") {
			t.Errorf("%s: error %v, want ErrPermission", name, err)
		}
	}
}
