// Package migrate copies all records of a store to an empty one of another kind, and verifies
// the copy.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"enjobridge/internal/settings"
	"enjobridge/storage"
	"enjobridge/storage/postgres"
)

// Source is a store that is read as a whole. Until it is closed, no enjobridge uses it.
type Source interface {
	// Export calls visit for each record. An error of visit ends it, and is returned.
	Export(ctx context.Context, visit func(storage.Record) error) error
	Close() error
}

// Target is an empty store that is filled. Nothing of it is left unless Commit returns nil.
type Target interface {
	Source
	// Import writes a record.
	Import(ctx context.Context, r storage.Record) error
	// Commit makes the store complete.
	Commit(ctx context.Context) error
}

// OpenSource opens a store to read all of it.
func OpenSource(ctx context.Context, s settings.Storage) (Source, error) {
	var source Source
	var err error
	if s.IsDatabase() {
		source, err = postgres.OpenExport(ctx, s.URL())
	} else {
		source, err = storage.ExportBolt(s.File, storage.BoltOptions{})
	}
	if err != nil {
		return nil, explain(s, err)
	}
	return source, nil
}

// OpenTarget creates the store to fill.
func OpenTarget(ctx context.Context, s settings.Storage) (Target, error) {
	var target Target
	var err error
	if s.IsDatabase() {
		target, err = postgres.OpenImport(ctx, s.URL())
	} else {
		target, err = storage.ImportBolt(s.File)
	}
	if err != nil {
		return nil, explain(s, err)
	}
	return target, nil
}

// CheckTarget returns the error of OpenTarget, and changes nothing.
func CheckTarget(ctx context.Context, s settings.Storage) error {
	var err error
	if s.IsDatabase() {
		err = postgres.CheckImport(ctx, s.URL())
	} else if _, found := os.Lstat(s.File); !errors.Is(found, fs.ErrNotExist) {
		err = errors.Join(found, fs.ErrExist)
	}
	if err != nil {
		return explain(s, err)
	}
	return nil
}

// explain adds to an error what an operator can do.
func explain(s settings.Storage, err error) error {
	switch {
	case errors.Is(err, storage.ErrNotEmpty):
		return fmt.Errorf("%s: %w: name an empty database, or DROP SCHEMA enjobridge CASCADE if you do not need them", s, err)
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s exists: name another file, or move it away", s)
	case !s.IsDatabase():
		return err
	case errors.Is(err, storage.ErrInUse), errors.Is(err, storage.ErrNotFound):
		return fmt.Errorf("%s: %w", s, err)
	}
	fix, err := postgres.Diagnose(err)
	if errors.As(err, new(*postgres.RefusedError)) {
		return fmt.Errorf("%s: %w", s, err) // its fix is shown as a hint
	}
	return fmt.Errorf("%s: %w: %s", s, err, fix)
}

// ErrDiffers says that the copy differs from its source. It is not left.
var ErrDiffers = errors.New("the copy differs from its source")

// Progress is called now and then with what is being done, and with how many records.
type Progress func(doing string, records int)

// progressEvery is how many records are between two calls of Progress.
const progressEvery = 1000

// Read returns the digests of all records of a store.
func Read(ctx context.Context, from Source, progress Progress) (Digests, error) {
	return each(ctx, "read", from, progress, func(storage.Record) error { return nil })
}

// Copy copies all records from a store to another one, compares both, and commits. Its errors
// leave nothing in the target. It returns the digests of the source.
func Copy(ctx context.Context, from Source, to Target, progress Progress) (Digests, error) {
	read, err := each(ctx, "copied", from, progress, func(r storage.Record) error { return to.Import(ctx, r) })
	if err != nil {
		return nil, err
	}
	written, err := each(ctx, "verified", to, progress, func(storage.Record) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("verify the copy: %w", err)
	}
	for _, kind := range storage.RecordKinds {
		if read[kind] != written[kind] {
			return nil, fmt.Errorf("%w: it has %d %s with the checksum %s, the source %d with %s",
				ErrDiffers, written[kind].Count, kind, written[kind], read[kind].Count, read[kind])
		}
	}
	if err := to.Commit(ctx); err != nil {
		return nil, fmt.Errorf("complete the copy: %w", err)
	}
	return read, nil
}

// each calls do for each record, and returns the digests.
func each(ctx context.Context, doing string, from Source, progress Progress, do func(storage.Record) error) (Digests, error) {
	d := newDigester()
	err := from.Export(ctx, func(r storage.Record) error {
		if err := errors.Join(d.add(r), do(r)); err != nil {
			return err
		}
		if d.records%progressEvery == 0 {
			progress(doing, d.records)
		}
		return nil
	})
	return d.all, err
}
