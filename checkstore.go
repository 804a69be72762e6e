package main

import (
	"errors"
	"flag"
	"io"

	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// runCheckStore verifies a store that no process uses. With -compact it then shrinks
// the file.
func runCheckStore(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("check-store", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	compact := flags.Bool("compact", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return printUsage(stdout)
	} else if err != nil || flags.NArg() > 1 {
		return &usageError{"check-store accepts -compact and the store's FILE, which defaults to STORAGE"}
	}
	file := flags.Arg(0)
	if file == "" {
		var err error
		if file, err = settings.Storage(); err != nil {
			return err
		}
	}
	return ops.CheckStore(file, *compact, stdout)
}
