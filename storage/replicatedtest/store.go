package replicatedtest

import (
	"context"
	"errors"
	"time"

	"enjobridge/storage"
)

// store is a Store of a replica: its own, a fenced one, or that of a decision.
type store struct {
	replica *Replica
	lease   *storage.Lease // of a fenced store; nil for others
	lost    func()         // called when the lease has ended; nil for nothing
	// deciding says that the lock of the database is held, and that the fence was passed.
	deciding bool
}

// Observe implements [storage.Store].
func (s *store) Observe(hook func(op string, took time.Duration, err error)) { s.replica.hook = hook }

// Close implements [storage.Store]. It does nothing: the replica is closed.
func (s *store) Close() error { return nil }

// report starts the measurement of a method. The returned function reports it.
func (s *store) report(method string) func(err *error) {
	hook := s.replica.hook
	if hook == nil {
		return func(*error) {}
	}
	began := time.Now()
	return func(err *error) { hook(storage.Operations()[method], time.Since(began), *err) }
}

// view runs a read.
func (s *store) view(method string, do func(storage.Store) error) (err error) {
	defer s.report(method)(&err)
	if !s.deciding {
		if _, err := s.replica.connected(context.Background()); err != nil {
			return err
		}
	}
	return do(s.replica.db.store)
}

// read runs a read with a result.
func read[T any](s *store, method string, do func(storage.Store) (T, error)) (result T, err error) {
	err = s.view(method, func(db storage.Store) (err error) {
		result, err = do(db)
		return err
	})
	return result, err
}

// update runs a write behind the fence. It wakes those who listen if it has announced
// something.
func (s *store) update(method string, do func(storage.Store) error) (err error) {
	defer s.report(method)(&err)
	if s.deciding {
		return do(s.replica.db.store)
	}
	return s.exclusively(func() error { return do(s.replica.db.store) })
}

// write runs a write with a result.
func write[T any](s *store, method string, do func(storage.Store) (T, error)) (result T, err error) {
	err = s.update(method, func(db storage.Store) (err error) {
		result, err = do(db)
		return err
	})
	return result, err
}

// exclusively runs do under the lock of the database, if the lease of a fenced store has not
// ended.
func (s *store) exclusively(do func() error) error {
	announced := false
	err := s.replica.do(context.Background(), func(d *Database) error {
		if s.lease != nil && !d.holds(*s.lease) {
			return storage.ErrLeaseLost
		}
		before := d.announced
		defer func() { announced = d.announced > before }()
		return do()
	})
	if announced {
		s.replica.db.wake()
	}
	if s.lost != nil && errors.Is(err, storage.ErrLeaseLost) {
		s.lost()
	}
	return err
}

// Decide implements [storage.Store].
func (s *store) Decide(ctx context.Context, _ storage.Scope, decide func(storage.Store) error) (err error) {
	defer s.report("Decide")(&err)
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.deciding {
		return decide(s)
	}
	return s.exclusively(func() error {
		return decide(&store{replica: s.replica, lease: s.lease, deciding: true})
	})
}

// announce announces changes, unless the holder of the lease makes them. The lock is held.
func (s *store) announce(kind storage.AnnouncementKind, messages ...storage.MessageID) {
	if s.lease != nil {
		return
	}
	for _, message := range messages {
		s.replica.db.announce([]storage.Announcement{{Kind: kind, Message: message}})
	}
}
