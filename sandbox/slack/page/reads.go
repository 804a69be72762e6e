package page

import (
	"fmt"
	"sync"
	"time"
)

// maxPositions limits how many positions are stored; above it, they are all
// reset.
const maxPositions = 20_000

// reads stores up to where people have read. Everything from before the page
// was started counts as read.
type reads struct {
	mu        sync.Mutex
	born      string
	positions map[position]string // the ts of the last message read
}

// position identifies a person's reading of a conversation or thread.
type position struct{ user, channel, thread string }

func newReads(now time.Time) *reads {
	return &reads{born: timestamp(now), positions: make(map[position]string)}
}

// timestamp returns a time as a message's ts.
func timestamp(t time.Time) string {
	micro := t.UnixMicro()
	return fmt.Sprintf("%d.%06d", micro/1e6, micro%1e6)
}

// last returns the ts up to which the conversation has been read.
func (r *reads) last(p position) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ts, known := r.positions[p]; known {
		return ts
	}
	return r.born
}

// read records that the conversation has been read up to ts, and reports
// whether that has changed.
func (r *reads) read(p position, ts string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, known := r.positions[p]; ts <= r.born || known && ts <= old {
		return false
	}
	if len(r.positions) >= maxPositions {
		clear(r.positions)
		r.born = ts
	}
	r.positions[p] = ts
	return true
}
