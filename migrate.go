package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"enjobridge/internal/migrate"
	"enjobridge/internal/settings"
	"enjobridge/storage"
)

// migrateCommand copies a store from a file to a database, or back.
func migrateCommand() *cli.Command {
	return &cli.Command{
		Name:  "migrate",
		Usage: "copy the store from a file to a PostgreSQL database, or back, while enjobridge is stopped",
		Description: "STORE is a file, or an address such as postgres://user@host/database. One of -from and -to can be left\n" +
			"out: it is STORAGE. Others can see the arguments of a process: have the password in STORAGE_FILE, or in\n" +
			"PGPASSWORD or PGPASSFILE. The target must be empty, and the source is not changed. The copy is compared\n" +
			"with its source before it is complete. If it is interrupted, nothing of it is left: run it again.",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "from", Usage: "read the records of `STORE`"},
			&cli.StringFlag{Name: "to", Usage: "write them to `STORE`"},
			&cli.BoolFlag{Name: "dry-run", Usage: "read and count the records, check that the target is empty, and write nothing"},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			from, to, err := migrated(c)
			if err != nil {
				return err
			}
			if c.Bool("dry-run") {
				return tryMigrating(ctx, c, from, to)
			}
			return runMigration(ctx, c, from, to)
		},
	}
}

// migrated returns the stores that the arguments of migrate and STORAGE name.
func migrated(c *cli.Command) (from, to settings.Storage, err error) {
	if c.String("from") == "" && c.String("to") == "" {
		return from, to, newUsageError(c, "name the store to write with -to, or the one to read with -from; the other one is STORAGE")
	}
	for flag, s := range map[string]*settings.Storage{"from": &from, "to": &to} {
		if c.String(flag) == "" {
			*s, err = settings.ReadStorage()
		} else if *s, err = settings.ParseStorage(c.String(flag)); err != nil {
			err = newUsageError(c, "-"+flag+" "+err.Error())
		}
		if err != nil {
			return from, to, err
		}
	}
	if from.String() == to.String() {
		return from, to, newUsageError(c, fmt.Sprintf("-from and -to are the same store: %s", from))
	}
	return from, to, nil
}

// tryMigrating counts the records and checks the target.
func tryMigrating(ctx context.Context, c *cli.Command, from, to settings.Storage) (err error) {
	source, err := migrate.OpenSource(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if err := migrate.CheckTarget(ctx, to); err != nil {
		return err
	}
	digests, err := migrate.Read(ctx, source, progressOn(c.Root().ErrWriter))
	if err != nil {
		return err
	}
	printDigests(c.Root().Writer, digests)
	_, err = fmt.Fprintf(c.Root().Writer, "nothing was written: migrate would copy %s from %s to %s, which is empty\n",
		count(digests.Records(), "record", "records"), from, to)
	return err
}

// runMigration copies the records.
func runMigration(ctx context.Context, c *cli.Command, from, to settings.Storage) (err error) {
	source, err := migrate.OpenSource(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := migrate.OpenTarget(ctx, to)
	if err != nil {
		return err
	}
	digests, err := migrate.Copy(ctx, source, target, progressOn(c.Root().ErrWriter))
	if err := errors.Join(err, target.Close()); err != nil {
		return err
	}
	printDigests(c.Root().Writer, digests)
	_, err = fmt.Fprintf(c.Root().Writer, "copied and verified %s from %s to %s: now set STORAGE to that, and start enjobridge\n",
		count(digests.Records(), "record", "records"), from, to)
	return err
}

// progressOn shows progress on a terminal, in one line.
func progressOn(out io.Writer) migrate.Progress {
	if terminalOf(out) == nil {
		return func(string, int) {}
	}
	return func(doing string, records int) { fmt.Fprintf(out, "\r%s %d records \r", doing, records) }
}

// printDigests prints how many records of each kind there are, with their checksums.
func printDigests(out io.Writer, digests migrate.Digests) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, kind := range storage.RecordKinds {
		if d := digests[kind]; d.Count > 0 {
			fmt.Fprintf(table, "%s\t%d\t%s\n", kind, d.Count, d)
		}
	}
	_ = table.Flush() // the summary below reports the error
}
