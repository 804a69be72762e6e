package ops

import (
	"fmt"
	"io"

	"enjobridge/storage"
)

// CheckStore verifies the store in a file, and prints what it holds. If there are
// no problems, compact makes its file small. Its errors are problems in the store,
// and a store that is missing or in use.
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
	_, err = fmt.Fprintf(out, "compacted: %d bytes became %d\n", before, after)
	return err
}

// printReport prints what was found in a store. Problems are its error.
func printReport(out io.Writer, path string, r storage.Report) error {
	fmt.Fprintf(out, "%s: %d bytes, about %d of them free\n", path, r.Size, r.Free)
	fmt.Fprintf(out, "questions %d (unfinished %d), threads %d, tickets %d, feedback %d, seen %d\n",
		r.Questions, r.Unfinished, r.Threads, r.Tickets, r.Feedback, r.Seen)
	for _, problem := range r.Problems {
		fmt.Fprintln(out, "problem:", problem)
	}
	if len(r.Problems) > 0 {
		return fmt.Errorf("the store %s has problems: restore a backup, or move it away to begin with an empty store", path)
	}
	_, err := fmt.Fprintln(out, "no problems")
	return err
}
