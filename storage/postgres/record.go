package postgres

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"enjobridge/storage"
)

// kind is a kind of records: its name in errors, a table, and the columns that identify a
// record in it.
type kind struct {
	name, table string
	key         []string
}

var (
	questions   = kind{"message", "questions", []string{"team", "channel", "ts"}}
	threads     = kind{"thread", "threads", []string{"team", "channel", "root"}}
	tickets     = kind{"ticket", "tickets", []string{"team", "channel", "root", "id"}}
	feedback    = kind{"feedback", "feedback", []string{"team", "channel", "ts", "person"}}
	preferences = kind{"user", "preferences", []string{"person"}}
	buttons     = kind{"press", "presses", []string{"team", "channel", "ts", "action"}}
	histories   = kind{"message", "histories", []string{"team", "channel", "ts"}}
	tokens      = kind{"token", "tokens", []string{"kind"}}
	// The rows of these have no records.
	keyNames   = kind{"key", "keys", []string{"key"}}
	watermarks = kind{"conversation", "watermarks", []string{"conversation"}}
	setAside   = kind{"damaged", "damaged", []string{"source", "key"}}
)

// hasRecords reports whether the rows of the table have records.
func (k kind) hasRecords() bool {
	return !slices.Contains([]string{keyNames.table, watermarks.table, setAside.table}, k.table)
}

// identity identifies a record of a kind: the values of the columns.
type identity []string

func (id identity) equal(other identity) bool { return slices.Equal(id, other) }

func messageIdentity(id storage.MessageID) identity { return identity{id.Team, id.Channel, id.TS} }

func threadIdentity(id storage.ThreadID) identity { return identity{id.Team, id.Channel, id.Root} }

// messageOf and threadOf return what an identity begins with.
func messageOf(id identity) storage.MessageID {
	return storage.MessageID{Team: id[0], Channel: id[1], TS: id[2]}
}

func threadOf(id identity) storage.ThreadID {
	return storage.ThreadID{Team: id[0], Channel: id[1], Root: id[2]}
}

func feedbackIdentity(question storage.MessageID, user string) identity {
	return identity{question.Team, question.Channel, question.TS, user}
}

func ticketIdentity(in storage.ThreadID, id string) identity {
	return identity{in.Team, in.Channel, in.Root, id}
}

// lock is the lock of a record: that of its ticket ID, of its key, or of its channel, if it has
// one.
func (k kind) lock(id identity) int64 {
	switch {
	case k.table == tickets.table:
		return ticketLock(id[3])
	case k.table == keyNames.table:
		return keyLock(storage.Key(id[0]))
	case k.key[0] == "team":
		return channelLock(id[0], id[1])
	}
	return lockName(k.table, id...)
}

// locks are the locks of records; none for rows on which nothing is decided, which have no
// identity.
func (k kind) locks(ids []identity) (locks []int64) {
	if k.key == nil {
		return nil
	}
	for _, id := range ids {
		locks = append(locks, k.lock(id))
	}
	return locks
}

// cacheKey is the key under which a transaction has read a record.
func (k kind) cacheKey(id identity) string { return k.table + "\x00" + strings.Join(id, "\x00") }

// columns lists the columns of the identity and the record of a row with a name.
func (k kind) columns(row string) string {
	return fmt.Sprintf("%s.%s, %[1]s.record::text", row, strings.Join(k.key, ", "+row+"."))
}

// wanted returns the source of the rows whose identities the parameters are, one array for
// each column.
func (k kind) wanted(row string) string {
	names := strings.Join(k.key, ", ")
	arrays := make([]string, len(k.key))
	for n := range k.key {
		arrays[n] = fmt.Sprintf("$%d::text[]", n+1)
	}
	return fmt.Sprintf("enjobridge.%s AS %s JOIN unnest(%s) AS wanted (%s) USING (%s)", k.table, row, strings.Join(arrays, ", "), names, names)
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

// read adds a query that reads those of the records into the cache that are not there, and
// returns its parameters; nil if there is nothing to read.
func (t *tx) read(b *pgx.Batch, k kind, ids []identity) (args []any) {
	columns := make([][]string, len(k.key))
	for _, id := range ids {
		key := k.cacheKey(id)
		if _, known := t.records[key]; known {
			continue
		}
		if t.records[key] = nil; check(k.name, id...) != nil {
			continue
		}
		for n, part := range id {
			columns[n] = append(columns[n], part)
		}
	}
	if len(columns[0]) == 0 {
		return nil
	}
	for _, column := range columns {
		args = append(args, column)
	}
	b.Queue(`SELECT `+k.columns("r")+` FROM `+k.wanted("r"), args...).Query(t.keep(k, nil))
	return args
}

// keep returns a function that reads rows with [kind.columns] into the cache, unless another
// transaction can change the record meanwhile. It calls found, if it is not nil, for each.
func (t *tx) keep(k kind, found func(identity)) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		return scanEach(rows, func() error {
			id, record := make(identity, len(k.key)), []byte(nil)
			var columns []any
			for n := range id {
				columns = append(columns, &id[n])
			}
			if err := rows.Scan(append(columns, &record)...); err != nil {
				return err
			}
			if t.locked == nil || t.locked[k.lock(id)] {
				t.records[k.cacheKey(id)] = record
			}
			if found != nil {
				found(id)
			}
			return nil
		})
	}
}

// load reads a record into r. In a transaction of the writer, it stays locked. ErrNotFound.
func (t *tx) load(k kind, id identity, r any) error {
	if err := t.loadAll(k, id); err != nil {
		return err
	}
	record := t.records[k.cacheKey(id)]
	if record == nil {
		return storage.ErrNotFound
	}
	return decode(k, id, record, r)
}

// has reports whether a record is stored, also if it cannot be read.
func (t *tx) has(k kind, id identity) (bool, error) {
	err := t.loadAll(k, id)
	return t.records[k.cacheKey(id)] != nil, err
}

// loadAll reads those of the records into the cache that are not there, in one round trip.
func (t *tx) loadAll(k kind, ids ...identity) error {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id identity) bool {
		_, known := t.records[k.cacheKey(id)]
		return known
	})
	if len(ids) == 0 {
		return nil
	}
	t.lock(k.locks(ids)...)
	b := t.takePending()
	t.read(b, k, ids)
	return t.send(b)
}

// loadEach reads the records of a list, without those that are not there any more.
func loadEach[R any](t *tx, k kind, ids []identity) (records []R, _ error) {
	if err := t.loadAll(k, ids...); err != nil {
		return nil, err
	}
	damaged := new(damagedError)
	for _, id := range ids {
		var r R
		missing, err := ignoreNotFound(t.load(k, id, &r))
		switch {
		case damaged.add(err), missing:
		case err != nil:
			return nil, err
		default:
			records = append(records, r)
		}
	}
	return records, damaged.or(nil)
}

// column is a column of a table, and its value in a row.
type column struct {
	name  string
	value any
}

// save writes a record, with the columns by which it is found beside its identity. ErrBadID.
func (t *tx) save(k kind, id identity, r any, more ...column) error {
	if err := check(k.name, id...); err != nil {
		return err
	}
	record, err := encode(r)
	if err != nil {
		return err
	}
	t.records[k.cacheKey(id)] = []byte(record)
	names, values, set := slices.Clone(k.key), args(id), []string{}
	for _, c := range append(more, column{"record", record}) {
		names, values, set = append(names, c.name), append(values, c.value), append(set, c.name+" = EXCLUDED."+c.name)
	}
	t.exec(fmt.Sprintf(`INSERT INTO enjobridge.%s (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s`,
		k.table, strings.Join(names, ", "), placeholders(1, len(values)), strings.Join(k.key, ", "), strings.Join(set, ", ")), values...)
	return nil
}

// rename gives a record another identity. Its content is to be saved, too.
func (t *tx) rename(k kind, from, to identity) {
	t.records[k.cacheKey(to)], t.records[k.cacheKey(from)] = t.records[k.cacheKey(from)], nil
	t.exec(fmt.Sprintf(`UPDATE enjobridge.%s SET (%s) = (%s) WHERE (%[2]s) = (%[4]s)`,
		k.table, strings.Join(k.key, ", "), placeholders(1, len(to)), placeholders(1+len(to), len(from))), args(to, from)...)
}

// delete deletes a record.
func (t *tx) delete(k kind, id identity) {
	t.records[k.cacheKey(id)] = nil
	t.exec(fmt.Sprintf(`DELETE FROM enjobridge.%s WHERE (%s) = (%s)`, k.table, strings.Join(k.key, ", "), placeholders(1, len(id))), args(id)...)
}

// placeholders returns n parameters of a statement, from the one with a number on.
func placeholders(first, n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("$", first+i)
	}
	return strings.Join(names, ", ")
}

// args returns identities as parameters.
func args(ids ...identity) (args []any) {
	for _, part := range slices.Concat(ids...) {
		args = append(args, part)
	}
	return args
}

// encode returns the stored form of a record.
func encode(r any) (string, error) {
	record, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("encode %T: %w", r, err)
	}
	return string(record), nil
}
