package storage_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"enjobridge/internal/smalldisk"
	"enjobridge/storage"
)

// Ensure that the store of schema 1 has records of every kind, and no problems.
func TestCheckBolt_SchemaOne(t *testing.T) {
	path := unpacked(t, schemaFixture(1))
	report, err := storage.CheckBolt(path, storage.BoltOptions{})
	must(t, err)
	if report.Schema != 1 || len(report.Problems) > 0 {
		t.Errorf("schema %d, problems %q", report.Schema, report.Problems)
	}
	for _, bucket := range []string{
		"about", "questions", "threads", "tickets", "feedback", "people", "seen", "calls", "swept",
		"unfinished by acceptance", "unfinished by thread", "questions by end", "threads by activity", "tickets by update",
		"tickets by ID", "tickets by requester", "tickets with outdated cards", "feedback by time", "seen by time",
	} {
		if len(raw(t, path)[bucket]) == 0 {
			t.Errorf("the fixture has nothing in the bucket %q", bucket)
		}
	}
}

// olderSchemas are the schemas before this version's.
var olderSchemas = []int{1, 2}

// Ensure that a store of an older schema is migrated once, that it becomes like a new
// one, and that a copy of the store from before remains.
func TestOpenBolt_Migrates(t *testing.T) {
	for _, schema := range olderSchemas {
		t.Run(fmt.Sprint("schema ", schema), func(t *testing.T) { testMigration(t, schema) })
	}
}

func testMigration(t *testing.T, schema int) {
	path := unpacked(t, schemaFixture(schema))
	before := raw(t, path)
	fresh := filepath.Join(t.TempDir(), "fresh.db")
	s := open(t, fresh, storage.Unsynced)
	everything(t, s)
	closeStore(t, s)

	var done []storage.Migration
	options := storage.BoltOptions{Migrated: func(m storage.Migration) { done = append(done, m) }}
	for range 2 {
		closeStore(t, open(t, path, options))
	}
	if len(done) != 1 || done[0].From != schema || done[0].To != storage.Schema {
		t.Fatalf("migrations: %+v", done)
	}
	// A store of this version with the same history is the same, apart from what that version did not store.
	if diff := cmp.Diff(migratable(t, fresh), raw(t, path)); diff != "" {
		t.Errorf("(-new +migrated):\n%s", diff)
	}
	if diff := cmp.Diff(before, raw(t, done[0].Backup)); diff != "" {
		t.Errorf("the copy (-store +copy):\n%s", diff)
	}
	info, err := os.Stat(done[0].Backup)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %v", info.Mode())
	}
	if names := filesIn(t, path); len(names) != 2 {
		t.Errorf("the directory has the files %q", names)
	}
	report, err := storage.CheckBolt(path, storage.BoltOptions{})
	if err != nil || report.Schema != storage.Schema || len(report.Problems) > 0 {
		t.Errorf("after the migration: %+v, %v", report, err)
	}
}

// migratable returns the content of a store of this version, apart from what an older one
// does not have.
func migratable(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	content := raw(t, path)
	later := regexp.MustCompile(`"answered_at":"[^"]*",|,"lead":\{[^}]*\}`)
	for key, value := range content["questions"] {
		content["questions"][key] = later.ReplaceAllString(value, "")
	}
	for _, bucket := range []string{"seen", "seen by time"} {
		maps.DeleteFunc(content[bucket], func(key, _ string) bool { return strings.Contains(key, string(storage.Ticketed)+"/") })
	}
	return content
}

// Ensure that a migration from schema 2 gives threads the people who have asked in them,
// and that it leaves damaged records to others.
func TestOpenBolt_MigratesAskers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, storage.Unsynced)
	q := ask(0)
	for number, asker := range []string{"ULATER", "UFIRST", "UROBOT", "ULATER", "UFIRST", "UCURIOUS"} {
		next := ask(number)
		next.ID.Channel, next.Thread, next.Asker = q.ID.Channel, q.Thread, asker
		next.ByBot = asker == "UROBOT"
		if next.ID.TS = fmt.Sprintf("1772442000.%06d", 10-number); asker == "UCURIOUS" {
			next.Ticket = "IT-1"
		}
		accept(t, s, next)
	}
	accept(t, s, ask(20))
	accept(t, s, ask(21))
	closeStore(t, s)
	tampered(t, path, func(tx *bbolt.Tx) error {
		threads := tx.Bucket([]byte("threads"))
		return errors.Join(
			tx.Bucket([]byte("about")).Put([]byte("schema"), []byte("2")),
			threads.ForEach(func(key, value []byte) error {
				askers := regexp.MustCompile(`"askers":\{[^}]*\},`)
				return threads.Put(key, askers.ReplaceAll(value, nil))
			}),
			threads.Put(keyWith(tx, "threads", ".000020"), []byte("{")),
			tx.Bucket([]byte("questions")).Put(keyWith(tx, "questions", ".000021"), []byte("{")),
		)
	})
	s = open(t, path, storage.BoltOptions{})
	defer closeStore(t, s)
	thread, err := s.Thread(t.Context(), q.Thread)
	must(t, err)
	if diff := cmp.Diff(map[string]string{"UFIRST": "1772442000.000006", "ULATER": "1772442000.000007"}, thread.Askers); diff != "" {
		t.Error(diff)
	}
	if thread, err = s.Thread(t.Context(), ask(21).Thread); err != nil || len(thread.Askers) > 0 {
		t.Errorf("the thread of a damaged question: %+v, %v", thread, err)
	}
}

// filesIn returns the names of the files in the directory of a path.
func filesIn(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// Ensure that checking and compacting a store of schema 1 do not migrate it.
func TestCheckBolt_DoesNotMigrate(t *testing.T) {
	path := unpacked(t, schemaFixture(1))
	before, err := os.ReadFile(path)
	must(t, err)
	content := raw(t, path)
	_, err = storage.CheckBolt(path, storage.BoltOptions{})
	must(t, err)
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("checking has changed the file")
	}
	_, _, err = storage.CompactBolt(path, storage.BoltOptions{})
	must(t, err)
	if diff := cmp.Diff(content, raw(t, path)); diff != "" {
		t.Errorf("compacting has changed the content:\n%s", diff)
	}
	closeStore(t, open(t, path, storage.Unsynced))
}

// Ensure that a process that is killed at any step of a migration leaves the old store or
// the new one, and that the next start completes the migration.
func TestOpenBolt_MigrationKilled(t *testing.T) {
	for _, schema := range olderSchemas {
		t.Run(fmt.Sprint("schema ", schema), func(t *testing.T) { testMigrationKilled(t, schema) })
	}
}

func testMigrationKilled(t *testing.T, schema int) {
	want := filepath.Join(t.TempDir(), "want.db")
	s := open(t, want, storage.Unsynced)
	everything(t, s)
	closeStore(t, s)
	for _, step := range storage.MigrationSteps {
		if step == fmt.Sprint("migrating to ", schema) {
			continue
		}
		path := unpacked(t, schemaFixture(schema))
		command := child(t, "migrate", path, 0)
		command.Env = append(command.Env, childStep+"="+step)
		if err := command.Run(); err == nil || command.ProcessState.Exited() {
			t.Fatalf("at %q, the child was not killed: %v", step, err)
		}
		report, err := storage.CheckBolt(path, storage.BoltOptions{})
		if err != nil || len(report.Problems) > 0 {
			t.Errorf("after a kill at %q: %v, problems %q", step, err, report.Problems)
		}
		closeStore(t, open(t, path, storage.Unsynced))
		if diff := cmp.Diff(migratable(t, want), raw(t, path)); diff != "" {
			t.Errorf("after a kill at %q (-want +got):\n%s", step, diff)
		}
		for _, name := range filesIn(t, path) {
			if name == filepath.Base(path) {
				continue
			}
			copied, err := storage.CheckBolt(filepath.Join(filepath.Dir(path), name), storage.BoltOptions{})
			if err != nil || copied.Schema < schema || copied.Schema >= storage.Schema || len(copied.Problems) > 0 {
				t.Errorf("after a kill at %q, the copy %s: %+v, %v", step, name, copied, err)
			}
		}
	}
}

// migrateChild is a child's task: it opens a store and kills itself at a step of the
// migration.
func migrateChild() {
	_, err := storage.OpenBolt(os.Getenv(childStore), storage.AtStep(func(step string) {
		if step == os.Getenv(childStep) {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			panic(fmt.Sprint("not killed: ", err))
		}
	}))
	panic(fmt.Sprint("the step was not reached: ", err))
}

// Ensure that a migration without space for the copy changes nothing and leaves nothing.
func TestOpenBolt_MigrationFails(t *testing.T) {
	path := unpacked(t, schemaFixture(1))
	before, err := os.ReadFile(path)
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(path+".migrating", "in the way"), 0o700))
	if s, err := storage.OpenBolt(path, storage.BoltOptions{}); err == nil {
		closeStore(t, s)
		t.Fatal("the store was opened without a copy")
	} else if !strings.Contains(err.Error(), "copy the store before migrating it from schema 1 to 3") {
		t.Error(err)
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the store has changed")
	}
	must(t, os.RemoveAll(path+".migrating"))
	closeStore(t, open(t, path, storage.Unsynced))
}

// Ensure that an older version names the copy of the store that it can open.
func TestOpenBolt_Downgrade(t *testing.T) {
	path := unpacked(t, schemaFixture(1))
	closeStore(t, open(t, path, storage.BoltOptions{}))
	tampered(t, path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("about")).Put([]byte("schema"), []byte("99")) })
	copied := filepath.Join(filepath.Dir(path), filesIn(t, path)[1])
	newer := path + ".v98-20990101T000000.000Z"
	must(t, os.WriteFile(newer, nil, 0o600))
	must(t, os.WriteFile(path+".v1-notes", nil, 0o600))
	_, err := storage.OpenBolt(path, storage.BoltOptions{})
	want := "its schema is 99, this version knows 3; start that version or a newer one, or go back: replace the file with " + copied
	if !errors.Is(err, storage.ErrVersion) || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
	must(t, os.Rename(copied, path))
	closeStore(t, open(t, path, storage.Unsynced))
}

// Ensure that a store is not migrated if its copy does not fit on the disk.
func TestOpenBolt_NoSpaceForCopy(t *testing.T) {
	small, err := smalldisk.Mount(t, 8)
	if err != nil {
		t.Skipf("a small disk cannot be mounted here (%v): run this on Linux as root where mounting is allowed", err)
	}
	before, err := os.ReadFile(unpacked(t, schemaFixture(1)))
	must(t, err)
	path := small.Path("bot.db")
	must(t, os.WriteFile(path, before, 0o600))
	_, err = storage.OpenBolt(path, storage.BoltOptions{})
	if err == nil || !strings.Contains(err.Error(), "bytes on the disk") {
		t.Errorf("error %v", err)
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) || slices.Contains(filesIn(t, path), "bot.db.migrating") {
		t.Errorf("the store has changed, or the directory: %q", filesIn(t, path))
	}
}
