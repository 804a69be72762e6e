package migrate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"enjobridge/internal/pgtest"
	"enjobridge/internal/settings"
	"enjobridge/storage"
	"enjobridge/storage/storagetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// silent shows no progress.
func silent(string, int) {}

// must ends the test if there is an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// filled returns a store in a file with everything.
func filled(t *testing.T) settings.Storage {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bot.db")
	s, err := storage.OpenBolt(path, storage.BoltOptions{})
	must(t, err)
	storagetest.Fill(t, s)
	must(t, s.Close())
	return settings.Storage{File: path}
}

// run copies a store to another one.
func run(ctx context.Context, from, to settings.Storage) (digests Digests, err error) {
	source, err := OpenSource(ctx, from)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := OpenTarget(ctx, to)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	return Copy(ctx, source, target, silent)
}

// Ensure that a store goes from a file to a database, and back, without a change, and that the
// source stays as it is.
func TestCopy(t *testing.T) {
	file, database := filled(t), settings.Database(pgtest.Database(t))
	before, err := os.ReadFile(file.File)
	must(t, err)
	there, err := run(t.Context(), file, database)
	must(t, err)
	if there.Records() < 100 || there[storage.RecordCounter].Count == 0 {
		t.Errorf("it has copied %d records: %v", there.Records(), there)
	}
	back := settings.Storage{File: filepath.Join(t.TempDir(), "back.db")}
	andBack, err := run(t.Context(), database, back)
	must(t, err)
	for _, kind := range storage.RecordKinds {
		if there[kind] != andBack[kind] {
			t.Errorf("%s: %v, and back %v", kind, there[kind], andBack[kind])
		}
	}
	if after, err := os.ReadFile(file.File); err != nil || string(after) != string(before) {
		t.Errorf("the source has changed, %v", err)
	}
	if report, err := storage.CheckBolt(back.File, storage.BoltOptions{}); err != nil || len(report.Problems) > 0 {
		t.Errorf("the copy has problems: %q, %v", report.Problems, err)
	}
}

// Ensure that a copy that is interrupted anywhere leaves nothing, and works when it is run
// again.
func TestCopy_Interrupted(t *testing.T) {
	file, database := filled(t), settings.Database(pgtest.Database(t))
	whole, err := run(t.Context(), file, settings.Storage{File: filepath.Join(t.TempDir(), "copy.db")})
	must(t, err)
	back := settings.Storage{File: filepath.Join(t.TempDir(), "back.db")}
	for name, direction := range map[string][2]settings.Storage{"to a file": {file, back}, "to a database": {file, database}} {
		for _, after := range []int{0, 1, whole.Records() / 2, whole.Records() + whole.Records()/2} { // the last one while it verifies
			interrupt(t, direction[0], direction[1], after)
			if err := CheckTarget(t.Context(), direction[1]); err != nil {
				t.Errorf("%s, after %d records: %v", name, after, err)
			}
		}
		again, err := run(t.Context(), direction[0], direction[1])
		must(t, err)
		if again.Records() != whole.Records() {
			t.Errorf("%s: %d records, want %d", name, again.Records(), whole.Records())
		}
	}
}

// interrupt copies a store, and ends after a number of records.
func interrupt(t *testing.T, from, to settings.Storage, after int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	source, err := OpenSource(t.Context(), from)
	must(t, err)
	defer source.Close()
	target, err := OpenTarget(t.Context(), to)
	must(t, err)
	defer target.Close()
	seen := 0
	count := func() {
		if seen++; seen > after {
			cancel()
		}
	}
	if _, err := Copy(ctx, counted{source, count}, countedTarget{target, counted{target, count}}, silent); !errors.Is(err, context.Canceled) {
		t.Errorf("after %d records: error %v", after, err)
	}
}

// counted is a source that counts the records that it has exported.
type counted struct {
	Source
	count func()
}

func (c counted) Export(ctx context.Context, visit func(storage.Record) error) error {
	return c.Source.Export(ctx, func(r storage.Record) error {
		c.count()
		return errors.Join(ctx.Err(), visit(r))
	})
}

// countedTarget is a target that counts the records that are verified.
type countedTarget struct {
	Target
	counted counted
}

func (c countedTarget) Export(ctx context.Context, visit func(storage.Record) error) error {
	return c.counted.Export(ctx, visit)
}

// Ensure that a copy that lacks, changes, doubles or reorders a record is not completed.
func TestCopy_Differs(t *testing.T) {
	file := filled(t)
	for name, change := range map[string]func(r storage.Record) []storage.Record{
		"lacks a record": func(r storage.Record) []storage.Record { return nil },
		"changes a record": func(r storage.Record) []storage.Record {
			call := r.Value.(storage.Call)
			call.At = call.At.Add(time.Second)
			return []storage.Record{{Kind: r.Kind, Value: call}}
		},
		"has a record twice": func(r storage.Record) []storage.Record { return []storage.Record{r, r} },
	} {
		t.Run(name, func(t *testing.T) {
			source, err := OpenSource(t.Context(), file)
			must(t, err)
			defer source.Close()
			to := settings.Storage{File: filepath.Join(t.TempDir(), "copy.db")}
			target, err := OpenTarget(t.Context(), to)
			must(t, err)
			if _, err := Copy(t.Context(), source, &wrong{Target: target, change: change}, silent); !errors.Is(err, ErrDiffers) || !strings.Contains(err.Error(), "calls") {
				t.Errorf("error %v", err)
			}
			must(t, target.Close())
			must(t, CheckTarget(t.Context(), to))
		})
	}
}

// wrong is a target that writes something else in place of the first call.
type wrong struct {
	Target
	change func(storage.Record) []storage.Record
	done   bool
}

func (w *wrong) Import(ctx context.Context, r storage.Record) error {
	if r.Kind != storage.RecordCall || w.done {
		return w.Target.Import(ctx, r)
	}
	w.done = true
	for _, r := range w.change(r) {
		if err := w.Target.Import(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// Ensure that tickets of a thread in another order have another checksum, and that nothing
// else depends on the order.
func TestDigest_Order(t *testing.T) {
	thread := storage.ThreadID{Team: "T1", Channel: "C1", Root: "1.1"}
	digest := func(records ...storage.Record) Digests {
		d := newDigester()
		for _, r := range records {
			must(t, d.add(r))
		}
		return d.all
	}
	one, two := storage.Ticket{Thread: thread, Card: "1"}, storage.Ticket{Thread: thread, Card: "2"}
	first, second := storage.Record{Kind: storage.RecordTicket, Value: one}, storage.Record{Kind: storage.RecordTicket, Value: two}
	if digest(first, second)[storage.RecordTicket] == digest(second, first)[storage.RecordTicket] {
		t.Error("the order of tickets does not count")
	}
	a, b := storage.Record{Kind: storage.RecordKey, Value: storage.StoredKey{Key: "a"}}, storage.Record{Kind: storage.RecordKey, Value: storage.StoredKey{Key: "b"}}
	if digest(a, b)[storage.RecordKey] != digest(b, a)[storage.RecordKey] {
		t.Error("the order of keys counts")
	}
	if digest(a, a)[storage.RecordKey] == digest(b, b)[storage.RecordKey] {
		t.Error("pairs of equal records have the same checksum")
	}
}

// Ensure that stores that are in use, missing, or not empty are refused with what to do.
func TestRefusals(t *testing.T) {
	file, database := filled(t), settings.Database(pgtest.Database(t))
	says := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	_, err := run(t.Context(), settings.Storage{File: file.File + "x"}, database)
	says(err, "there is no store at")
	_, err = run(t.Context(), database, settings.Storage{File: file.File + "x"})
	says(err, "the database has no store")
	_, err = run(t.Context(), file, settings.Storage{File: file.File})
	says(err, "exists: name another file")
	_, err = run(t.Context(), file, settings.Database("postgres://bot:hunter2@127.0.0.1:1/bot"))
	says(err, "check that the server runs")
	_, err = run(t.Context(), file, database)
	must(t, err)
	_, err = run(t.Context(), file, database)
	says(err, "is not empty: there are records in the table enjobridge.questions: name an empty database")
	says(CheckTarget(t.Context(), database), "is not empty")
	s, err := storage.OpenBolt(file.File, storage.BoltOptions{})
	must(t, err)
	defer s.Close()
	_, err = run(t.Context(), file, database)
	says(err, "another enjobridge is using ")
}
