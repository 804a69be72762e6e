package storage

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// tx is a transaction that counts its writes, so that the writer knows which
// operations changed something.
type tx struct {
	bolt    *bbolt.Tx
	writes  int
	damaged []damage // what the operation could not read
}

// get returns the value at key, or nil. The value is valid until the transaction ends.
func (t *tx) get(bucket, key []byte) []byte { return t.bolt.Bucket(bucket).Get(key) }

// has reports whether key exists.
func (t *tx) has(bucket, key []byte) bool { return t.get(bucket, key) != nil }

// put sets the value at key. The caller must not change either before the transaction
// ends.
func (t *tx) put(bucket, key, value []byte) error {
	t.writes++
	return t.bolt.Bucket(bucket).Put(key, value)
}

// putIndex adds an entry to an index.
func (t *tx) putIndex(index, key []byte) error { return t.put(index, key, nil) }

// delete removes the key if it exists.
func (t *tx) delete(bucket, key []byte) error {
	t.writes++
	return t.bolt.Bucket(bucket).Delete(key)
}

// next returns the next number in the sequence of this bucket.
func (t *tx) next(bucket []byte) (uint64, error) {
	t.writes++
	return t.bolt.Bucket(bucket).NextSequence()
}

// move replaces a key of an index with another.
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

// scan calls visit for the entries of the bucket in the order of their keys, starting
// with the first key not before from, until visit returns false or an error. Key and
// value are valid until the transaction ends. visit must not change the bucket.
func (t *tx) scan(bucket, from []byte, visit func(key, value []byte) (more bool, err error)) error {
	cursor := t.bolt.Bucket(bucket).Cursor()
	for key, value := cursor.Seek(from); key != nil; key, value = cursor.Next() {
		if more, err := visit(key, value); err != nil || !more {
			return err
		}
	}
	return nil
}

// keys returns copies of up to limit keys of a bucket, from the key from and before
// the key until. Nil for until means no end.
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
