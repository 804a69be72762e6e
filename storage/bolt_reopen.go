package storage

import (
	"errors"

	"go.etcd.io/bbolt"
)

// reopenCommits is how many transactions reopen commits.
const reopenCommits = 2

// reopen opens the file again, so that the state in memory matches the file.
//
// If a sync of a commit fails, the operating system may show the written pages
// although they never reach the disk. Writes that were acknowledged before are on
// disk in any case. One of the two meta pages can be such an unsynced page, so reopen
// writes and syncs both before any other write.
//
// If broken is set, a transaction panicked during its commit and may hold locks that
// would block closing the old file.
func (b *Bolt) reopen(broken bool) (*bbolt.DB, error) {
	b.using.Lock()
	defer b.using.Unlock()
	if err := b.closeFile(broken); err != nil {
		return nil, err
	}
	if err := b.intact(); err != nil {
		return nil, err
	}
	if _, err := inspect(b.path, b.options); err != nil {
		return nil, err
	}
	db, file, err := openPrepared(b.path, b.options)
	if err != nil {
		return nil, err
	}
	// openPrepared wrote one of the meta pages.
	for range reopenCommits - 1 {
		if err := guard(func() error { return db.Update(prepare) }); err != nil {
			return nil, errors.Join(err, abandon(file))
		}
	}
	b.db, b.file = db, file
	return db, nil
}

// closeFile closes the file if it is open.
func (b *Bolt) closeFile(broken bool) error {
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
