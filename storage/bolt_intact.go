package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// lostError says that the content of the file is lost, as far as this process is
// concerned. It is an ErrCorrupt.
type lostError struct{ text string }

func (e *lostError) Error() string        { return e.text }
func (e *lostError) Is(target error) bool { return target == ErrCorrupt }
func (e *lostError) Hint() string         { return "stop enjobridge, restore a backup, and start it" }

var (
	errTruncated   = &lostError{"the store's file was truncated while enjobridge uses it: stop enjobridge, restore a backup, and start it"}
	errOverwritten = &lostError{"another program has written to the store's file: stop enjobridge, restore a backup, and start it"}
)

// intact returns an error unless the file at the path is the one that is open, and has not
// shrunk. A write to a file that was deleted would be lost with the process.
//
// After ErrGone, the store works again when the file is back. After a lostError it does not,
// even if the file is restored, because bbolt has parts of the old content in memory.
func (b *Bolt) intact() error {
	if lost := b.lost.Load(); lost != nil {
		return lost
	}
	info, err := os.Stat(b.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ErrGone
	case err != nil:
		return fmt.Errorf("look at the store's file: %w", err)
	case !os.SameFile(b.known, info):
		return ErrGone
	}
	size := b.size.Load()
	if info.Size() < size {
		return b.lose(errTruncated)
	}
	b.size.CompareAndSwap(size, info.Size())
	return nil
}

// lose makes the store unusable until it is opened again, and returns why.
func (b *Bolt) lose(why *lostError) error {
	b.lost.CompareAndSwap(nil, why)
	return b.lost.Load()
}
