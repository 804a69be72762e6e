package sim_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"enjobridge/internal/memnet"
)

// faultyNetwork applies faults to the packets of the simulated network.
type faultyNetwork struct {
	world *world

	mu            sync.Mutex
	names         map[string]string // of the hosts, by their addresses
	calls         map[uint64]string // the current call on each connection
	faults        []*networkFault
	speedUps      []speedUp
	lostResponses *lostResponses
}

// networkFault is a fault of the connections to a host.
type networkFault struct {
	kind string
	host string
	of   string // the only instance that it affects; empty for all
	left int    // how many more connections it affects; -1 for all
	// affected are the numbers of the connections that it has affected.
	affected map[uint64]bool
	slow     time.Duration // the extra delay of netSlow
	bytes    int64         // after how many bytes netCut cuts a connection
}

// speedUp is a moment at which the way to a host became faster: calls that leave right after
// it arrive shortly after calls that left long before, or overtake them.
type speedUp struct {
	host string
	at   time.Time
	by   time.Duration
}

// The kinds of network faults.
const (
	netRefuse    = "refuse"     // connections are refused
	netBlackHole = "black hole" // nothing arrives in either direction
	netHalfOpen  = "half open"  // nothing arrives from the host
	netSlow      = "slow"       // everything takes longer
	netCut       = "cut"        // connections break after some bytes from the host
)

func newFaultyNetwork(w *world) *faultyNetwork {
	return &faultyNetwork{world: w, names: make(map[string]string), calls: make(map[uint64]string), lostResponses: newLostResponses()}
}

// name sets the name of the host at an address.
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

// calling records the current call on a connection.
func (w *faultyNetwork) calling(conn uint64, call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[conn] = call
}

// answered returns the current call on a connection and clears it.
func (w *faultyNetwork) answered(conn uint64) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	call := w.calls[conn]
	delete(w.calls, conn)
	return call
}

// inject injects a fault. The returned function ends it.
func (w *faultyNetwork) inject(s *networkFault) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s.affected = make(map[uint64]bool)
	w.faults = append(w.faults, s)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.faults = slices.DeleteFunc(w.faults, func(other *networkFault) bool { return other == s })
		w.ended(s)
	}
}

// ended records the end of a fault. The caller holds faultyNetwork.mu.
func (w *faultyNetwork) ended(s *networkFault) {
	if s.slow > 0 {
		w.speedUps = append(w.speedUps, speedUp{s.host, time.Now(), s.slow})
	}
}

// spedUp reports whether packets that reached a host between two times can have been closer
// together than when they left, because the network became faster.
func (w *faultyNetwork) spedUp(host string, from, until time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.speedUps, func(s speedUp) bool {
		return s.host == host && from.Before(s.at.Add(s.by+time.Second)) && !until.Before(s.at)
	})
}

// clear ends all faults.
func (w *faultyNetwork) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.faults {
		w.ended(s)
	}
	w.faults = nil
}

// fate returns the fate of a packet after the current faults, given its fate without them.
func (w *faultyNetwork) fate(p memnet.Packet, f memnet.Fate) memnet.Fate {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost := f.Lose
	for _, s := range w.faults {
		toward := w.names[p.To] == s.host
		if !toward && w.names[p.From] != s.host || s.of != "" && p.From != s.of && p.To != s.of {
			continue
		}
		if s.applies(p, toward) {
			w.world.seen.note(fmt.Sprintf("network %s: %s", s.host, s.kind))
			f = s.apply(p, f)
		}
	}
	switch {
	case p.Dial || lost:
	case w.names[p.To] == "enjo":
		w.lostResponses.noteRequest(p)
	case w.names[p.From] == "enjo":
		w.lostResponses.noteResponse(p, f)
	}
	return f
}

// applies reports whether a fault affects a packet, and counts the connection. The caller
// holds faultyNetwork.mu.
func (s *networkFault) applies(p memnet.Packet, toward bool) bool {
	matches := false
	switch s.kind {
	case netRefuse:
		matches = p.Dial
	case netBlackHole:
		matches = true
	case netSlow:
		matches = !p.Dial
	case netHalfOpen:
		matches = !p.Dial && !toward
	case netCut:
		matches = !p.Dial && !toward && p.Sent+int64(len(p.Data)) >= s.bytes
	}
	switch {
	case !matches:
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

// apply changes the fate of a packet.
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
