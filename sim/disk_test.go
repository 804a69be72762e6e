package sim_test

import (
	"errors"
	"sync"
	"time"
)

// The errors of a faulty disk.
var (
	errFull       = errors.New("commit to disk: no space left on device")
	errUnknown    = errors.New("commit to disk: input/output error")
	errUnreadable = errors.New("read from disk: input/output error")
)

// disk simulates the faults of the disk with the bot's store. A fault lasts until it is
// removed.
type disk struct {
	mu            sync.Mutex
	full          bool          // writes fail
	unknownWrites int           // how many of the next writes are done but return an error
	unreadable    bool          // reads fail
	slow          time.Duration // the duration of each write
	locked        bool          // another process has the store open
	// fails is the operation that fails once. If doneAnyway is set, the write is done
	// nevertheless.
	fails      point
	doneAnyway bool
}

// set changes the faults.
func (d *disk) set(change func(*disk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// before is called before a write. It sleeps for the duration of a write.
func (d *disk) before(write point) error {
	d.mu.Lock()
	full, slow := d.full || (d.fails == write && !d.doneAnyway), d.slow
	d.mu.Unlock()
	time.Sleep(slow)
	if full {
		return errFull
	}
	return nil
}

// read is called before a read.
func (d *disk) read(this point) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.unreadable || d.fails == this {
		return errUnreadable
	}
	return nil
}

// after is called after a write.
func (d *disk) after(write point) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails == write && d.doneAnyway {
		return errUnknown
	}
	if d.unknownWrites == 0 {
		return nil
	}
	d.unknownWrites--
	return errUnknown
}

// works reports whether the store works as fast as it should.
func (d *disk) works() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.full && !d.unreadable && d.slow == 0
}

// openable reports whether the store can be opened.
func (d *disk) openable() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.locked
}
