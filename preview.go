package main

import (
	"context"
	"errors"
	"flag"
	"io"

	"enjobridge/internal/preview"
	"enjobridge/internal/settings"
)

// runPreview serves a page with all messages, modals and home tabs until ctx ends, or has
// Slack validate them.
func runPreview(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("preview", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	addr := flags.String("addr", "127.0.0.1:8098", "")
	validate := flags.Bool("validate", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return printUsage(stdout)
	} else if err != nil || flags.NArg() > 0 {
		return &usageError{"preview accepts -addr HOST:PORT or -validate"}
	}
	if *validate {
		access, err := settings.ReadSlack()
		if err != nil {
			return err
		}
		return preview.Validate(ctx, access.URL, access.Token, stdout)
	}
	return preview.Run(ctx, *addr, stdout)
}
