package postgres

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"enjobridge/internal/pgtest"
	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

// exported returns the records by kind, in a canonical form, sorted.
func exported(t *testing.T, from interface {
	Export(ctx context.Context, visit func(storage.Record) error) error
},
) map[storage.RecordKind][]string {
	t.Helper()
	all := make(map[storage.RecordKind][]string)
	err := from.Export(t.Context(), func(r storage.Record) error {
		text, err := r.Canonical()
		all[r.Kind] = append(all[r.Kind], string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, records := range all {
		if kind != storage.RecordTicket { // their order counts
			slices.Sort(records)
		}
	}
	return all
}

// must ends the test if there is an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answered returns what a store answers, and closes it.
func answered(t *testing.T, s storage.Store) map[string]any {
	t.Helper()
	defer func() { must(t, s.Close()) }()
	return storagetest.Answers(t, s)
}

// filledFile returns a store in a file with everything, and what it answers.
func filledFile(t *testing.T) (path string, answers map[string]any) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "from.db")
	s, err := storage.OpenBolt(path, storage.BoltOptions{})
	must(t, err)
	storagetest.Fill(t, s)
	return path, answered(t, s)
}

// Ensure that a store that is copied from a file to a database, and back, has the same records
// and gives the same answers.
func TestExchange(t *testing.T) {
	url := pgtest.Database(t)
	path, want := filledFile(t)
	file, err := storage.ExportBolt(path, storage.BoltOptions{})
	must(t, err)
	defer file.Close()
	records := exported(t, file)

	into, err := OpenImport(t.Context(), url)
	must(t, err)
	must(t, file.Export(t.Context(), func(r storage.Record) error { return into.Import(t.Context(), r) }))
	same(t, "the records before the commit", exported(t, into), records)
	must(t, into.Commit(t.Context()))
	must(t, into.Close())
	f := &faulty{t: t, admin: url}
	var analyzed bool
	f.scan(&analyzed, `SELECT reltuples > 0 FROM pg_class WHERE oid = 'enjobridge.questions'::regclass`)
	if !analyzed {
		t.Error("plans do not know how many questions there are")
	}
	same(t, "the answers of the database", answered(t, open(t, url)), want)

	from, err := OpenExport(t.Context(), url)
	must(t, err)
	defer from.Close()
	same(t, "the records of the database", exported(t, from), records)
	back := filepath.Join(t.TempDir(), "back.db")
	target, err := storage.ImportBolt(back)
	must(t, err)
	must(t, from.Export(t.Context(), func(r storage.Record) error { return target.Import(t.Context(), r) }))
	same(t, "the records of the file", exported(t, target), records)
	must(t, target.Commit(t.Context()))
	must(t, target.Close())
	again, err := storage.OpenBolt(back, storage.BoltOptions{})
	must(t, err)
	same(t, "the answers of the file", answered(t, again), want)
}

// Ensure that a database gives the same answers as a file after the same operations.
func TestFill(t *testing.T) {
	_, want := filledFile(t)
	s := open(t, pgtest.Database(t))
	storagetest.Fill(t, s)
	same(t, "the answers", answered(t, s), want)
}

// same fails the test unless two values are equal.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%.4000s", what, diff)
	}
}

// Ensure that each table is exported, or is about the replicas and the schema.
func TestExportsAreComplete(t *testing.T) {
	url := pgtest.Database(t)
	must(t, open(t, url).Close())
	known := slices.Clone(notExported)
	for _, e := range exports {
		known = append(known, e.table)
	}
	conn, err := pgx.Connect(t.Context(), url)
	must(t, err)
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT table_name FROM information_schema.tables WHERE table_schema = 'enjobridge'`)
	must(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	slices.Sort(known)
	slices.Sort(tables)
	same(t, "the tables", tables, known)
}

// Ensure that a database is filled only while nobody uses it, and if it is empty, and that
// nobody can start to use it meanwhile.
func TestOpenImport_Refuses(t *testing.T) {
	url := pgtest.Database(t)
	s := open(t, url)
	for name, use := range map[string]struct {
		by   func() error
		want error
		end  string
	}{
		"a replica":             {func() error { _, err := s.Register(t.Context(), storage.Replica{ID: "one"}, replicaGone); return err }, storage.ErrInUse, `DELETE FROM enjobridge.replicas`},
		"the holder of a lease": {func() error { _, err := s.AcquireLease(t.Context(), "one", replicaGone); return err }, storage.ErrInUse, `UPDATE enjobridge.leases SET ends_at = '-infinity'`},
		"records":               {func() error { return s.SetWatermark(t.Context(), "C1", time.Now()) }, storage.ErrNotEmpty, `DELETE FROM enjobridge.watermarks`},
	} {
		must(t, use.by())
		if i, err := OpenImport(t.Context(), url); !errors.Is(err, use.want) {
			t.Errorf("with %s: %v, %v", name, i, err)
		}
		if err := CheckImport(t.Context(), url); !errors.Is(err, use.want) {
			t.Errorf("with %s, the check says %v", name, err)
		}
		execute(t, url, use.end)
	}
	must(t, CheckImport(t.Context(), url))
	i, err := OpenImport(t.Context(), url)
	must(t, err)
	if _, err := OpenImport(t.Context(), url); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("during another import: %v", err)
	}
	if _, err := OpenExport(t.Context(), url); !errors.Is(err, storage.ErrInUse) {
		t.Errorf("an export during an import: %v", err)
	}
	must(t, i.Close())
	must(t, CheckImport(t.Context(), url))
}

// Ensure that an export has all that was written before it begins, and that nothing is written
// until it ends: a replica that has just started may not be registered yet.
func TestOpenExport_ExcludesWriters(t *testing.T) {
	url := pgtest.Database(t)
	s := open(t, url)
	defer s.Close()
	f := &faulty{Store: s, t: t, admin: url}
	writer := f.connect()
	begin, err := writer.Begin(t.Context())
	must(t, err)
	_, err = begin.Exec(t.Context(), `INSERT INTO enjobridge.watermarks VALUES ('C1', now())`)
	must(t, err)
	committed := make(chan error)
	go func() {
		for waiting := 0; waiting == 0; {
			f.scan(&waiting, `SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'ShareLock' AND relation = 'enjobridge.watermarks'::regclass`)
		}
		committed <- begin.Commit(context.Background())
	}()
	from, err := OpenExport(t.Context(), url)
	must(t, errors.Join(err, <-committed))
	if n := len(exported(t, from)[storage.RecordWatermark]); n != 1 {
		t.Errorf("%d watermarks were exported, want 1", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	written := make(chan error)
	go func() {
		_, err := writer.Exec(ctx, `DELETE FROM enjobridge.watermarks`)
		written <- err
	}()
	for waiting := 0; waiting == 0; {
		f.scan(&waiting, `SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'RowExclusiveLock' AND relation = 'enjobridge.watermarks'::regclass`)
	}
	cancel()
	if err := <-written; err == nil {
		t.Error("a replica has written during the export")
	}
	must(t, from.Close())
}

// Ensure that an import that is not completed leaves nothing.
func TestImport_Interrupted(t *testing.T) {
	url := pgtest.Database(t)
	path, _ := filledFile(t)
	file, err := storage.ExportBolt(path, storage.BoltOptions{})
	must(t, err)
	defer file.Close()
	for range 2 {
		i, err := OpenImport(t.Context(), url)
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		err = file.Export(t.Context(), func(r storage.Record) error {
			n++
			if n == 100 {
				must(t, i.flush(ctx))
				cancel()
			}
			return i.Import(ctx, r)
		})
		if err == nil {
			err = i.Commit(ctx)
		}
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after %d records: error %v", n, err)
		}
		must(t, i.Close())
	}
	must(t, CheckImport(t.Context(), url))
}

// Ensure that records that cannot be read are exported as damaged, with what takes their place.
func TestExport_Damaged(t *testing.T) {
	url := pgtest.Database(t)
	path, _ := filledFile(t)
	file, err := storage.ExportBolt(path, storage.BoltOptions{})
	must(t, err)
	defer file.Close()
	into, err := OpenImport(t.Context(), url)
	must(t, err)
	must(t, file.Export(t.Context(), func(r storage.Record) error { return into.Import(t.Context(), r) }))
	must(t, errors.Join(into.Commit(t.Context()), into.Close()))
	execute(t, url,
		`UPDATE enjobridge.questions SET record = '{"state": "hunter2"}' WHERE state = 'queued'`,
		`UPDATE enjobridge.threads SET record = '{"agent": 1}' WHERE channel = 'C2'`,
		`UPDATE enjobridge.tokens SET record = '{"access": 1, "refresh": "hunter2"}'`,
	)
	from, err := OpenSnapshot(t.Context(), url)
	must(t, err)
	defer from.Close()
	all := exported(t, from)
	damaged := strings.Join(all[storage.RecordDamaged], "\n")
	for _, want := range []string{`"source":"questions"`, `"source":"threads"`, `"value":"{\"agent\": 1}"`, `"source":"tokens","key":"bot"}`} {
		if !strings.Contains(damaged, want) {
			t.Errorf("the damaged records have no %s:\n%.2000s", want, damaged)
		}
	}
	if strings.Contains(fmt.Sprint(all), "hunter2") {
		t.Error("the damaged records have texts or secrets")
	}
	if !strings.Contains(strings.Join(all[storage.RecordQuestion], "\n"), `"failure":"internal"`) || !strings.Contains(strings.Join(all[storage.RecordThread], "\n"), `"channel":"C2"`) {
		t.Error("nothing is in place of the damaged records")
	}
}
