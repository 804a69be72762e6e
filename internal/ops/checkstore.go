package ops

import (
	"fmt"
	"io"

	"enjobridge/storage"
)

// CheckStore verifies the store in a file and prints a report. If there are no
// problems, compact shrinks the file. CheckStore returns an error if the store has
// problems, is missing or is in use.
func CheckStore(path string, compact bool, out io.Writer) error {
	report, err := storage.CheckBolt(path, storage.BoltOptions{})
	if err != nil {
		return err
	}
	if err := printReport(out, path, report); err != nil || !compact {
		return err
	}
	before, after, err := storage.CompactBolt(path, storage.BoltOptions{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "compacted: from %d to %d bytes\n", before, after)
	return err
}

// printReport prints a report. It returns an error if the store has problems.
func printReport(out io.Writer, path string, r storage.Report) error {
	fmt.Fprintf(out, "%s: %d bytes, about %d of them free\n", path, r.Size, r.Free)
	fmt.Fprintf(out, "questions %d (unfinished %d), threads %d, tickets %d, feedback %d, seen %d\n",
		r.Questions, r.Unfinished, r.Threads, r.Tickets, r.Feedback, r.Seen)
	if len(r.SetAside) > 0 {
		fmt.Fprintf(out, "set aside %d: damaged records that enjobridge does without; RETENTION deletes them\n", len(r.SetAside))
	}
	for _, record := range r.SetAside {
		fmt.Fprintln(out, "set aside:", record)
	}
	if r.Schema < storage.Schema {
		fmt.Fprintf(out, "schema %d: the next start of enjobridge copies the file and migrates it to schema %d\n", r.Schema, storage.Schema)
	}
	for _, problem := range r.Problems {
		fmt.Fprintln(out, "problem:", problem)
	}
	if len(r.Problems) > 0 {
		return fmt.Errorf("the store %s has problems: restore a backup, or move the file away to start with an empty store; "+
			"damaged records alone do not prevent a start: enjobridge sets them aside when it reads them", path)
	}
	_, err := fmt.Fprintln(out, "no problems")
	return err
}
