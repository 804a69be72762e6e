// Package postgres is a [storage.Replicated] store in a PostgreSQL database, in the schema
// enjobridge.
//
// Each record is stored as JSON, as package storage encodes it, beside the columns by which
// it is found. Of what a transaction reads before it writes, it holds an advisory lock: one
// for each channel, each ticket ID, each person, and each key that belongs to no channel. So
// the rules of package storage decide on data that does not change meanwhile.
//
// A [writer] runs the write operations that wait in one transaction. It sends statements only
// when it needs a result: an operation whose reads are declared takes two round trips, and
// so do a hundred that wait together.
//
// Nothing depends on the session of a connection: no prepared statements, no session locks.
// So pgbouncer can pool transactions; only [Store.Listen] needs its own connection.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"enjobridge/storage"
	"enjobridge/storage/groupcommit"
)

// Options configure a [Store]. The zero value is usable.
type Options struct {
	// ListenURL is a direct address of the database for [Store.Listen], if the one of the
	// store leads to a pooler; empty for the same address.
	ListenURL string
	// Migrated is called when Open has migrated the schema.
	Migrated func(from, to int)
	// Tracer observes the round trips, for tests; nil for none.
	Tracer pgx.QueryTracer
}

const (
	// connectTimeout bounds the opening of a connection.
	connectTimeout = 5 * time.Second
	// statementTimeout bounds each statement, and idleTimeout how long the server waits for
	// the next one of a transaction: a replica that is frozen must not hold its locks.
	statementTimeout = 5 * time.Second
	idleTimeout      = 3 * time.Second
	// transactionTimeout bounds a transaction, seen from here.
	transactionTimeout = 10 * time.Second
	// pingTimeout bounds the check of a connection that was idle.
	pingTimeout = 2 * time.Second
	// maxConnections is the number of connections for reading, unless the URL sets
	// pool_max_conns.
	maxConnections = 8
	// reserved is the number of connections for the writer, its look-ups and the lease. One
	// that is dead is closed only after a while.
	reserved = 4
)

// Store is a [storage.Replicated] store. Those that [Store.Fenced] and [Store.Decide] return
// share its connections.
type Store struct {
	*database
	// lease is that of a fenced Store, and lost is called when it has ended; nil for others.
	lease *storage.Lease
	lost  func()
	// tx is the transaction of a decision; nil outside.
	tx *tx
}

var _ storage.Replicated = (*Store)(nil)

// database is what the Stores of a process share.
type database struct {
	// pool is for reading. Reads, which can take all of its connections, must not keep the
	// writer and the lease from working: they use reserved.
	pool, reserved *pgxpool.Pool

	writer *writer
	listen listening
	hook   func(op string, took time.Duration, err error) // nil for none

	closing sync.Once
}

// Open opens the store at a URL, such as postgres://user@host/database, and migrates its
// schema. https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the address of the database: %w", err)
	}
	prepare(config.ConnConfig)
	config.PingTimeout = pingTimeout
	if given, err := pgx.ParseConfig(url); err == nil && given.RuntimeParams["pool_max_conns"] == "" {
		config.MaxConns = maxConnections
	}
	db := &database{listen: listening{config: config.ConnConfig.Copy(), pingEvery: pingEvery}}
	if options.ListenURL != "" {
		if db.listen.config, err = pgx.ParseConfig(options.ListenURL); err != nil {
			return nil, fmt.Errorf("read the address of the database to listen at: %w", err)
		}
		db.listen.direct = true
		prepare(db.listen.config)
	}
	config.ConnConfig.Tracer = options.Tracer
	// A pooler can hand on what another connection listens to. By default, it would be kept.
	config.ConnConfig.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) {}
	if err := db.connect(ctx, config); err != nil {
		return nil, err
	}
	if err := migrate(ctx, db.reserved, options.Migrated); err != nil {
		db.disconnect()
		return nil, err
	}
	db.writer = newWriter(db.reserved)
	return &Store{database: db}, nil
}

// connect creates the pools, which connect when a connection is needed.
func (db *database) connect(ctx context.Context, config *pgxpool.Config) (err error) {
	if db.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	config = config.Copy()
	config.MaxConns = reserved
	config.MinConns, config.MinIdleConns = 0, 0
	if db.reserved, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		db.pool.Close()
		return fmt.Errorf("connect to the database: %w", err)
	}
	return nil
}

// disconnect closes the connections when they are not used any more. Those that hang take a
// while, so it closes both pools at once.
func (db *database) disconnect() {
	var both sync.WaitGroup
	both.Go(db.pool.Close)
	both.Go(db.reserved.Close)
	both.Wait()
}

// prepare makes connections work behind a pooler: a statement that was prepared in one
// transaction may not exist in the next.
func prepare(config *pgx.ConnConfig) {
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	if config.ConnectTimeout == 0 || config.ConnectTimeout > connectTimeout {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "enjobridge"
	}
}

// Close waits for the running transaction and closes the connections.
func (s *Store) Close() error {
	if s.lease != nil || s.tx != nil {
		return nil
	}
	s.closing.Do(func() {
		s.writer.queue.Close()
		s.disconnect()
	})
	return nil
}

// Observe implements [storage.Store].
func (s *Store) Observe(hook func(op string, took time.Duration, err error)) { s.hook = hook }

// report starts the measurement of an operation. The returned function reports the
// operation; call it at the end.
func (s *Store) report(op string) func(err *error) {
	if s.hook == nil {
		return func(*error) {}
	}
	began := time.Now()
	return func(err *error) { s.hook(op, time.Since(began), *err) }
}

// Fenced implements [storage.Replicated].
func (s *Store) Fenced(lease storage.Lease, lost func()) storage.Store {
	return &Store{database: s.database, lease: &lease, lost: lost}
}

// Decide implements [storage.Store].
func (s *Store) Decide(ctx context.Context, scope storage.Scope, decide func(storage.Store) error) (err error) {
	defer s.report("decide")(&err)
	return s.update(ctx, scopeOf(scope), func(t *tx) error {
		return decide(&Store{database: s.database, lease: s.lease, tx: t})
	})
}

// update runs change in a transaction that is on disk when update returns nil. It may run
// change more than once, and together with other changes. Variables that change sets are
// valid only if update returns nil.
func (s *Store) update(ctx context.Context, needs needs, change func(*tx) error) error {
	if s.tx != nil {
		return s.tx.method(needs, change)
	}
	err := s.repairing(ctx, func() error {
		return s.writer.do(ctx, &operation{needs: needs, lease: s.lease, change: change, answer: make(chan error, 1)})
	})
	if s.lost != nil && errors.Is(err, storage.ErrLeaseLost) {
		s.lost()
	}
	return err
}

// view runs read, whose queries see what is on disk, each for itself.
func (s *Store) view(ctx context.Context, read func(*tx) error) error {
	if s.tx != nil {
		return read(s.tx)
	}
	return s.repairing(ctx, func() error { return s.viewOnce(ctx, read) })
}

func (s *Store) viewOnce(ctx context.Context, read func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.writer.queue.Closed() {
		return groupcommit.ErrClosed
	}
	within, cancel := context.WithTimeout(ctx, transactionTimeout)
	defer cancel()
	err := read(newTx(within, s.pool))
	if (isLost(err) || within.Err() != nil) && ctx.Err() == nil {
		s.pool.Reset() // the other connections may be dead, too
	}
	return translated(err)
}
