package postgres

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"enjobridge/storage"
)

// migrations are the files of the schema, in order: the first one leads to version 1.
//
//go:embed schema/*.sql
var migrations embed.FS

// migrationLock is held by the replica that migrates.
var migrationLock = lockName("migration")

// schemaFiles returns the names of the migrations.
func schemaFiles() ([]string, error) { return fs.Glob(migrations, "schema/*.sql") }

// migrate brings the schema up to date, in one transaction. Replicas that start together
// wait for each other. It returns [storage.ErrVersion] if the schema is newer.
func migrate(ctx context.Context, pool *pgxpool.Pool, migrated func(from, to int)) error {
	files, err := schemaFiles()
	if err != nil {
		return err
	}
	from := 0
	writable := pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite} // whatever the server's settings are
	err = pgx.BeginTxFunc(ctx, pool, writable, func(t pgx.Tx) error {
		if _, err := t.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, migrationLock); err != nil {
			return err
		}
		if from, err = schemaVersion(ctx, t); err != nil {
			return err
		}
		if from > len(files) {
			return fmt.Errorf("%w: its schema has version %d, and this one knows up to %d", storage.ErrVersion, from, len(files))
		}
		for n, name := range files[from:] {
			if err := apply(ctx, t, name, from+n+1); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("migrate the schema of the database: %w", err)
	}
	if from < len(files) && migrated != nil {
		migrated(from, len(files))
	}
	return nil
}

// schemaVersion returns the version of the schema; 0 if there is none. ErrForeign.
func schemaVersion(ctx context.Context, t pgx.Tx) (version int, err error) {
	var known, used bool
	err = t.QueryRow(ctx, `SELECT
			EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('enjobridge.about') AND attname = 'version' AND atttypid = 'integer'::regtype),
			EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('enjobridge'))`).Scan(&known, &used)
	switch {
	case err != nil:
		return 0, err
	case !used:
		return 0, nil
	case !known:
		return 0, fmt.Errorf("the schema enjobridge is %w", storage.ErrForeign)
	}
	err = t.QueryRow(ctx, `SELECT version FROM enjobridge.about`).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fmt.Errorf("the schema enjobridge is %w", storage.ErrForeign)
	}
	return version, err
}

// apply runs the statements of a file, which leads to a version.
func apply(ctx context.Context, t pgx.Tx, name string, version int) error {
	statements, err := migrations.ReadFile(name)
	if err != nil {
		return err
	}
	if _, err := t.Conn().PgConn().Exec(ctx, string(statements)).ReadAll(); err != nil {
		return err
	}
	_, err = t.Exec(ctx, `UPDATE enjobridge.about SET version = $1`, version)
	return err
}
