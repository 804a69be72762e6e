package sim_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"enjobridge/internal/memnet"
)

// weather is what goes wrong with the network, by the host at its far end.
type faultyNetwork struct {
	world *world

	mu            sync.Mutex
	names         map[string]string // of the listeners, by their addresses
	calls         map[uint64]string // the call under way on each connection
	faults        []*networkFault
	lostResponses *lostResponses
}

// storm is one thing that goes wrong with the way to a host.
type networkFault struct {
	kind string
	host string
	left int // how many more connections it strikes; -1 for all
	// struck are the connections that it has struck, by their numbers.
	affected map[uint64]bool
	slow     time.Duration // of slow
	bytes    int64         // of cut: after how many
}

// The kinds of storms.
const (
	netRefuse    = "refuse"     // connections are refused
	netBlackHole = "black hole" // nothing arrives, either way
	netHalfOpen  = "half open"  // nothing arrives from the host
	netSlow      = "slow"       // everything takes longer
	netCut       = "cut"        // connections break after some bytes from the host
)

func newFaultyNetwork(w *world) *faultyNetwork {
	return &faultyNetwork{world: w, names: make(map[string]string), calls: make(map[uint64]string), lostResponses: newLostResponses()}
}

// name names the host at an address.
func (w *faultyNetwork) name(name, address string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[address] = name
}

// nameOf returns a host's name.
func (w *faultyNetwork) nameOf(host string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name := w.names[host]; name != "" {
		return name
	}
	return host
}

// calling notes which call is under way on a connection.
func (w *faultyNetwork) calling(conn uint64, call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[conn] = call
}

// answered returns the call that is under way on a connection, which is now over.
func (w *faultyNetwork) answered(conn uint64) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	call := w.calls[conn]
	delete(w.calls, conn)
	return call
}

// rise lets something go wrong. The function that it returns ends it.
func (w *faultyNetwork) inject(s *networkFault) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.affected = make(map[uint64]bool)
	w.faults = append(w.faults, s)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.faults = slices.DeleteFunc(w.faults, func(other *networkFault) bool { return other == s })
	}
}

// clear ends everything that goes wrong.
func (w *faultyNetwork) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = nil
}

// fate is what becomes of a packet in the weather of the moment, given what
// becomes of it in good weather.
func (w *faultyNetwork) fate(p memnet.Packet, f memnet.Fate) memnet.Fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	dead := f.Lose
	for _, s := range w.faults {
		toward := w.names[p.To] == s.host
		if !toward && w.names[p.From] != s.host {
			continue
		}
		if s.applies(p, toward) {
			w.world.seen.note(fmt.Sprintf("network %s: %s", s.host, s.kind))
			f = s.apply(p, f)
		}
	}
	switch {
	case p.Dial || dead:
	case w.names[p.To] == "enjo":
		w.lostResponses.noteRequest(p)
	case w.names[p.From] == "enjo":
		w.lostResponses.noteResponse(p, f)
	}
	return f
}

// strikes reports whether a storm strikes a packet, and counts it. weather.mu must be held.
func (s *networkFault) applies(p memnet.Packet, toward bool) bool {
	suits := false
	switch s.kind {
	case netRefuse:
		suits = p.Dial
	case netBlackHole:
		suits = true
	case netSlow:
		suits = !p.Dial
	case netHalfOpen:
		suits = !p.Dial && !toward
	case netCut:
		suits = !p.Dial && !toward && p.Sent+int64(len(p.Data)) >= s.bytes
	}
	switch {
	case !suits:
		return false
	case !p.Dial && s.affected[p.Conn]:
		return true
	case s.left == 0:
		return false
	case s.left > 0:
		s.left--
	}
	s.affected[p.Conn] = !p.Dial
	return true
}

// strike spoils a packet.
func (s *networkFault) apply(p memnet.Packet, f memnet.Fate) memnet.Fate {
	switch s.kind {
	case netRefuse:
		f.Refuse = true
	case netBlackHole, netHalfOpen:
		f.Lose = true
	case netSlow:
		f.Delay += s.slow
	case netCut:
		f.Reset, f.Deliver = true, int(max(0, s.bytes-p.Sent))
	}
	return f
}
