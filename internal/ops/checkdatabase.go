package ops

import (
	"context"
	"errors"
	"fmt"
	"io"

	"enjobridge/storage"
	"enjobridge/storage/postgres"
)

// CheckDatabase reads all records of the store in a database, as they are at one time, and
// prints a report. It returns an error if the store has problems, is missing, or is of another
// version.
func CheckDatabase(ctx context.Context, url string, out io.Writer) (err error) {
	where := postgres.Redacted(url)
	store, err := postgres.OpenSnapshot(ctx, url)
	switch {
	case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrVersion):
		return fmt.Errorf("%s: %w", where, err)
	case err != nil:
		fix, err := postgres.Diagnose(err)
		return fmt.Errorf("%s: %w: %s", where, err, fix)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	r := databaseReport{counts: make(map[storage.RecordKind]int)}
	if err := store.Export(ctx, r.add); err != nil {
		return err
	}
	return r.print(out, where)
}

// databaseReport is what was found in a database.
type databaseReport struct {
	counts     map[storage.RecordKind]int
	unfinished int
	setAside   []storage.Damaged
	unreadable []storage.Damaged // they are not set aside yet
}

func (r *databaseReport) add(record storage.Record) error {
	r.counts[record.Kind]++
	switch v := record.Value.(type) {
	case storage.Question:
		if !v.State.Ended() {
			r.unfinished++
		}
	case storage.Damaged:
		if v.Found {
			r.unreadable = append(r.unreadable, v)
		} else {
			r.setAside = append(r.setAside, v)
		}
	}
	return nil
}

// print prints the report. It returns an error if the store has problems.
func (r *databaseReport) print(out io.Writer, where string) error {
	fmt.Fprintf(out, "%s: questions %d (unfinished %d), threads %d, tickets %d, feedback %d, keys %d\n", where, r.counts[storage.RecordQuestion],
		r.unfinished, r.counts[storage.RecordThread], r.counts[storage.RecordTicket], r.counts[storage.RecordFeedback], r.counts[storage.RecordKey])
	if len(r.setAside) > 0 {
		fmt.Fprintf(out, "set aside %d: damaged records that enjobridge does without; RETENTION deletes them\n", len(r.setAside))
	}
	for _, d := range r.setAside {
		fmt.Fprintln(out, "set aside:", d.Source, d.Key)
	}
	for _, d := range r.unreadable {
		fmt.Fprintln(out, "problem: cannot be read:", d.Source, d.Key)
	}
	if len(r.unreadable) > 0 {
		return fmt.Errorf("the store in %s has problems: restore a backup; damaged records alone do not prevent a start: enjobridge sets them aside when it reads them", where)
	}
	_, err := fmt.Fprintln(out, "no problems")
	return err
}
