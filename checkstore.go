package main

import (
	"cmp"
	"errors"
	"flag"
	"io"

	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// runCheckStore verifies a store that no process uses, and with -compact makes
// its file small.
func runCheckStore(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("check-store", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	compact := flags.Bool("compact", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return printUsage(stdout)
	} else if err != nil || flags.NArg() > 1 {
		return &usageError{"check-store takes -compact, and the store's FILE unless STORAGE names it"}
	}
	return ops.CheckStore(cmp.Or(flags.Arg(0), settings.Storage()), *compact, stdout)
}
