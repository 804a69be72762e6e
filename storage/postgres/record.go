package postgres

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// kind is a kind of records that three strings identify: the team, the channel, and a third.
type kind struct{ table, third string }

var (
	questions = kind{"questions", "ts"}
	threads   = kind{"threads", "root"}
)

// identity identifies a record of a kind.
type identity [3]string

func messageIdentity(id storage.MessageID) identity { return identity{id.Team, id.Channel, id.TS} }

func threadIdentity(id storage.ThreadID) identity { return identity{id.Team, id.Channel, id.Root} }

// check returns [storage.ErrBadID] unless the identity can be stored.
func (id identity) check(what string) error { return check(what, id[:]...) }

// cacheKey is the key under which a transaction has read a record.
func (k kind) cacheKey(id identity) string {
	return strings.Join(append([]string{k.table}, id[:]...), "\x00")
}

// check returns [storage.ErrBadID] unless each part of an identity can be stored. Unlike a
// file, PostgreSQL has no text with the character U+0000.
func check(what string, parts ...string) error {
	for _, part := range parts {
		if len(part) > storage.MaxID {
			return fmt.Errorf("%w: %s of %d bytes, %d are allowed", storage.ErrBadID, what, len(part), storage.MaxID)
		}
		if !utf8.ValidString(part) || strings.Contains(part, "\x00") {
			return fmt.Errorf("%w: %s %q is no text", storage.ErrBadID, what, part)
		}
	}
	return nil
}

// readAhead reads the records that operations need, in the round trip that begins the
// transaction.
func (t *tx) readAhead(b *pgx.Batch, n needs) {
	var messages, roots []identity
	for _, id := range n.questions {
		messages = append(messages, messageIdentity(id))
	}
	for _, id := range n.threads {
		roots = append(roots, threadIdentity(id))
	}
	t.read(b, questions, messages)
	t.read(b, threads, roots)
}

// read adds a query that reads records into the cache.
func (t *tx) read(b *pgx.Batch, k kind, ids []identity) {
	var columns [3][]string
	for _, id := range ids {
		t.records[k.cacheKey(id)] = nil
		if id.check(k.table) != nil {
			continue
		}
		for n, part := range id {
			columns[n] = append(columns[n], part)
		}
	}
	if len(columns[0]) == 0 {
		return
	}
	sql := fmt.Sprintf(`SELECT team, channel, %[2]s, record::text FROM enjobridge.%[1]s
		JOIN unnest($1::text[], $2::text[], $3::text[]) AS wanted (team, channel, %[2]s) USING (team, channel, %[2]s)`, k.table, k.third)
	b.Queue(sql, columns[0], columns[1], columns[2]).Query(func(rows pgx.Rows) error {
		return scanEach(rows, func() error {
			var id identity
			var record string
			if err := rows.Scan(&id[0], &id[1], &id[2], &record); err != nil {
				return err
			}
			t.records[k.cacheKey(id)] = []byte(record)
			return nil
		})
	})
}

// load reads a record into r. In a transaction of the writer, its channel stays locked.
// ErrNotFound.
func (t *tx) load(k kind, id identity, r any) error {
	if err := t.lock(channelLock(id[0], id[1])); err != nil {
		return err
	}
	record, known := t.records[k.cacheKey(id)]
	if !known {
		var err error
		if record, err = t.loadOne(k, id); err != nil {
			return err
		}
	}
	if record == nil {
		return storage.ErrNotFound
	}
	if err := json.Unmarshal(record, r); err != nil {
		return fmt.Errorf("%w: a record of %s: %v", storage.ErrCorrupt, k.table, err)
	}
	return nil
}

// loadOne reads a record from the database; nil if there is none.
func (t *tx) loadOne(k kind, id identity) ([]byte, error) {
	if t.records == nil { // it reads without a transaction
		defer func() { t.records = nil }()
		t.records = make(map[string][]byte)
	}
	b := t.takePending()
	t.read(b, k, []identity{id})
	if err := t.send(b); err != nil {
		return nil, err
	}
	return t.records[k.cacheKey(id)], nil
}

// encode returns the stored form of a record.
func encode(r any) (string, error) {
	record, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", r, err)
	}
	return string(record), nil
}

// scanRecords decodes rows with one column, a record, and returns them in order.
func scanRecords[R any](rows pgx.Rows) (records []R, err error) {
	err = scanEach(rows, func() error {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var r R
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return fmt.Errorf("%w: %T: %v", storage.ErrCorrupt, r, err)
		}
		records = append(records, r)
		return nil
	})
	return records, err
}
