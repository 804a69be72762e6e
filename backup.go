package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// backupCommand has the running enjobridge take a backup.
func backupCommand() *cli.Command {
	return &cli.Command{
		Name:         "backup",
		Usage:        "write a copy of the running enjobridge's store to a file",
		ArgsUsage:    "FILE",
		Description:  "FILE appears only when it is complete, with mode 0600. It contains the same texts as the store.\n" + asksTheRunning,
		ArgValidator: acceptArgs(1, 1),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Usage: "replace FILE if it exists"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			socket, err := settings.AdminSocket()
			if err != nil {
				return err
			}
			store, err := settings.Storage()
			if err != nil {
				return err
			}
			file := c.Args().First()
			size, err := ops.Backup(ctx, ops.Download{Socket: socket, Store: store, File: file, Replace: c.Bool("force")})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Root().Writer, "%s: %d bytes\n", file, size)
			return err
		},
	}
}
