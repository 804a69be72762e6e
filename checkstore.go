package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// checkStoreCommand verifies a store that no process uses, and can shrink its file.
func checkStoreCommand() *cli.Command {
	return &cli.Command{
		Name:      "check-store",
		Usage:     "verify the store while enjobridge is stopped",
		ArgsUsage: "[FILE]",
		Description: "FILE is the store's file; the default is STORAGE. It checks all pages, records and indexes. The\n" +
			"exit status is 1 if there are problems: restore a backup. If STORAGE is a PostgreSQL database, it\n" +
			"reads all records, also while enjobridge runs.",
		ArgValidator: acceptArgs(0, 1),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "compact", Usage: "then shrink the file, if there are no problems; erased texts cannot be recovered from it"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if file := c.Args().First(); file != "" {
				return ops.CheckStore(file, c.Bool("compact"), c.Root().Writer)
			}
			store, err := settings.ReadStorage()
			switch {
			case err != nil:
				return err
			case !store.IsDatabase():
				return ops.CheckStore(store.File, c.Bool("compact"), c.Root().Writer)
			case c.Bool("compact"):
				return errors.New("the store is a database, which reuses the space of erased texts itself: -compact is for files")
			}
			return ops.CheckDatabase(ctx, store.URL(), c.Root().Writer)
		},
	}
}
