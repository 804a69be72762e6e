package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// Export calls visit for each record, kind by kind. A record that cannot be read is exported as
// damaged, with what a store would put in its place. An error of visit ends the export, and is
// returned.
func (s *Snapshot) Export(ctx context.Context, visit func(storage.Record) error) error {
	x := exporter{t: wholeTx(ctx, s.conn), visit: visit, at: s.at}
	for _, e := range exports {
		if err := e.export(&x); err != nil {
			return fmt.Errorf("read the table %s: %w", e.table, err)
		}
	}
	return nil
}

// wholeTx returns a tx for a transaction on the whole store, which needs no more locks, and has
// no limit of time.
func wholeTx(ctx context.Context, conn *pgx.Conn) *tx {
	t := newTx(ctx, conn)
	t.locked = make(map[int64]bool)
	return t
}

// exporter reads all records of a store.
type exporter struct {
	t     *tx
	visit func(storage.Record) error
	at    time.Time // when damaged records are set aside
	// replaced are the unfinished questions that take the place of damaged ones.
	replaced []storage.Question
}

// exports says how each table is read.
var exports = []struct {
	table  string
	export func(*exporter) error
}{
	{questions.table, exportOf[storage.Question](questions, storage.RecordQuestion, "")},
	{threads.table, exportOf[storage.Thread](threads, storage.RecordThread, "")},
	{tickets.table, exportOf[storage.Ticket](tickets, storage.RecordTicket, "ORDER BY number")},
	{feedback.table, exportOf[storage.Feedback](feedback, storage.RecordFeedback, "")},
	{preferences.table, exportOf[storage.Preferences](preferences, storage.RecordPreferences, "")},
	{"keys", (*exporter).keys},
	{buttons.table, exportOf[pressRecord](buttons, storage.RecordPress, "")},
	{"calls", (*exporter).calls},
	{"watermarks", (*exporter).watermarks},
	{tokens.table, exportOf[storage.Token](tokens, storage.RecordToken, "")},
	{histories.table, exportOf[storage.History](histories, storage.RecordHistory, "")},
	{"damaged", (*exporter).damaged},
}

// notExported are the tables about the replicas and the schema.
var notExported = []string{"about", "probes", "leases", "replicas", "announcements", "commits"}

// exportOf returns the export of a table with records.
func exportOf[R any](k kind, as storage.RecordKind, order string) func(*exporter) error {
	return func(x *exporter) error {
		var unreadable []damage
		err := x.rows(`SELECT `+k.columns("r")+` FROM enjobridge.`+k.table+` AS r `+order, func(rows pgx.Rows) error {
			id, record := make(identity, len(k.key)), []byte(nil)
			if err := rows.Scan(append(id.pointers(), &record)...); err != nil {
				return err
			}
			var r R
			err := decode(k, id, record, &r)
			if found := new(damagedError); errors.As(err, &found) {
				unreadable = append(unreadable, found.records...)
				return x.visit(x.setAside(found.records[0], record))
			} else if err != nil {
				return err
			}
			return x.visit(recordOf(as, r))
		})
		for _, d := range unreadable {
			err = errors.Join(err, x.replacement(d))
		}
		return err
	}
}

// recordOf returns a record as stores exchange it.
func recordOf(kind storage.RecordKind, r any) storage.Record {
	if p, ok := r.(pressRecord); ok {
		p.Press.At = p.At.UTC().Truncate(time.Microsecond)
		r = p.Press
	}
	return storage.Record{Kind: kind, Value: r}
}

// rows calls read for each row.
func (x *exporter) rows(sql string, read func(pgx.Rows) error) error {
	return x.t.query(sql, nil, func(rows pgx.Rows) error {
		return scanEach(rows, func() error { return read(rows) })
	})
}

// setAside returns a record that cannot be read as a damaged one.
func (x *exporter) setAside(d damage, record []byte) storage.Record {
	if slices.Contains(withTexts, d.kind.table) {
		record = nil
	}
	return storage.Record{Kind: storage.RecordDamaged, Value: storage.Damaged{
		At: x.at.UTC().Truncate(time.Microsecond), Source: d.kind.table, Key: d.name(), Value: storage.PlainText(record), Found: true,
	}}
}

// replacement exports the record that takes the place of a damaged one, if others need it.
func (x *exporter) replacement(d damage) error {
	switch d.kind.table {
	case questions.table:
		q, err := x.t.inPlaceOf(d.id)
		if err != nil {
			return err
		}
		if !q.State.Ended() {
			x.replaced = append(x.replaced, q)
		}
		return x.visit(storage.Record{Kind: storage.RecordQuestion, Value: q})
	case threads.table:
		id := storage.ThreadID{Team: d.id[0], Channel: d.id[1], Root: d.id[2]}
		unfinished, err := x.t.unfinishedOfThread(id)
		if err != nil {
			return err
		}
		for _, q := range x.replaced {
			if q.Thread == id {
				unfinished = append(unfinished, q)
			}
		}
		if len(unfinished) == 0 {
			return nil
		}
		return x.visit(storage.Record{Kind: storage.RecordThread, Value: storage.ThreadInPlace(id, unfinished, x.at)})
	}
	return nil
}

// keys exports the keys and the counters.
func (x *exporter) keys() error {
	return x.rows(`SELECT key, counter, at, count FROM enjobridge.keys`, func(rows pgx.Rows) error {
		var k storage.StoredKey
		var counter bool
		if err := rows.Scan((*string)(&k.Key), &counter, &k.At, &k.Count); err != nil {
			return err
		}
		k.At = k.At.UTC()
		if counter {
			return x.visit(storage.Record{Kind: storage.RecordCounter, Value: k})
		}
		return x.visit(storage.Record{Kind: storage.RecordKey, Value: k})
	})
}

// calls exports the calls to the agent.
func (x *exporter) calls() error {
	return x.rows(`SELECT at FROM enjobridge.calls`, func(rows pgx.Rows) error {
		var call storage.Call
		if err := rows.Scan(&call.At); err != nil {
			return err
		}
		call.At = call.At.UTC()
		return x.visit(storage.Record{Kind: storage.RecordCall, Value: call})
	})
}

// watermarks exports the watermarks.
func (x *exporter) watermarks() error {
	return x.rows(`SELECT conversation, until FROM enjobridge.watermarks`, func(rows pgx.Rows) error {
		var w storage.Watermark
		if err := rows.Scan(&w.Conversation, &w.Until); err != nil {
			return err
		}
		w.Until = w.Until.UTC()
		return x.visit(storage.Record{Kind: storage.RecordWatermark, Value: w})
	})
}

// damaged exports the damaged records.
func (x *exporter) damaged() error {
	return x.rows(`SELECT at, source, key, record FROM enjobridge.damaged`, func(rows pgx.Rows) error {
		var d storage.Damaged
		if err := rows.Scan(&d.At, &d.Source, &d.Key, &d.Value); err != nil {
			return err
		}
		d.At = d.At.UTC()
		return x.visit(storage.Record{Kind: storage.RecordDamaged, Value: d})
	})
}
