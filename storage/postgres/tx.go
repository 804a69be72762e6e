package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// sender is a connection or a pool.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// tx is a transaction of the writer, or reads for themselves. Writes are sent together with
// the next read, or with the commit. An operation works with one goroutine.
type tx struct {
	ctx     context.Context
	db      sender
	id      string            // of the transaction in the database; empty without one
	session int32             // the process ID of the server's session
	lease   int64             // the token of the lease that is valid; 0 for none
	op      *operation        // the one that runs
	locked  map[int64]bool    // the advisory locks that are held
	records map[string][]byte // what was read or written, by table and key; nil for no record
	keys    map[storage.Key]storedKey
	// unfinished and tickets are lists that were read, and can contain more than what is
	// listed: unfinished questions, and the tickets with an ID.
	unfinished map[group][]identity
	tickets    map[string][]identity
	waiting    waiting
	// partial is the error of a method that failed after its first write in a decision, which
	// then fails, too.
	partial error
	pending *pgx.Batch // statements that are not sent yet
	writes  int
	failure error // by which the transaction was aborted

	silent    bool // its changes are not announced
	announced bool // so that the commit notifies those who listen
}

// newTx returns a transaction that has not begun.
func newTx(ctx context.Context, db sender) *tx {
	return &tx{
		ctx: ctx, db: db,
		records: make(map[string][]byte), keys: make(map[storage.Key]storedKey),
		unfinished: make(map[group][]identity), tickets: make(map[string][]identity),
		waiting: waiting{inThread: make(map[storage.ThreadID]int), ofAsker: make(map[string]int)},
	}
}

// lockName returns the number of the advisory lock with a name.
func lockName(kind string, parts ...string) int64 {
	hash := sha256.New()
	hash.Write([]byte(kind))
	for _, part := range parts {
		hash.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		hash.Write([]byte(part))
	}
	return int64(binary.BigEndian.Uint64(hash.Sum(nil)))
}

// leaseLock is held for sharing by each fenced transaction, and alone by who takes the lease.
var leaseLock = lockName("lease")

func channelLock(team, channel string) int64 { return lockName("channel", team, channel) }

func ticketLock(id string) int64 { return lockName("ticket", id) }

func personLock(user string) int64 { return lockName("person", user) }

// begin begins the transaction, takes locks, and reads records, in one round trip.
func (t *tx) begin(n needs) error {
	t.locked = make(map[int64]bool)
	var b pgx.Batch
	t.identify(&b)
	if n.fenced {
		// The lease cannot be taken until this transaction has ended.
		b.Queue(`SELECT pg_advisory_xact_lock_shared($1)`, leaseLock)
		b.Queue(`SELECT token FROM enjobridge.leases WHERE ends_at > clock_timestamp()`).Query(func(rows pgx.Rows) error {
			return scanEach(rows, func() error { return rows.Scan(&t.lease) })
		})
	}
	if locks := n.allLocks(); len(locks) > 0 {
		b.Queue(`SELECT pg_advisory_xact_lock(n) FROM unnest($1::bigint[]) AS n`, locks)
		for _, lock := range locks {
			t.locked[lock] = true
		}
	}
	t.readAhead(&b, n)
	if err := t.db.SendBatch(t.ctx, &b).Close(); err != nil {
		return errors.Join(err, t.rollback())
	}
	return nil
}

// identify begins the transaction, and reads how it is found.
func (t *tx) identify(b *pgx.Batch) {
	begin(b)
	b.Queue(`SELECT pg_current_xact_id()::text, pg_backend_pid()`).QueryRow(func(row pgx.Row) error { return row.Scan(&t.id, &t.session) })
}

// begin begins a transaction with what its correctness depends on, whatever the settings of
// the server are.
func begin(b *pgx.Batch) {
	b.Queue(`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`)
	b.Queue(`SELECT set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true),
		CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END`,
		milliseconds(statementTimeout), milliseconds(idleTimeout))
}

// milliseconds returns a duration as a setting of the server.
func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// run runs an operation.
func (t *tx) run(op *operation) (err error) {
	if op.lease != nil && t.lease != op.lease.Token {
		return storage.ErrLeaseLost
	}
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p}
		}
	}()
	t.op, t.partial = op, nil
	if err := op.change(t); err != nil {
		return err
	}
	return t.partial
}

// method runs a method of a decision.
func (t *tx) method(n needs, change func(*tx) error) error {
	before := t.writes
	err := t.prepare(n)
	if err == nil {
		err = change(t)
	}
	if err != nil && t.writes > before {
		t.partial = err
	}
	return err
}

// lock takes advisory locks that the transaction does not have. They are taken before the
// next query.
func (t *tx) lock(locks ...int64) {
	slices.Sort(locks) // so that two transactions do not wait for each other
	for _, lock := range locks {
		if t.locked == nil || t.locked[lock] {
			continue
		}
		t.locked[lock] = true
		t.batch().Queue(`SELECT pg_advisory_xact_lock($1)`, lock)
	}
}

// exec adds a write. It is sent later, and cannot fail by what the database holds.
func (t *tx) exec(sql string, args ...any) {
	t.batch().Queue(sql, args...)
	t.writes++
}

// batch returns the statements that are not sent yet.
func (t *tx) batch() *pgx.Batch {
	if t.pending == nil {
		t.pending = new(pgx.Batch)
	}
	return t.pending
}

// query sends the writes so far, and a query.
func (t *tx) query(sql string, args []any, read func(pgx.Rows) error) error {
	b := t.takePending()
	b.Queue(sql, args...).Query(read)
	return t.send(b)
}

// takePending returns the statements that are not sent yet, which the caller sends.
func (t *tx) takePending() *pgx.Batch {
	b := t.batch()
	t.pending = nil
	return b
}

// send sends statements, and reads their results. Statements that are sent together outside
// of a transaction are one, so that its settings last until their end.
func (t *tx) send(b *pgx.Batch) error {
	if t.locked == nil {
		bounded := new(pgx.Batch)
		bounded.Queue(`SELECT set_config('statement_timeout', $1, true)`, milliseconds(statementTimeout))
		bounded.QueuedQueries = append(bounded.QueuedQueries, b.QueuedQueries...)
		b = bounded
	}
	err := t.db.SendBatch(t.ctx, b).Close()
	if t.failure == nil && t.id != "" {
		t.failure = err
	}
	return err
}

// scanEach calls scan for each row.
func scanEach(rows pgx.Rows, scan func() error) error {
	for rows.Next() {
		if err := scan(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// commit sends the writes that are left, and commits.
func (t *tx) commit() error {
	b := t.takePending()
	if t.announced {
		b.Queue(`SELECT pg_notify($1, '')`, notifications)
	}
	b.Queue(`COMMIT`)
	return t.send(b)
}

// rollback undoes the transaction. If that fails, the connection is closed, which undoes it, too.
func (t *tx) rollback() error {
	t.pending = nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), time.Second)
	defer cancel()
	var b pgx.Batch
	b.Queue(`ROLLBACK`)
	_ = t.db.SendBatch(ctx, &b).Close()
	return nil
}

// timeOf returns a time as a column has it: NULL for none.
func timeOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
