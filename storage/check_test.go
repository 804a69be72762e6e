package storage_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.etcd.io/bbolt"

	"enjobridge/storage"
)

// Ensure that an undamaged store has no problems, and that its records are counted.
func TestCheckBolt(t *testing.T) {
	original, _ := filled(t)
	got, err := storage.CheckBolt(written(t, original), storage.BoltOptions{})
	must(t, err)
	want := storage.Report{Schema: storage.Schema, Questions: things, Unfinished: things / 2, Threads: things, Tickets: things / 2}
	want.Seen = things + want.Tickets // the creation of a ticket is an event
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(storage.Report{}, "Size", "Free")); diff != "" {
		t.Error(diff)
	}
	if got.Size <= 0 || got.Free < 0 || got.Free >= got.Size {
		t.Errorf("%d of %d bytes are free", got.Free, got.Size)
	}
}

// Ensure that every inconsistency is found.
func TestCheckBolt_Problems(t *testing.T) {
	original, _ := filled(t)
	first := func(tx *bbolt.Tx, bucket string) (*bbolt.Bucket, []byte, []byte) {
		b := tx.Bucket([]byte(bucket))
		key, value := b.Cursor().First()
		return b, bytes.Clone(key), bytes.Clone(value)
	}
	remove := func(bucket string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { b, key, _ := first(tx, bucket); return b.Delete(key) }
	}
	extra := func(bucket string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { b, key, value := first(tx, bucket); return b.Put(append(key, 'x'), value) }
	}
	for name, test := range map[string]struct {
		tamper func(*bbolt.Tx) error
		want   string
	}{
		"an index lacks an unfinished question": {remove("unfinished by acceptance"), "lacks"},
		"an index lacks the question of thread": {remove("unfinished by thread"), "lacks"},
		"an index lacks an ended question":      {remove("questions by end"), "lacks"},
		"an index lacks a thread":               {remove("threads by activity"), "lacks"},
		"an index lacks a ticket":               {remove("tickets by update"), "lacks"},
		"an index lacks a seen key":             {remove("seen by time"), "lacks"},
		"an index entry without a record":       {extra("threads by activity"), "entries belong to no record"},
		"a question under another key":          {extra("questions"), "belongs to the key"},
		"a missing thread":                      {func(tx *bbolt.Tx) error { return emptied(tx, "threads") }, "has no thread"},
		"an index lacks a history":              {remove("copies by time"), "lacks"},
		"an index lacks a reference":            {remove("copies by reference"), "lacks"},
		"a missing bucket":                      {func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("tickets")) }, "missing"},
		"a record that is not JSON": {func(tx *bbolt.Tx) error {
			b, key, _ := first(tx, "threads")
			return b.Put(key, []byte("{"))
		}, "damaged"},
		"a text that was not erased": {func(tx *bbolt.Tx) error {
			b, key, value := first(tx, "questions")
			return b.Put(key, bytes.Replace(value, []byte(`"state"`), []byte(`"text":"secret","state"`), 1))
		}, "not erased"},
	} {
		t.Run(name, func(t *testing.T) {
			path := written(t, original)
			tampered(t, path, test.tamper)
			report, err := storage.CheckBolt(path, storage.BoltOptions{})
			must(t, err)
			if problems := strings.Join(report.Problems, "\n"); !strings.Contains(problems, test.want) {
				t.Errorf("the problems are %q, want one with %q", problems, test.want)
			}
			if _, _, err := storage.CompactBolt(path, storage.BoltOptions{}); !errors.Is(err, storage.ErrCorrupt) {
				t.Errorf("compacting a store with problems: %v", err)
			}
		})
	}
}

// tampered changes a file without the store.
func tampered(t *testing.T, path string, tamper func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0, nil)
	must(t, err)
	must(t, db.Update(tamper))
	must(t, db.Close())
}

// emptied deletes everything in a bucket.
func emptied(tx *bbolt.Tx, name string) error {
	if err := tx.DeleteBucket([]byte(name)); err != nil {
		return err
	}
	_, err := tx.CreateBucket([]byte(name))
	return err
}

// Ensure that checking a store with any damaged page ends, and that enough of the damages
// are reported.
func TestCheckBolt_AnyPageDamaged(t *testing.T) {
	original, pages := filled(t)
	reported := 0
	for number := range pages {
		for name, damage := range map[string]func(page []byte){
			"noise": func(page []byte) { fill(page, 0, len(page)) },
			"zeros": func(page []byte) { clear(page) },
			"count": func(page []byte) { page[10], page[11] = 0xff, 0x7f },
		} {
			content := bytes.Clone(original)
			damage(content[number*pageSize : (number+1)*pageSize])
			report, err := storage.CheckBolt(written(t, content), storage.BoltOptions{})
			switch {
			case err != nil && !errors.Is(err, storage.ErrCorrupt) && !errors.Is(err, storage.ErrForeign):
				t.Errorf("%s in page %d: error %v", name, number, err)
			case err != nil || len(report.Problems) > 0:
				reported++
			}
		}
	}
	t.Logf("%d of %d damages were reported", reported, 3*pages)
	if reported < pages {
		t.Errorf("%d damages of %d pages were reported; want more", reported, pages)
	}
}

// Ensure that an unusable file is reported and not changed.
func TestCheckBolt_Refuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	if _, err := storage.CheckBolt(path, storage.BoltOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v, want ErrNotExist", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("checking created a file")
	}
	if _, err := storage.CheckBolt(written(t, []byte("SQLite format 3")), storage.BoltOptions{}); !errors.Is(err, storage.ErrForeign) {
		t.Errorf("another file: %v, want ErrForeign", err)
	}
	s := open(t, path, storage.Unsynced)
	defer closeStore(t, s)
	short := storage.BoltOptions{LockTimeout: 1}
	if _, err := storage.CheckBolt(path, short); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("a store in use: %v, want ErrInUse", err)
	}
	if _, _, err := storage.CompactBolt(path, short); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("compacting a store in use: %v, want ErrInUse", err)
	}
}

// Ensure that compacting preserves exactly the content and the mode of the file, and that
// an interrupted attempt does not prevent it.
func TestCompactBolt(t *testing.T) {
	original, _ := filled(t)
	path := written(t, original)
	tampered(t, path, func(tx *bbolt.Tx) error { // grow the file
		_, err := tx.CreateBucket([]byte("much"))
		for i := range 1000 {
			err = errors.Join(err, tx.Bucket([]byte("much")).Put([]byte{byte(i >> 8), byte(i)}, make([]byte, 1000)))
		}
		return err
	})
	tampered(t, path, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("much")) })
	want := contentOf(t, path)
	must(t, os.Chmod(path, 0o640))
	must(t, os.WriteFile(path+".compacted", []byte("an interrupted attempt"), 0o600))

	before, after, err := storage.CompactBolt(path, storage.BoltOptions{})
	must(t, err)
	if after >= before/4 {
		t.Errorf("%d bytes became %d", before, after)
	}
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v", info.Mode())
	}
	if diff := cmp.Diff(want, contentOf(t, path)); diff != "" {
		t.Error(diff)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("%d files are in the directory, %v", len(left), err)
	}
	closeStore(t, open(t, path, storage.Unsynced))
}

// Ensure that a store that cannot be compacted does not change.
func TestCompactBolt_Fails(t *testing.T) {
	original, _ := filled(t)
	path := written(t, original)
	must(t, os.MkdirAll(filepath.Join(path+".compacted", "in the way"), 0o700))
	if _, _, err := storage.CompactBolt(path, storage.BoltOptions{}); err == nil {
		t.Error("the store was compacted")
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(original, after) {
		t.Error("the store has changed")
	}
}

// Ensure that a backup is a snapshot, although others write meanwhile.
func TestBolt_Backup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "enjobridge.db")
	s := open(t, path, storage.Unsynced)
	for i := range 10 {
		accept(t, s, ask(i))
	}
	copied := filepath.Join(t.TempDir(), "backup.db")
	file, err := os.Create(copied)
	must(t, err)
	size, err := s.Backup(t.Context(), writerFunc(func(part []byte) (int, error) {
		q := ask(10)
		_, err := s.Accept(t.Context(), q, threadOf(q)) // neither blocks the other
		must(t, err)
		return file.Write(part)
	}))
	must(t, err)
	must(t, file.Close())
	accept(t, s, ask(11))
	closeStore(t, s)
	report, err := storage.CheckBolt(copied, storage.BoltOptions{})
	must(t, err)
	if report.Questions != 10 || report.Problems != nil || report.Size != size {
		t.Errorf("the copy of %d bytes holds %+v", size, report)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(part []byte) (int, error) { return f(part) }
