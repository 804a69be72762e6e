package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/ops"
	"enjobridge/internal/settings"
)

// pgDump writes a backup of a database to a file, which pg_restore reads. It asks for the
// password, or takes it from PGPASSFILE; in the URL, the list of processes would show it.
// https://www.postgresql.org/docs/15/app-pgdump.html
const pgDump = "pg_dump --schema=enjobridge --format=custom --file=%s --username=USER %s"

// backupCommand has the running enjobridge take a backup.
func backupCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "write a copy of the running enjobridge's store to a file",
		ArgsUsage: "FILE",
		Description: "FILE appears only when it is complete, with mode 0600. It contains the same texts as the store.\n" +
			"It copies a file. If STORAGE is a PostgreSQL database, use " + fmt.Sprintf(pgDump, "FILE", "URL") + "\n" + asksTheRunning,
		ArgValidator: acceptArgs(1, 1),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Usage: "replace FILE if it exists"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			store, err := settings.ReadStorage()
			if err != nil {
				return err
			}
			if store.IsDatabase() {
				return fmt.Errorf("the store is a database: back it up with "+pgDump, c.Args().First(), store)
			}
			socket, err := settings.AdminSocket()
			if err != nil {
				return err
			}
			file := c.Args().First()
			size, err := ops.Backup(ctx, ops.Download{Socket: socket, Store: store.File, File: file, Replace: c.Bool("force")})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Root().Writer, "%s: %d bytes\n", file, size)
			return err
		},
	}
}
