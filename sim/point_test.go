package sim_test

import (
	"fmt"
	"strings"
	"sync"
)

// point is a moment at which the bot can crash: before or after its nth operation of a
// kind. After a call means that the call was processed and that its response is about to
// arrive. A read can only fail, because a crash at a read is the same as a crash before the
// next operation.
type point struct {
	when string // before, after or read
	what string // such as store.Claim, chat.postMessage, ack
	n    int    // from 1
}

func (p point) String() string { return fmt.Sprintf("%s %s #%d", p.when, p.what, p.n) }

// canCrash reports whether the bot can crash at the point.
func (p point) canCrash() bool { return p.when != "read" }

// read reports whether it is a read of the store.
func (p point) read() bool { return p.when == "read" }

// write reports whether it is the point after a write of the store that can fail.
func (p point) write() bool {
	return p.when == "after" && strings.HasPrefix(p.what, "store.") && p.what != "store.Close"
}

// points counts the bot's operations, and decides when it crashes.
type points struct {
	mu      sync.Mutex
	counts  map[string]int
	reached []point
	crashAt []point // where the bot crashes
	closed  bool    // whether to ignore further points
}

func newPoints(crashAt ...point) *points {
	return &points{counts: make(map[string]int), crashAt: crashAt}
}

// reach records that the bot has reached a point, and reports whether it crashes there.
func (p *points) reach(when, what string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[when+what]++
	here := point{when, what, p.counts[when+what]}
	if !p.closed {
		p.reached = append(p.reached, here)
	}
	for i, at := range p.crashAt {
		if at == here {
			p.crashAt = append(p.crashAt[:i:i], p.crashAt[i+1:]...)
			return true
		}
	}
	return false
}

// all returns the reached points in order.
func (p *points) all() []point {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]point(nil), p.reached...)
}

// forget forgets the points reached so far.
func (p *points) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reached = nil
}

// disableCrashes ensures that the bot crashes at no further point.
func (p *points) disableCrashes() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.crashAt = nil
}

// close ends the recording of points at the end of a story.
func (p *points) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
}

// count returns how often a point was reached.
func (p *points) count(when, what string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts[when+what]
}
