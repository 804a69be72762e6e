package storage_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"enjobridge/storage"
)

// exporter is what has all records.
type exporter interface {
	Export(ctx context.Context, visit func(storage.Record) error) error
}

// exported returns the records by kind, in a canonical form, sorted.
func exported(t *testing.T, from exporter) map[storage.RecordKind][]string {
	t.Helper()
	all := make(map[storage.RecordKind][]string)
	must(t, from.Export(t.Context(), func(r storage.Record) error {
		text, err := r.Canonical()
		all[r.Kind] = append(all[r.Kind], string(text))
		return err
	}))
	for kind, records := range all {
		if kind != storage.RecordTicket { // their order counts
			slices.Sort(records)
		}
	}
	return all
}

// exportOf opens the store in a file to read all of it.
func exportOf(t *testing.T, path string) *storage.BoltExport {
	t.Helper()
	e, err := storage.ExportBolt(path, storage.BoltOptions{})
	must(t, err)
	t.Cleanup(func() { must(t, e.Close()) })
	return e
}

// complete returns the path of a store with every kind of record.
func complete(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "bot.db")
	s := open(t, path, storage.BoltOptions{})
	everything(t, s)
	must(t, s.AddPress(t.Context(), storage.Press{Message: ask(1).ID, Action: "share", At: epoch.Add(time.Nanosecond), User: "U1", Value: "Why?"}))
	must(t, s.SetToken(t.Context(), storage.Token{Kind: storage.BotToken, Access: "xoxe.xoxb-1", Refresh: "xoxe-1", IssuedAt: epoch, ExpiresAt: epoch}))
	must(t, s.RecordCopies(t.Context(), []storage.Copy{{Message: ask(1).ID, At: epoch, Event: "message", Decision: "asked", Reason: "mention"}}))
	closeStore(t, s)
	overwrite(t, path, "people", "U1", "{")
	s = open(t, path, storage.BoltOptions{})
	_, err := s.Preferences(t.Context(), "U1")
	must(t, err)
	must(t, s.SetPreferences(t.Context(), storage.Preferences{User: "U1", TicketNews: true}))
	closeStore(t, s)
	return path
}

// overwrite gives the first record of a bucket whose key contains a text another value.
func overwrite(t *testing.T, path, bucket, key, value string) {
	t.Helper()
	db, err := bbolt.Open(path, 0, nil)
	must(t, err)
	must(t, db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(bucket)).Put(keyWith(tx, bucket, key), []byte(value))
	}))
	must(t, db.Close())
}

// Ensure that records that cannot be read are exported as damaged, without the texts that they
// can contain, and with what a store would put in their place.
func TestExportBolt_Damaged(t *testing.T) {
	path := complete(t)
	waiting, dropped := ask(0), ask(8)
	overwrite(t, path, "questions", waiting.ID.TS, `{"text":"hunter2`)
	overwrite(t, path, "threads", dropped.Thread.Root, "{\"agent\":\"\x00\xff\"")
	overwrite(t, path, "threads", waiting.Thread.Root, "")
	overwrite(t, path, "swept", "C1", "x")
	overwrite(t, path, "seen", "refused", "")
	overwrite(t, path, "tickets", "IT-3", "")
	all := exported(t, exportOf(t, path))
	damaged := strings.Join(all[storage.RecordDamaged], "\n")
	for _, want := range []string{
		`"source":"questions","key":"` + waiting.ID.String() + `"}`, `"source":"threads","key":"` + dropped.Thread.String() + `","value":"{\"agent\":\"��`,
		`"source":"swept","key":"C1","value":"x"`, `"source":"seen"`, `"source":"tickets"`,
	} {
		if !strings.Contains(damaged, want) {
			t.Errorf("the damaged records have no %s:\n%s", want, damaged)
		}
	}
	has := func(kind storage.RecordKind, parts ...string) bool {
		return slices.ContainsFunc(all[kind], func(r string) bool {
			return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(r, part) })
		})
	}
	if !has(storage.RecordQuestion, waiting.ID.TS, `"state":"answered"`, `"failure":"internal"`) {
		t.Errorf("nothing is in place of the question:\n%s", strings.Join(all[storage.RecordQuestion], "\n"))
	}
	if !has(storage.RecordThread, dropped.Thread.Root, `"askers"`) || !has(storage.RecordThread, waiting.Thread.Root) {
		t.Errorf("nothing is in place of the thread:\n%s", strings.Join(all[storage.RecordThread], "\n"))
	}
}

// Ensure that a store that is filled with all records of another one has the same records, and
// passes the check.
func TestImportBolt(t *testing.T) {
	from := complete(t)
	want := exported(t, exportOf(t, from))
	for _, kind := range storage.RecordKinds {
		if len(want[kind]) == 0 {
			t.Errorf("the store has no %s", kind)
		}
	}
	to := filepath.Join(t.TempDir(), "new.db")
	i, err := storage.ImportBolt(to)
	must(t, err)
	must(t, exportOf(t, from).Export(t.Context(), func(r storage.Record) error { return i.Import(t.Context(), r) }))
	if diff := cmp.Diff(want, exported(t, i)); diff != "" {
		t.Errorf("before the commit: %s", diff)
	}
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file has its name before it is complete: %v", err)
	}
	must(t, i.Commit(t.Context()))
	must(t, i.Close())
	if diff := cmp.Diff(want, exported(t, exportOf(t, to))); diff != "" {
		t.Errorf("afterwards: %s", diff)
	}
	if left, err := filepath.Glob(to + ".*"); err != nil || len(left) > 0 {
		t.Errorf("it leaves %q, %v", left, err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the mode is %v, %v", info.Mode(), err)
	}
}

// Ensure that an import neither replaces a file nor another import, and that an interrupted
// one leaves nothing in the way.
func TestImportBolt_Refuses(t *testing.T) {
	dir := t.TempDir()
	to := filepath.Join(dir, "new.db")
	must(t, os.WriteFile(to+".importing", []byte("interrupted"), 0o600))
	i, err := storage.ImportBolt(to)
	must(t, err)
	if _, err := storage.ImportBolt(to); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("a second import at the same time: %v", err)
	}
	must(t, i.Import(t.Context(), storage.Record{Kind: storage.RecordCall, Value: storage.Call{At: epoch}}))
	must(t, os.WriteFile(to, []byte("another file"), 0o600))
	if err := i.Commit(t.Context()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file that appeared meanwhile: %v", err)
	}
	must(t, i.Close())
	if _, err := storage.ImportBolt(to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file that exists: %v", err)
	}
	if content, err := os.ReadFile(to); err != nil || string(content) != "another file" {
		t.Errorf("it is %q, %v", content, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("it leaves %v, %v", entries, err)
	}
}

// Ensure that a store is exported only while no process uses it, and is not changed.
func TestExportBolt_Refuses(t *testing.T) {
	path := complete(t)
	before, err := os.ReadFile(path)
	must(t, err)
	e, err := storage.ExportBolt(path, storage.BoltOptions{})
	must(t, err)
	exported(t, e)
	if _, err := storage.OpenBolt(path, storage.BoltOptions{LockTimeout: time.Millisecond}); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("a bot that starts meanwhile: %v", err)
	}
	must(t, e.Close())
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the export has changed the file, %v", err)
	}
	s := open(t, path, storage.BoltOptions{})
	if _, err := storage.ExportBolt(path, storage.BoltOptions{LockTimeout: time.Millisecond}); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("while a bot uses it: %v", err)
	}
	closeStore(t, s)
	if _, err := storage.ExportBolt(path+"x", storage.BoltOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that does not exist: %v", err)
	}
	if _, err := storage.ExportBolt(unpacked(t, schemaFixture(1)), storage.BoltOptions{}); err == nil || !strings.Contains(err.Error(), "start this version") {
		t.Errorf("an older schema: %v", err)
	}
}
