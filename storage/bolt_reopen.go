package storage

import (
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

// forced is how many transactions reopen makes.
const forced = 2

// reopen opens the file anew, so that what is in memory is what is in the file.
//
// When forcing a commit to disk has failed, the system may show what it wrote
// although it will never be on disk. What was acknowledged before is there in
// any case. The two heads of the file, of which one may be such a mirage, are
// written and forced to disk again before anything else is.
//
// With broken, a transaction broke off in the midst of its commit, and may hold
// locks that closing the old file would wait for.
func (b *Bolt) reopen(broken bool) (*bbolt.DB, error) {
	b.using.Lock()
	defer b.using.Unlock()
	if err := b.letGo(broken); err != nil {
		return nil, err
	}
	info, err := os.Stat(b.path)
	switch {
	case err != nil:
		return nil, err
	case !os.SameFile(b.known, info):
		return nil, fmt.Errorf("%s is another file now: put the store back, or restart enjobridge", b.path)
	}
	if _, err := inspect(b.path, b.options); err != nil {
		return nil, err
	}
	db, file, err := openPrepared(b.path, b.options)
	if err != nil {
		return nil, err
	}
	// openPrepared wrote one of the heads.
	for range forced - 1 {
		if err := guard(func() error { return db.Update(prepare) }); err != nil {
			return nil, errors.Join(err, abandon(file))
		}
	}
	b.db, b.file = db, file
	return db, nil
}

// letGo closes the file, if it is open.
func (b *Bolt) letGo(broken bool) error {
	if b.db == nil {
		return nil
	}
	db, file := b.db, b.file
	b.db, b.file = nil, nil
	if broken {
		return abandon(file)
	}
	return db.Close()
}
