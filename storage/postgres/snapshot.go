package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"enjobridge/storage"
)

// replicaGone is how long after its last sign of life a replica is taken for ended.
const replicaGone = 15 * time.Second

// Snapshot reads all of a store, as it was at one time.
type Snapshot struct {
	conn *pgx.Conn
	at   time.Time // when damaged records are set aside
}

// OpenSnapshot opens the store at a URL to read all of it, also while replicas use it. It does
// not migrate it. [storage.ErrVersion] if the schema is newer; [storage.ErrNotFound] if there
// is no store, or one of an older version.
func OpenSnapshot(ctx context.Context, url string) (*Snapshot, error) {
	return openSnapshot(ctx, url, func(context.Context, *pgx.Conn) error { return nil })
}

// OpenExport is OpenSnapshot for a store that no replica uses. Until Close, none can start, or
// write. [storage.ErrInUse].
func OpenExport(ctx context.Context, url string) (*Snapshot, error) {
	s, err := openSnapshot(ctx, url, lockTables)
	if err != nil {
		return nil, err
	}
	if err := excludeReplicas(ctx, s.conn); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openSnapshot calls lock before what the snapshot has is decided.
func openSnapshot(ctx context.Context, url string, lock func(context.Context, *pgx.Conn) error) (*Snapshot, error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{conn: conn, at: time.Now()}
	if err := s.begin(ctx, lock); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// connect opens a connection for a long transaction.
func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	config, err := pgxpool.ParseConfig(url) // it knows the parameters of pools
	if err != nil {
		return nil, err
	}
	prepare(config.ConnConfig)
	return pgx.ConnectConfig(ctx, config.ConnConfig)
}

// errNoStore says that there is no schema, or that it is of an older version.
var errNoStore = fmt.Errorf("%w: the database has no store", storage.ErrNotFound)

// unlimited lets a transaction take its time.
const unlimited = `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`

func (s *Snapshot) begin(ctx context.Context, lock func(context.Context, *pgx.Conn) error) error {
	_, err := s.conn.PgConn().Exec(ctx, `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; `+unlimited).ReadAll()
	if err != nil {
		return err
	}
	if err := lock(ctx, s.conn); hasCode(err, "3F000", "42P01") { // there is no such schema, or table
		return errNoStore
	} else if err != nil {
		return err
	}
	files, err := schemaFiles()
	if err != nil {
		return err
	}
	var exists bool
	version := 0
	err = s.conn.QueryRow(ctx, `SELECT to_regclass('enjobridge.about') IS NOT NULL`).Scan(&exists)
	if err == nil && exists {
		err = s.conn.QueryRow(ctx, `SELECT version FROM enjobridge.about`).Scan(&version)
	}
	switch {
	case err != nil:
		return err
	case version == 0:
		return errNoStore
	case version > len(files):
		return fmt.Errorf("%w: its schema has version %d, and this one knows up to %d", storage.ErrVersion, version, len(files))
	case version < len(files):
		return fmt.Errorf("%w: the store is of an older version: start this version of enjobridge with it once, which migrates it", storage.ErrNotFound)
	}
	return nil
}

// excludeReplicas keeps replicas from starting until the transaction ends. [storage.ErrInUse] if
// there are any.
func excludeReplicas(ctx context.Context, conn *pgx.Conn) error {
	if err := tryLock(ctx, conn); err != nil {
		return err
	}
	return checkUnused(ctx, conn)
}

// lockWithin is how long to wait for the lock: the server can take a moment to notice that a
// process has ended which had it.
const lockWithin = 2 * time.Second

// tryLock takes the lock that each replica needs to start. [storage.ErrInUse].
func tryLock(ctx context.Context, conn *pgx.Conn) error {
	return lockSoon(ctx, conn, `SELECT pg_advisory_xact_lock($1)`, migrationLock)
}

// lockTables waits until nobody writes, and keeps all from writing until the transaction ends.
// Unlike a query, it does not decide yet what a snapshot has: all that was written until then.
func lockTables(ctx context.Context, conn *pgx.Conn) error {
	return lockSoon(ctx, conn, `LOCK TABLE `+strings.Join(append(exportedTables(), "enjobridge.replicas", "enjobridge.leases"), ", ")+` IN SHARE MODE`)
}

// lockSoon runs a statement that takes locks. [storage.ErrInUse].
func lockSoon(ctx context.Context, conn *pgx.Conn, statement string, args ...any) error {
	_, err := conn.Exec(ctx, fmt.Sprintf(`SET LOCAL lock_timeout = %d`, lockWithin.Milliseconds()))
	if err == nil {
		_, err = conn.Exec(ctx, statement, args...)
	}
	if hasCode(err, "55P03") { // lock_not_available
		return fmt.Errorf("%w: a replica is starting, or another migration runs", storage.ErrInUse)
	}
	return err
}

// checkUnused returns [storage.ErrInUse] if there are replicas.
func checkUnused(ctx context.Context, conn *pgx.Conn) error {
	n, err := countReplicas(ctx, conn)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%w. Stop all replicas (%d); one that was killed counts for %d seconds", storage.ErrInUse, n, int(replicaGone.Seconds()))
	}
	return nil
}

// countReplicas returns how many replicas use the store.
func countReplicas(ctx context.Context, conn *pgx.Conn) (n int, err error) {
	err = conn.QueryRow(ctx, `SELECT count(*) FROM (
			SELECT id FROM enjobridge.replicas WHERE seen_at > clock_timestamp() - make_interval(secs => $1)
			UNION SELECT owner FROM enjobridge.leases WHERE ends_at > clock_timestamp()) AS used`, replicaGone.Seconds()).Scan(&n)
	return n, err
}

// Close ends the transaction.
func (s *Snapshot) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return s.conn.Close(ctx)
}
