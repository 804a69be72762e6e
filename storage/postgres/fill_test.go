package postgres

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"enjobridge/enjo"
	"enjobridge/storage"
)

// filledAt is the time of the latest record that fill inserts. The earliest one is a year before.
var filledAt = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// filled are the records of fill: the number of a row i stands for each # in an identity, and
// the row is in one of a thousand channels. One row in a thousand is a question that has not ended.
var filled = map[string]struct {
	columns, values string
	record          any
	few             bool // it does not grow with use, or all of it is read: fewer rows
}{
	"questions": {
		`team, channel, ts, thread_team, thread_channel, thread_root, asker, state, accepted_at, ended_at, kept, record`,
		`'T1', 'C' || i % 1000, i || '.1', 'T1', 'C' || i % 1000, i || '.1', 'U' || i % 20000,
			CASE WHEN i % 1000 = 7 THEN 'queued' ELSE 'delivered' END, at, CASE WHEN i % 1000 <> 7 THEN at END, false, $record`,
		storage.Question{ID: filledMessage, Thread: filledThread, Asker: "U1", State: storage.Delivered},
		false,
	},
	"threads": {
		`team, channel, root, last_active, listed, continues_team, continues_channel, record`,
		`'T1', 'C' || i % 1000, i || '.1', at, true, '', '', $record`,
		storage.Thread{ID: filledThread},
		false,
	},
	"tickets": {
		`team, channel, root, id, requester, updated_at, outdated, record`,
		`'T1', 'C' || i % 1000, i || '.1', 'I' || i, 'U' || i % 20000, at, i % 10000 = 7, $record`,
		storage.Ticket{Thread: filledThread, Latest: enjo.Ticket{ID: "I#"}},
		false,
	},
	"feedback": {
		`team, channel, ts, person, at, record`,
		`'T1', 'C' || i % 1000, i || '.1', 'U' || i, at, $record`,
		storage.Feedback{Question: filledMessage, User: "U#"},
		false,
	},
	"keys": {
		`key, counter, at, event`,
		`CASE WHEN i % 5 = 0 THEN 'called/T1/C' || i % 1000 || '/' || i || '.1' ELSE 'refused/T1/C' || i % 1000 || '/' || i || '.1' END, false, at, i % 5 = 0`,
		"", false,
	},
	"histories": {
		`team, channel, ts, began_at, refs, record`,
		`'T1', 'C' || i % 1000, i || '.1', at, ARRAY['EB-' || i], $record`,
		storage.History{Message: filledMessage, Copies: []storage.Copy{{Event: "message"}}},
		false,
	},
	"presses":       {`team, channel, ts, action, at, record`, `'T1', 'C' || i % 1000, i || '.1', 'more', at, $record`, storage.Press{}, true},
	"preferences":   {`person, record`, `'U' || i, $record`, storage.Preferences{User: "U#"}, true},
	"calls":         {`at`, `at`, "", true},
	"watermarks":    {`conversation, until`, `'T1/C' || i, at`, "", true},
	"damaged":       {`at, source, key, record`, `at, 'threads', i::text, $record`, "", true},
	"announcements": {`kind, team, channel, ts, name, moved_from, moved_to`, `'question', 'T1', 'C1', i || '.1', '', '', ''`, "", true},
}

var (
	filledMessage = storage.MessageID{Team: "T1", Channel: "C@", TS: "#.1"}
	filledThread  = storage.ThreadID{Team: "T1", Channel: "C@", Root: "#.1"}
)

// fill inserts so many records of each kind that grows with use, and collects statistics, which
// then say that there are times as many.
func fill(t *testing.T, url string, rows, times int) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(4)
	for table := range filled {
		group.Go(func() error {
			if err := fillTable(t.Context(), url, table, rows, times); err != nil {
				return fmt.Errorf("%s: %w", table, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

// fillTable inserts records in the order of their times.
func fillTable(ctx context.Context, url, table string, rows, times int) error {
	of := filled[table]
	if of.few {
		rows = min(rows/10, maxExamined)
	}
	record, err := encode(of.record)
	if err != nil {
		return err
	}
	literal := "'" + strings.NewReplacer("#", `' || i || '`, "@", `' || i % 1000 || '`).Replace(record) + "'"
	values := strings.Replace(of.values, "$record", "("+literal+")::json", 1)
	err = withoutIndexes(ctx, url, table, func() error {
		return run(ctx, url, fmt.Sprintf(`INSERT INTO enjobridge.%s (%s) SELECT %s FROM (SELECT i, timestamptz '%s' - (%[5]d - i) * interval '1 year' / %[5]d AS at
			FROM generate_series(1, %[5]d) AS i) AS rows`, table, of.columns, values, filledAt.Format(time.RFC3339), rows))
	})
	if err != nil {
		return err
	}
	return run(ctx, url, fmt.Sprintf(`UPDATE pg_class SET reltuples = reltuples * %d WHERE oid = 'enjobridge.%s'::regclass
		OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'enjobridge.%[2]s'::regclass)`, times, table))
}

// withoutIndexes loads a table. It creates the indexes afterwards, which is faster, and collects
// statistics.
func withoutIndexes(ctx context.Context, url, table string, load func() error) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	found, err := conn.Query(ctx, `SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
		WHERE indrelid = $1::regclass AND NOT indisprimary`, "enjobridge."+table)
	if err != nil {
		return err
	}
	indexes, err := pgx.CollectRows(found, pgx.RowToStructByPos[struct{ Name, Definition string }])
	if err != nil {
		return err
	}
	before := []string{`ALTER TABLE enjobridge.` + table + ` SET UNLOGGED`, `ALTER TABLE enjobridge.` + table + ` SET (autovacuum_enabled = off)`}
	after := []string{`SET maintenance_work_mem = '256MB'`}
	for _, index := range indexes {
		before = append(before, `DROP INDEX `+index.Name)
		after = append(after, index.Definition)
	}
	if err := run(ctx, url, before...); err != nil {
		return err
	}
	if err := load(); err != nil {
		return err
	}
	return run(ctx, url, append(after, `VACUUM ANALYZE enjobridge.`+table)...)
}

// run executes statements on a new connection.
func run(ctx context.Context, url string, statements ...string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
