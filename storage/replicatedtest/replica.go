package replicatedtest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"enjobridge/storage"
	"enjobridge/storage/groupcommit"
)

// ErrCut is the error of the methods of a [Replica] that is cut off from the database.
var ErrCut = errors.New("the database cannot be reached")

// Replica is one replica's connection to a [Database].
type Replica struct {
	*store // not fenced
	db     *Database
	hook   func(op string, took time.Duration, err error) // nil for none

	mu      sync.Mutex
	failure error         // why all methods fail; nil if they do not
	failed  chan struct{} // closed when failure is set
}

var _ storage.Replicated = (*Replica)(nil)

// Cut cuts the replica off: its methods fail with [ErrCut], and Listen returns it.
func (r *Replica) Cut() { r.fail(ErrCut) }

// Restore connects the replica again.
func (r *Replica) Restore() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if errors.Is(r.failure, ErrCut) {
		r.failure, r.failed = nil, make(chan struct{})
	}
}

// Close implements [storage.Store]. The database stays open for other replicas.
func (r *Replica) Close() error {
	r.fail(groupcommit.ErrClosed)
	return nil
}

func (r *Replica) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure == nil {
		close(r.failed)
	}
	r.failure = err
}

// connected returns why the replica cannot use the database, and the channel that is closed
// when it cannot any more.
func (r *Replica) connected(ctx context.Context) (failed <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed, errors.Join(r.failure, ctx.Err())
}

// do runs change under the lock of the database.
func (r *Replica) do(ctx context.Context, change func(d *Database) error) error {
	if _, err := r.connected(ctx); err != nil {
		return err
	}
	r.db.mu.Lock()
	defer r.db.mu.Unlock()
	return change(r.db)
}

// AcquireLease implements [storage.Replicated].
func (r *Replica) AcquireLease(ctx context.Context, owner string, length time.Duration) (lease storage.Lease, err error) {
	err = r.do(ctx, func(d *Database) error {
		if d.lease.Owner != owner && d.holds(d.lease) {
			return storage.ErrLeaseHeld
		}
		d.lease = storage.Lease{Owner: owner, Token: d.lease.Token + 1}
		d.until = time.Now().Add(length)
		lease = d.lease
		return nil
	})
	return lease, err
}

// RenewLease implements [storage.Replicated].
func (r *Replica) RenewLease(ctx context.Context, lease storage.Lease, length time.Duration) error {
	return r.do(ctx, func(d *Database) error {
		if !d.holds(lease) {
			return storage.ErrLeaseLost
		}
		d.until = time.Now().Add(length)
		return nil
	})
}

// ReleaseLease implements [storage.Replicated].
func (r *Replica) ReleaseLease(ctx context.Context, lease storage.Lease) error {
	released := false
	err := r.do(ctx, func(d *Database) error {
		if released = d.holds(lease); released {
			d.until = time.Time{}
		}
		return nil
	})
	if released {
		r.db.wake()
	}
	return err
}

// Holder implements [storage.Replicated].
func (r *Replica) Holder(ctx context.Context) (owner string, until time.Time, err error) {
	err = r.do(ctx, func(d *Database) error {
		if d.holds(d.lease) {
			owner, until = d.lease.Owner, d.until
		}
		return nil
	})
	return owner, until, err
}

// Fenced implements [storage.Replicated].
func (r *Replica) Fenced(lease storage.Lease, lost func()) storage.Store {
	return &store{replica: r, lease: &lease, lost: lost}
}

// Announce implements [storage.Replicated].
func (r *Replica) Announce(ctx context.Context, announcements ...storage.Announcement) error {
	err := r.do(ctx, func(d *Database) error {
		d.announce(announcements)
		return nil
	})
	if err == nil {
		r.db.wake()
	}
	return err
}

// Announcements implements [storage.Replicated].
func (r *Replica) Announcements(ctx context.Context, limit int) (oldest []storage.Announcement, err error) {
	err = r.do(ctx, func(d *Database) error {
		oldest = slices.Clone(d.announcements[:min(limit, len(d.announcements))])
		return nil
	})
	return oldest, err
}

// EndAnnouncements implements [storage.Replicated].
func (r *Replica) EndAnnouncements(ctx context.Context, lease storage.Lease, announcements []storage.Announcement) error {
	ended := make(map[int64]bool)
	for _, a := range announcements {
		ended[a.Number] = true
	}
	return r.do(ctx, func(d *Database) error {
		if !d.holds(lease) {
			return storage.ErrLeaseLost
		}
		d.announcements = slices.DeleteFunc(d.announcements, func(a storage.Announcement) bool { return ended[a.Number] })
		return nil
	})
}

// Listen implements [storage.Replicated].
func (r *Replica) Listen(ctx context.Context, wake func()) error {
	failed, err := r.connected(ctx)
	if err != nil {
		return err
	}
	l := &listener{wake}
	r.db.mu.Lock()
	r.db.listeners[l] = true
	r.db.mu.Unlock()
	defer func() {
		r.db.mu.Lock()
		defer r.db.mu.Unlock()
		delete(r.db.listeners, l)
	}()
	wake()
	select {
	case <-failed:
		_, err := r.connected(ctx)
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Register implements [storage.Replicated].
func (r *Replica) Register(ctx context.Context, replica storage.Replica, within time.Duration) (registered []storage.Replica, err error) {
	err = r.do(ctx, func(d *Database) error {
		now := time.Now()
		d.registered(replica, now)
		for _, known := range d.replicas {
			if now.Sub(known.seen) < within {
				registered = append(registered, known.Replica)
			}
		}
		return nil
	})
	return registered, err
}

// registered records that a replica is there. The lock is held.
func (d *Database) registered(replica storage.Replica, now time.Time) {
	for i := range d.replicas {
		if d.replicas[i].ID == replica.ID {
			d.replicas[i] = registration{replica, now}
			return
		}
	}
	d.replicas = append(d.replicas, registration{replica, now})
}

// Deregister implements [storage.Replicated].
func (r *Replica) Deregister(ctx context.Context, id string) error {
	return r.do(ctx, func(d *Database) error {
		d.replicas = slices.DeleteFunc(d.replicas, func(known registration) bool { return known.ID == id })
		return nil
	})
}
