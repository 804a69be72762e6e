package sim_test

import (
	"fmt"
	"strings"
	"sync"
)

// point is a moment at which the bot can die: before or after it does something
// for the n-th time. After a call means that the call was processed, and its
// // response is about to arrive. A read can only fail: a death there is one before
// what the bot does next.
type point struct {
	when string // before, after or read
	what string // such as store.Claim, chat.postMessage, ack
	n    int    // from 1
}

func (p point) String() string { return fmt.Sprintf("%s %s #%d", p.when, p.what, p.n) }

// deadly reports whether the bot can die there.
func (p point) canCrash() bool { return p.when != "read" }

// read reports whether it is one of a read of the store.
func (p point) read() bool { return p.when == "read" }

// write reports whether it is the one after a write of the store that can fail.
func (p point) write() bool {
	return p.when == "after" && strings.HasPrefix(p.what, "store.") && p.what != "store.Close"
}

// points count what the bot does, and say when it is to die.
type points struct {
	mu      sync.Mutex
	counts  map[string]int
	reached []point
	crashAt []point // those at which the bot is to die
	closed  bool    // what is reached from now on is not noted
}

func newPoints(deadly ...point) *points {
	return &points{counts: make(map[string]int), crashAt: deadly}
}

// reach notes that the bot has come to a point, and reports whether it is to die there.
func (p *points) reach(when, what string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[when+what]++
	here := point{when, what, p.counts[when+what]}
	if !p.closed {
		p.reached = append(p.reached, here)
	}
	for i, deadly := range p.crashAt {
		if deadly == here {
			p.crashAt = append(p.crashAt[:i:i], p.crashAt[i+1:]...)
			return true
		}
	}
	return false
}

// all returns the points that were reached, in order.
func (p *points) all() []point {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]point(nil), p.reached...)
}

// forget drops the points that were reached so far.
func (p *points) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reached = nil
}

// disarm lets the bot die at no point any more.
func (p *points) disableCrashes() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.crashAt = nil
}

// close ends the noting of points: the story is over.
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
