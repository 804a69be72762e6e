package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// runBackup has the running enjobridge take a backup.
func runBackup(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("backup", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	force := flags.Bool("force", false, "")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return printUsage(stdout)
	} else if err != nil || flags.NArg() != 1 || flags.Arg(0) == "" {
		return &usageError{"backup accepts -force and the FILE to write"}
	}
	if settings.UsesPostgres() {
		return &usageError{"backup copies a store in a file, and STORAGE is a PostgreSQL database: use pg_dump"}
	}
	socket, err := settings.AdminSocket()
	if err != nil {
		return err
	}
	store, err := settings.Storage()
	if err != nil {
		return err
	}
	size, err := ops.Backup(ctx, ops.Download{Socket: socket, Store: store, File: flags.Arg(0), Replace: *force})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: %d bytes\n", flags.Arg(0), size)
	return err
}
