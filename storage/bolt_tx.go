package storage

import (
	"bytes"
	"fmt"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// tx is a transaction that counts its writes, so that the writer knows which
// operations left something behind.
type tx struct {
	bolt   *bbolt.Tx
	writes int
}

// get returns the value at key, or nil. It is valid within the transaction.
func (t *tx) get(bucket, key []byte) []byte { return t.bolt.Bucket(bucket).Get(key) }

// has reports whether there is something at key.
func (t *tx) has(bucket, key []byte) bool { return t.get(bucket, key) != nil }

// put sets the value at key. Neither may be changed before the transaction ends.
func (t *tx) put(bucket, key, value []byte) error {
	t.writes++
	return t.bolt.Bucket(bucket).Put(key, value)
}

// delete removes the key, if it is there.
func (t *tx) delete(bucket, key []byte) error {
	t.writes++
	return t.bolt.Bucket(bucket).Delete(key)
}

// next returns a number that was not given before in this bucket.
func (t *tx) next(bucket []byte) (uint64, error) {
	t.writes++
	return t.bolt.Bucket(bucket).NextSequence()
}

// move replaces a key of an index by another.
func (t *tx) move(index, from, to []byte) error {
	if bytes.Equal(from, to) {
		return nil
	}
	if err := t.delete(index, from); err != nil {
		return err
	}
	return t.put(index, to, nil)
}

// hasPrefix reports whether a key of the bucket begins with prefix.
func (t *tx) hasPrefix(bucket, prefix []byte) bool {
	key, _ := t.bolt.Bucket(bucket).Cursor().Seek(prefix)
	return key != nil && bytes.HasPrefix(key, prefix)
}

// scan calls visit, in the order of the keys, with what the bucket holds from
// the key from on, until visit returns false or an error. Key and value are
// valid within the transaction; visit must not change the bucket.
func (t *tx) scan(bucket, from []byte, visit func(key, value []byte) (more bool, err error)) error {
	cursor := t.bolt.Bucket(bucket).Cursor()
	for key, value := cursor.Seek(from); key != nil; key, value = cursor.Next() {
		if more, err := visit(key, value); err != nil || !more {
			return err
		}
	}
	return nil
}

// keys returns copies of up to limit keys of a bucket, from the key from on
// and before the key until, which is nil for no end.
func (t *tx) keys(bucket, from, until []byte, limit int) ([][]byte, error) {
	var keys [][]byte
	err := t.scan(bucket, from, func(key, _ []byte) (bool, error) {
		if until != nil && bytes.Compare(key, until) >= 0 {
			return false, nil
		}
		keys = append(keys, bytes.Clone(key))
		return len(keys) < limit, nil
	})
	return keys, err
}

// guard turns a panic of run into ErrCorrupt: bbolt has no checksums on its
// pages of data and panics, or reads outside the file, when one is damaged.
func guard(run func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrCorrupt, p)
		}
	}()
	return run()
}
