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

// importBatch is how many records are sent together.
const importBatch = 500

// Import is an empty store in a database that is being filled, in one transaction: before
// Commit nobody sees any of it, and without Commit nothing of it is left.
type Import struct {
	conn *pgx.Conn
	t    *tx
}

// OpenImport creates the schema at a URL, and begins to fill the store. Until Close, no replica
// can start. [storage.ErrInUse], and [storage.ErrNotEmpty] if there are records.
func OpenImport(ctx context.Context, url string) (*Import, error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	i := &Import{conn: conn}
	err = pgx.BeginFunc(ctx, conn, func(pgx.Tx) error { return tryLock(ctx, conn) }) // createSchema would wait for it
	if err == nil {
		err = createSchema(ctx, url)
	}
	if err == nil {
		err = i.begin(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, i.Close())
	}
	i.reset(ctx)
	return i, nil
}

// createSchema brings the schema up to date.
func createSchema(ctx context.Context, url string) error {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	prepare(config.ConnConfig)
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()
	return migrate(ctx, pool, nil)
}

// begin begins the transaction, and keeps others from writing.
func (i *Import) begin(ctx context.Context) error {
	_, err := i.conn.PgConn().Exec(ctx, `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; `+unlimited).ReadAll()
	if err == nil {
		err = excludeReplicas(ctx, i.conn)
	}
	if err == nil {
		err = lockSoon(ctx, i.conn, `LOCK TABLE `+strings.Join(exportedTables(), ", ")+` IN EXCLUSIVE MODE`)
	}
	if err == nil {
		err = checkEmpty(ctx, i.conn)
	}
	return err
}

// exportedTables returns the names of the tables with records.
func exportedTables() (names []string) {
	for _, e := range exports {
		names = append(names, "enjobridge."+e.table)
	}
	return names
}

// checkEmpty returns [storage.ErrNotEmpty] if there are records.
func checkEmpty(ctx context.Context, conn *pgx.Conn) error {
	for _, table := range exportedTables() {
		var found bool
		if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM `+table+`)`).Scan(&found); err != nil {
			return err
		}
		if found {
			return fmt.Errorf("%w: there are records in the table %s", storage.ErrNotEmpty, table)
		}
	}
	return nil
}

// CheckImport returns the error with which [OpenImport] would refuse the database at a URL, and
// changes nothing.
func CheckImport(ctx context.Context, url string) error {
	s, err := OpenExport(ctx, url)
	if errors.Is(err, storage.ErrNotFound) {
		return nil // the schema is created, or migrated
	} else if err != nil {
		return err
	}
	return errors.Join(checkEmpty(ctx, s.conn), s.Close())
}

// reset forgets what was sent.
func (i *Import) reset(ctx context.Context) { i.t = wholeTx(ctx, i.conn) }

// Import writes a record.
func (i *Import) Import(ctx context.Context, r storage.Record) error {
	if err := i.t.importRecord(r); err != nil {
		return fmt.Errorf("write the %s: %w", r.Name(), err)
	}
	if i.t.writes < importBatch {
		return nil
	}
	return i.flush(ctx)
}

// flush sends the records that are waiting.
func (i *Import) flush(ctx context.Context) error {
	if i.t.pending == nil {
		return nil
	}
	i.t.ctx = ctx
	if err := i.t.send(i.t.takePending()); err != nil {
		return fmt.Errorf("write to the database: %w", err)
	}
	i.reset(ctx)
	return nil
}

// Export reads what was imported; see [Snapshot.Export].
func (i *Import) Export(ctx context.Context, visit func(storage.Record) error) error {
	if err := i.flush(ctx); err != nil {
		return err
	}
	s := Snapshot{conn: i.conn, at: time.Now()}
	return s.Export(ctx, visit)
}

// Commit makes the store complete.
func (i *Import) Commit(ctx context.Context) error {
	if err := i.flush(ctx); err != nil {
		return err
	}
	// Plans need to know how much there is. After the commit, an error could not undo it.
	if _, err := i.conn.Exec(ctx, `ANALYZE `+strings.Join(exportedTables(), ", ")); err != nil {
		return fmt.Errorf("analyze the tables: %w", err)
	}
	if _, err := i.conn.Exec(ctx, `COMMIT`); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Close ends the connection. Without Commit, nothing was written.
func (i *Import) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return i.conn.Close(ctx)
}

// importRecord writes a record.
func (t *tx) importRecord(r storage.Record) error {
	switch v := r.Value.(type) {
	case storage.Question:
		return t.saveQuestion(&v)
	case storage.Thread:
		return t.saveThread(&v)
	case storage.Ticket:
		return t.saveTicket(&v)
	case storage.Feedback:
		return t.saveFeedback(&v)
	case storage.Preferences:
		return t.save(preferences, identity{v.User}, &v)
	case storage.StoredKey:
		return t.importKey(r.Kind, v)
	case storage.Press:
		return errors.Join(check(buttons.name, v.Message.Team, v.Message.Channel, v.Message.TS, v.Action), t.addPress(v))
	case storage.Call:
		t.recordCall(v.At)
		return nil
	case storage.Watermark:
		t.exec(`INSERT INTO enjobridge.watermarks (conversation, until) VALUES ($1, $2)`, v.Conversation, v.Until)
		return check("conversation", v.Conversation)
	case storage.Token:
		return t.save(tokens, identity{string(v.Kind)}, &v)
	case storage.History:
		return t.saveHistory(&v)
	case storage.Damaged:
		t.exec(`INSERT INTO enjobridge.damaged (at, source, key, record) VALUES ($1, $2, $3, $4)`, v.At, v.Source, v.Key, v.Value)
		return nil
	}
	return fmt.Errorf("its kind is unknown: %T", r.Value)
}

// importKey writes a key of FirstTime, or a counter.
func (t *tx) importKey(kind storage.RecordKind, k storage.StoredKey) error {
	if err := check("key", string(k.Key)); err != nil {
		return err
	}
	counter := kind == storage.RecordCounter
	_, isEvent := k.Key.Event(k.At)
	t.exec(`INSERT INTO enjobridge.keys (key, counter, at, count, event, lasting) VALUES ($1, $2, $3, $4, $5, $6)`,
		string(k.Key), counter, k.At, k.Count, isEvent && !counter, k.Key.Lasting() && !counter)
	return nil
}
