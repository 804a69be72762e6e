package sim_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"enjobridge/internal/memnet"
)

// weather is what goes wrong with the network, by the host at its far end.
type weather struct {
	world *world

	mu     sync.Mutex
	names  map[string]string // of the listeners, by their addresses
	calls  map[uint64]string // the call under way on each connection
	storms []*storm
	lost   *lostAnswers
}

// storm is one thing that goes wrong with the way to a host.
type storm struct {
	kind string
	host string
	left int // how many more connections it strikes; -1 for all
	// struck are the connections that it has struck, by their numbers.
	struck map[uint64]bool
	slow   time.Duration // of slow
	bytes  int64         // of cut: after how many
}

// The kinds of storms.
const (
	stormRefuse    = "refuse"     // connections are refused
	stormBlackHole = "black hole" // nothing arrives, either way
	stormHalfOpen  = "half open"  // nothing arrives from the host
	stormSlow      = "slow"       // everything takes longer
	stormCut       = "cut"        // connections break after some bytes from the host
)

func newWeather(w *world) *weather {
	return &weather{world: w, names: make(map[string]string), calls: make(map[uint64]string), lost: newLostAnswers()}
}

// name names the host at an address.
func (w *weather) name(name, address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[address] = name
}

// nameOf returns a host's name.
func (w *weather) nameOf(host string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name := w.names[host]; name != "" {
		return name
	}
	return host
}

// calling notes which call is under way on a connection.
func (w *weather) calling(conn uint64, call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[conn] = call
}

// answered returns the call that is under way on a connection, which is now over.
func (w *weather) answered(conn uint64) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	call := w.calls[conn]
	delete(w.calls, conn)
	return call
}

// rise lets something go wrong. The function that it returns ends it.
func (w *weather) rise(s *storm) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.struck = make(map[uint64]bool)
	w.storms = append(w.storms, s)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.storms = slices.DeleteFunc(w.storms, func(other *storm) bool { return other == s })
	}
}

// clear ends everything that goes wrong.
func (w *weather) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.storms = nil
}

// fate is what becomes of a packet in the weather of the moment, given what
// becomes of it in good weather.
func (w *weather) fate(p memnet.Packet, f memnet.Fate) memnet.Fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	dead := f.Lose
	for _, s := range w.storms {
		toward := w.names[p.To] == s.host
		if !toward && w.names[p.From] != s.host {
			continue
		}
		if s.strikes(p, toward) {
			w.world.seen.note(fmt.Sprintf("network %s: %s", s.host, s.kind))
			f = s.strike(p, f)
		}
	}
	switch {
	case p.Dial || dead:
	case w.names[p.To] == "enjo":
		w.lost.asks(p)
	case w.names[p.From] == "enjo":
		w.lost.answers(p, f)
	}
	return f
}

// strikes reports whether a storm strikes a packet, and counts it. weather.mu must be held.
func (s *storm) strikes(p memnet.Packet, toward bool) bool {
	suits := false
	switch s.kind {
	case stormRefuse:
		suits = p.Dial
	case stormBlackHole:
		suits = true
	case stormSlow:
		suits = !p.Dial
	case stormHalfOpen:
		suits = !p.Dial && !toward
	case stormCut:
		suits = !p.Dial && !toward && p.Sent+int64(len(p.Data)) >= s.bytes
	}
	switch {
	case !suits:
		return false
	case !p.Dial && s.struck[p.Conn]:
		return true
	case s.left == 0:
		return false
	case s.left > 0:
		s.left--
	}
	s.struck[p.Conn] = !p.Dial
	return true
}

// strike spoils a packet.
func (s *storm) strike(p memnet.Packet, f memnet.Fate) memnet.Fate {
	switch s.kind {
	case stormRefuse:
		f.Refuse = true
	case stormBlackHole, stormHalfOpen:
		f.Lose = true
	case stormSlow:
		f.Delay += s.slow
	case stormCut:
		f.Reset, f.Deliver = true, int(max(0, s.bytes-p.Sent))
	}
	return f
}
