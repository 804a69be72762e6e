package telemetry

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Health collects whether the bot can do its work. It is safe for concurrent use.
type Health struct {
	now func() time.Time

	mu          sync.Mutex
	sockets     []SocketHealth
	share       int               // how many of the sockets are to be open
	role        string            // of a replica; empty if there is only one
	store       error             // why the store took no write; nil if the last one succeeded
	missing     []string          // scopes that the installation lacks
	degraded    map[string]string // those that the bot can do without, and what does not work then
	unaccounted int
	tokens      map[string]string      // those that cannot be refreshed, and why
	clockOff    time.Duration          // 0 if it does not matter
	agents      map[string]agentHealth // those that are down
	// Reopened holds a token when a socket has opened while all were closed.
	Reopened chan struct{}
	// Recovered holds a token when the store has taken a write after it had not.
	Recovered chan struct{}
}

// agentHealth says why an agent is down.
type agentHealth struct {
	why   string
	setup bool // only an operator can fix it
}

// Report is what /readyz shows.
type Report struct {
	// Ready says that questions are received and stored, and that no agent has a wrong setup.
	Ready bool `json:"ready"`
	// Reasons says why it is not ready, or what an operator should look at although it is.
	Reasons []string `json:"reasons,omitempty"`
	// Role is "holder" for the replica with the lease, which asks and posts, and "standby" for
	// the others; empty if there is only one process.
	Role string `json:"role,omitempty"`
	// Sockets are the Socket Mode connections that the bot holds open.
	Sockets []SocketHealth `json:"sockets"`
	// MissingScopes are the permissions that the app's installation lacks.
	MissingScopes []string `json:"missing_scopes,omitempty"`
	// Degraded says what does not work although the bot is ready, by the missing scope.
	Degraded map[string]string `json:"degraded,omitempty"`
}

// SocketHealth is the state of one of the connections.
type SocketHealth struct {
	// State is "connecting", "open" or "waiting" for the next attempt.
	State string `json:"state"`
	// Since is when the state began.
	Since time.Time `json:"since"`
	// Why says why the last connection ended or could not be opened.
	Why string `json:"why,omitempty"`

	live int // connections that are read; two while one replaces the other
}

// The states of a socket.
const (
	socketConnecting = "connecting"
	socketOpen       = "open"
	socketWaiting    = "waiting"
)

// NewHealth returns the health of a bot with so many sockets, which are all connecting.
func NewHealth(sockets int, now func() time.Time) *Health {
	h := &Health{
		now: now, Reopened: make(chan struct{}, 1), Recovered: make(chan struct{}, 1),
		sockets: make([]SocketHealth, sockets), share: sockets, agents: make(map[string]agentHealth), tokens: make(map[string]string),
	}
	for i := range h.sockets {
		h.sockets[i] = SocketHealth{State: socketConnecting, Since: now()}
	}
	return h
}

// SocketOpened records that a connection of a socket is read from now on.
func (h *Health) SocketOpened(socket int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !anyLive(h.sockets) {
		select {
		case h.Reopened <- struct{}{}:
		default:
		}
	}
	h.sockets[socket].live++
	h.change(socket, "")
}

// SocketEnded records that a connection of a socket is no longer read.
func (h *Health) SocketEnded(socket int, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sockets[socket].live--
	h.change(socket, why)
}

// SocketFailed records that a socket could not be opened, and waits for the next attempt.
func (h *Health) SocketFailed(socket int, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.change(socket, why)
}

// change sets the state of a socket after one of its connections has changed. mu must be held.
func (h *Health) change(socket int, why string) {
	s := &h.sockets[socket]
	state := socketWaiting
	if s.live > 0 {
		state = socketOpen
	}
	if s.State != state {
		s.State, s.Since = state, h.now()
	}
	s.Why = why
}

// anyLive reports whether a connection of any socket is read.
func anyLive(sockets []SocketHealth) bool {
	return slices.ContainsFunc(sockets, func(s SocketHealth) bool { return s.live > 0 })
}

// LiveSockets returns how many sockets are open.
func (h *Health) LiveSockets() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	live := 0
	for _, s := range h.sockets {
		if s.live > 0 {
			live++
		}
	}
	return live
}

// SetSockets records that only so many sockets are to be open, because other replicas have
// enough.
func (h *Health) SetSockets(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.share = min(n, len(h.sockets))
}

// The roles of a replica.
const (
	RoleHolder  = "holder"
	RoleStandby = "standby"
)

// SetRole records the role of a replica.
func (h *Health) SetRole(role string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.role = role
}

// StoreWrote records the result of a write to the store.
func (h *Health) StoreWrote(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.store != nil && err == nil {
		select {
		case h.Recovered <- struct{}{}:
		default:
		}
	}
	h.store = err
}

// SetMissingScopes records which scopes the installation lacks, and what does not work
// without those that the bot can do without.
func (h *Health) SetMissingScopes(scopes []string, degraded map[string]string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.missing, h.degraded = scopes, degraded
}

// SetUnaccounted records how many connections Slack counts that this process does not hold.
func (h *Health) SetUnaccounted(connections int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.unaccounted = connections
}

// SetTokenProblem records why a Slack token cannot be refreshed; empty if it can.
func (h *Health) SetTokenProblem(token, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if why == "" {
		delete(h.tokens, token)
	} else {
		h.tokens[token] = why
	}
}

// SetClockOff records how far this machine's clock is ahead of Slack's. Only more than
// the tolerance is reported.
func (h *Health) SetClockOff(off, tolerance time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clockOff = 0
	if off.Abs() > tolerance {
		h.clockOff = off
	}
}

// AgentDown records that an agent does not answer and why; setup says that only an
// operator can fix it.
func (h *Health) AgentDown(agent, why string, setup bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.agents[agent] = agentHealth{why, setup}
}

// AgentUp records that an agent answers.
func (h *Health) AgentUp(agent string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.agents, agent)
}

// unaccountedFor says that Slack counts connections of nobody who is known.
func unaccountedFor(n int, replicas bool) string {
	holder := "this process does not hold"
	if replicas {
		holder = "no replica holds"
	}
	if n == 1 {
		return "Slack counts 1 connection that " + holder + "; it receives a share of the events"
	}
	return fmt.Sprintf("Slack counts %d connections that %s; they receive a share of the events", n, holder)
}

// Report returns the current state.
func (h *Health) Report() Report {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := Report{Role: h.role, Sockets: slices.Clone(h.sockets[:h.share]), MissingScopes: slices.Clone(h.missing), Degraded: maps.Clone(h.degraded)}
	offline := h.share > 0 && !anyLive(h.sockets)
	if offline {
		r.Reasons = append(r.Reasons, "no socket is open: questions are not received")
	}
	if h.store != nil {
		r.Reasons = append(r.Reasons, fmt.Sprintf("the store takes no writes: %v", innermost(h.store)))
	}
	r.Ready = !offline && h.store == nil
	for _, name := range slices.Sorted(maps.Keys(h.agents)) {
		agent := h.agents[name]
		r.Reasons = append(r.Reasons, fmt.Sprintf("the agent %s is down: %s", name, agent.why))
		r.Ready = r.Ready && !agent.setup
	}
	for _, token := range slices.Sorted(maps.Keys(h.tokens)) {
		r.Reasons = append(r.Reasons, h.tokens[token])
	}
	if len(h.missing) > 0 {
		r.Reasons = append(r.Reasons, "the app lacks scopes: install it again ("+strings.Join(h.missing, ", ")+")")
	}
	if h.unaccounted > 0 {
		r.Reasons = append(r.Reasons, unaccountedFor(h.unaccounted, h.role != ""))
	}
	switch off := h.clockOff.Round(time.Minute); {
	case off > 0:
		r.Reasons = append(r.Reasons, fmt.Sprintf("this machine's clock is %v ahead of Slack's: set it; until then old records are not deleted", off))
	case off < 0:
		r.Reasons = append(r.Reasons, fmt.Sprintf("this machine's clock is %v behind Slack's: set it; until then old records are not deleted", -off))
	}
	return r
}

// innermost returns the cause of an error without its context, which can name people.
func innermost(err error) error {
	for {
		cause := errors.Unwrap(err)
		if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
			cause = joined.Unwrap()[0]
		}
		if cause == nil {
			return err
		}
		err = cause
	}
}

// ServeHTTP answers 200 if the bot is ready and 503 if not, with the report.
func (h *Health) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.Report().ServeHTTP(w, r) }

// ServeHTTP answers 200 if the report says ready and 503 if not, with the report.
func (r Report) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	if r.Sockets == nil {
		r.Sockets = []SocketHealth{}
	}
	body, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		http.Error(w, "the state cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !r.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // the client has gone
}
