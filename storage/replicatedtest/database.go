// Package replicatedtest has a [storage.Replicated] store in memory, for tests of several
// replicas in one process and in simulated time.
package replicatedtest

import (
	"sync"
	"time"

	"enjobridge/storage"
)

// Database is the database that the replicas of a test share. Its clock is that of package
// time, so that leases end in the time of a synctest bubble. Writes are serialised: one lock
// stands for the transactions of a real database.
//
// Unlike in a real database, an error of a decision does not undo what the decision has
// written: see [storage.Store.Decide]. A replica that is cut off finishes its decision first.
type Database struct {
	store storage.Store

	mu            sync.Mutex // held during each write and decision
	lease         storage.Lease
	until         time.Time // when the lease ends
	announced     int64     // the number of the latest announcement
	announcements []storage.Announcement
	replicas      []registration // in the order of their first registration
	listeners     map[*listener]bool
}

// registration is a registered replica.
type registration struct {
	storage.Replica
	seen time.Time
}

// listener is a call of Listen.
type listener struct{ wake func() }

// New returns a database over a store, such as a [storage.Bolt]. Nothing else may write to the
// store, and the caller closes it, after the replicas.
func New(store storage.Store) *Database {
	return &Database{store: store, listeners: make(map[*listener]bool)}
}

// Replica returns a new connection to the database, for one replica.
func (d *Database) Replica() *Replica {
	r := &Replica{db: d, failed: make(chan struct{})}
	r.store = &store{replica: r}
	return r
}

// holds reports whether the lease is that of its holder, and has not ended. The lock is held.
func (d *Database) holds(lease storage.Lease) bool {
	return d.lease == lease && time.Now().Before(d.until)
}

// announce adds announcements. The lock is held.
func (d *Database) announce(announcements []storage.Announcement) {
	for _, a := range announcements {
		d.announced++
		a.Number = d.announced
		d.announcements = append(d.announcements, a)
	}
}

// wake wakes those who listen. The lock is not held, so that they can use the database.
func (d *Database) wake() {
	d.mu.Lock()
	var wakes []func()
	for l := range d.listeners {
		wakes = append(wakes, l.wake)
	}
	d.mu.Unlock()
	for _, wake := range wakes {
		wake()
	}
}
