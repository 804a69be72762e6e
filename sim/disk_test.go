package sim_test

import (
	"errors"
	"sync"
	"time"
)

// The errors of a disk on which something goes wrong.
var (
	errFull       = errors.New("commit to disk: no space left on device")
	errUnknown    = errors.New("commit to disk: input/output error")
	errUnreadable = errors.New("read from disk: input/output error")
)

// disk is what the bot's store is on. What is wrong with it lasts until it is taken back.
type disk struct {
	mu            sync.Mutex
	full          bool          // nothing can be written
	unknownWrites int           // so many of the next writes happen, and fail all the same
	unreadable    bool          // nothing can be read
	slow          time.Duration // how long each write takes
	locked        bool          // another process has the store open
	// fails is what fails once; a write happens all the same if that is set.
	fails      point
	doneAnyway bool
}

// set changes what is wrong.
func (d *disk) set(change func(*disk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

// before is called before a write. It takes as long as the disk makes it.
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

// after is called when a write has happened.
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

// openable reports whether the store can be opened.
func (d *disk) openable() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.locked
}
