package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"

	"enjobridge/internal/settings"
	"enjobridge/storage"
)

// checkStore verifies a store that nobody uses, and with -compact writes it anew.
func checkStore(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("check-store", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	compact := flags.Bool("compact", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return printUsage(stdout)
	} else if err != nil || flags.NArg() > 1 {
		return &usageError{"check-store takes -compact, and the store's FILE unless STORAGE names it"}
	}
	path := cmp.Or(flags.Arg(0), settings.Storage())

	report, err := storage.CheckBolt(path, storage.BoltOptions{})
	if err != nil {
		return err
	}
	if err := printReport(stdout, path, report); err != nil || !*compact {
		return err
	}
	before, after, err := storage.CompactBolt(path, storage.BoltOptions{})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "compacted: %d bytes became %d\n", before, after)
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
