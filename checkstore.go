package main

import (
	"context"

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
			"exit status is 1 if there are problems: restore a backup.",
		ArgValidator: acceptArgs(0, 1),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "compact", Usage: "then shrink the file, if there are no problems; erased texts cannot be recovered from it"},
		},
		Action: func(_ context.Context, c *cli.Command) error {
			file := c.Args().First()
			if file == "" {
				var err error
				if file, err = settings.Storage(); err != nil {
					return err
				}
			}
			return ops.CheckStore(file, c.Bool("compact"), c.Root().Writer)
		},
	}
}
