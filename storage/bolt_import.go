package storage

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// importBatch is how many records one transaction of an import writes.
const importBatch = 2_000

// BoltImport is a new store in a file that is being filled. The file gets its name only in
// Commit: until then, it has the name with .importing.
type BoltImport struct {
	path, unfinished string
	db               *bbolt.DB
	tx               *tx // nil between two batches
	written          int // records in tx
}

// ImportBolt creates a store to fill. It replaces what an interrupted import has left. It
// returns fs.ErrExist if there is a file at path, and ErrInUse while another import fills it.
func ImportBolt(path string) (*BoltImport, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, taken(path))
	}
	unfinished := path + ".importing"
	if err := removeUnfinished(unfinished); err != nil {
		return nil, err
	}
	db, _, err := openPrepared(unfinished, BoltOptions{noSync: true}) // synced at the end
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", unfinished, err)
	}
	return &BoltImport{path: path, unfinished: unfinished, db: db}, nil
}

func taken(path string) error { return fmt.Errorf("%s: %w", path, fs.ErrExist) }

// removeUnfinished removes the file of an interrupted import, unless a process writes it.
func removeUnfinished(path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	db, _, err := openFile(path, bbolt.Options{Timeout: BoltOptions{}.lockTimeout()})
	if errors.Is(err, ErrInUse) {
		return fmt.Errorf("another process writes %s: %w", path, err)
	}
	if err == nil { // else it is incomplete
		err = db.Close()
		if err != nil {
			return err
		}
	}
	return os.Remove(path)
}

// Import writes a record.
func (i *BoltImport) Import(ctx context.Context, r Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if i.tx == nil {
		bolt, err := i.db.Begin(true)
		if err != nil {
			return err
		}
		i.tx, i.written = &tx{bolt: bolt}, 0
	}
	if err := i.tx.importRecord(r); err != nil {
		return fmt.Errorf("write the %s: %w", r.Name(), err)
	}
	if i.written++; i.written < importBatch {
		return nil
	}
	return i.flush()
}

// flush commits the batch.
func (i *BoltImport) flush() error {
	if i.tx == nil {
		return nil
	}
	t := i.tx
	i.tx = nil
	return t.bolt.Commit()
}

// Export reads what was imported; see [BoltExport.Export].
func (i *BoltImport) Export(ctx context.Context, visit func(Record) error) error {
	if err := i.flush(); err != nil {
		return err
	}
	e := BoltExport{i.db}
	return e.Export(ctx, visit)
}

// Commit gives the complete file its name. It never replaces a file.
func (i *BoltImport) Commit(context.Context) error {
	err := i.flush()
	if err == nil {
		err = i.db.Sync()
	}
	if err = errors.Join(err, i.db.Close()); err != nil {
		return err
	}
	report, err := CheckBolt(i.unfinished, BoltOptions{})
	switch {
	case err != nil:
		return err
	case len(report.Problems) > 0:
		return fmt.Errorf("the new store has problems: %s", report.Problems[0])
	}
	if err := i.place(); err != nil {
		return fmt.Errorf("name the new store: %w", err)
	}
	return SyncDirectory(filepath.Dir(i.path))
}

// place gives the file its name.
func (i *BoltImport) place() error {
	switch err := os.Link(i.unfinished, i.path); { // unlike a new name, it never replaces a file
	case err == nil:
		return os.Remove(i.unfinished)
	case errors.Is(err, fs.ErrExist):
		return taken(i.path)
	}
	if _, err := os.Lstat(i.path); err == nil { // not every file system has links
		return taken(i.path)
	}
	return os.Rename(i.unfinished, i.path)
}

// Close discards the file, unless Commit has given it its name.
func (i *BoltImport) Close() error {
	if i.tx != nil {
		_ = i.tx.bolt.Rollback()
		i.tx = nil
	}
	err := i.db.Close()
	if removed := os.Remove(i.unfinished); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}

// importRecord writes a record and its index entries.
func (t *tx) importRecord(r Record) error {
	switch v := r.Value.(type) {
	case Question:
		return errors.Join(t.indexQuestion(&v), t.save(bucketQuestions, &v))
	case Thread:
		return t.createThread(v)
	case Ticket:
		number, err := t.next(bucketTickets)
		if err != nil {
			return err
		}
		return t.saveTicket(&ticketRecord{v, number})
	case Feedback:
		return errors.Join(t.put(indexFeedbackIdle, timeKey(v.At, v.key()), nil), t.save(bucketFeedback, &v))
	case Preferences:
		return t.save(bucketPeople, &v)
	case StoredKey:
		return t.importKey(r.Kind, v)
	case Press:
		return t.importPress(v)
	case Call:
		return t.recordCall(v.At)
	case Watermark:
		return t.put(bucketWatermarks, stringsKey(v.Conversation), timeKey(v.Until, nil))
	case Token:
		return t.save(bucketTokens, &v)
	case History:
		return errors.Join(v.eachIndex(t.putIndex), t.save(bucketCopies, &v))
	case Damaged:
		return t.importDamaged(v)
	}
	return fmt.Errorf("its kind is unknown: %T", r.Value)
}

// importKey writes a key of FirstTime, or a counter.
func (t *tx) importKey(kind RecordKind, k StoredKey) error {
	id, value := stringsKey(string(k.Key)), timeKey(k.At, nil)
	if kind == RecordCounter {
		id, value = countKey(k.Key), binary.BigEndian.AppendUint64(value, uint64(k.Count))
	}
	return errors.Join(t.put(bucketSeen, id, value), t.put(indexSeen, timeKey(k.At, id), nil))
}

// importPress writes a press of a button.
func (t *tx) importPress(p Press) error {
	value, err := json.Marshal(p)
	if err != nil {
		return err
	}
	id := pressKey(p.Message, p.Action)
	return errors.Join(t.put(bucketSeen, id, append(timeKey(p.At, nil), value...)), t.put(indexSeen, timeKey(p.At, id), nil))
}

// importDamaged writes a damaged record. Another one can have the same identity and, with less
// than a microsecond between them, the same time.
func (t *tx) importDamaged(d Damaged) error {
	key := func() []byte { return timeKey(d.At, stringsKey(d.Source, d.Key)) }
	for t.has(bucketDamaged, key()) {
		d.At = d.At.Add(time.Nanosecond)
	}
	return t.put(bucketDamaged, key(), []byte(d.Value))
}
