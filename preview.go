package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"enjobridge/internal/preview"
)

// runPreview serves a page with all messages, modals and home tabs until ctx ends.
func runPreview(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("preview", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	addr := flags.String("addr", "127.0.0.1:8098", "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return printUsage(stdout)
	} else if err != nil || flags.NArg() > 0 {
		return &usageError{"preview accepts -addr HOST:PORT"}
	}
	return preview.Run(ctx, *addr, stdout)
}
