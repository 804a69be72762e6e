package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/storage"
)

// probeStoreEvery is how often it is tried whether the store takes writes.
const probeStoreEvery = 15 * time.Second

// health is what is known of whether the bot can do its work.
type health struct {
	now func() time.Time

	mu      sync.Mutex
	sockets []SocketHealth
	store   error    // why the store took no write; nil if the last one went well
	missing []string // scopes that the installation lacks
	ghosts  int
	// reopened holds a token when a socket has opened while all were closed.
	reopened chan struct{}
	// recovered holds a token when the store has taken a write after it had not.
	recovered chan struct{}
}

// Health is what /readyz shows.
type Health struct {
	// Ready says that questions are heard and kept.
	Ready bool `json:"ready"`
	// Reasons says why it is not, or what a person should look at although it is.
	Reasons []string `json:"reasons,omitempty"`
	// Sockets are the Socket Mode connections that the bot is to hold open.
	Sockets []SocketHealth `json:"sockets"`
	// MissingScopes are the permissions that the app's installation lacks.
	MissingScopes []string `json:"missing_scopes,omitempty"`
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

func newHealth(sockets int, now func() time.Time) *health {
	h := &health{now: now, reopened: make(chan struct{}, 1), recovered: make(chan struct{}, 1), sockets: make([]SocketHealth, sockets)}
	for i := range h.sockets {
		h.sockets[i] = SocketHealth{State: socketConnecting, Since: now()}
	}
	return h
}

// opened says that a connection of a socket is read from now on.
func (h *health) opened(socket int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.ContainsFunc(h.sockets, func(s SocketHealth) bool { return s.live > 0 }) {
		select {
		case h.reopened <- struct{}{}:
		default:
		}
	}
	h.sockets[socket].live++
	h.change(socket, "")
}

// ended says that a connection of a socket is read no more.
func (h *health) ended(socket int, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sockets[socket].live--
	h.change(socket, why)
}

// failed says that a socket could not be opened, and waits for the next attempt.
func (h *health) failed(socket int, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.change(socket, why)
}

// change sets the state of a socket after one of its connections has changed. mu must be held.
func (h *health) change(socket int, why string) {
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

// live returns how many sockets are open.
func (h *health) live() int {
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

// stored says how a write to the store went.
func (h *health) stored(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.store != nil && err == nil {
		select {
		case h.recovered <- struct{}{}:
		default:
		}
	}
	h.store = err
}

// storeWrites are the store's operations that write. True stands for those that
// have certainly written something when they succeed; a transaction that wrote
// nothing says nothing about the disk.
var storeWrites = map[string]bool{
	"accept": false, "once": false, "renew": false, "forget": false, "take_call": false, "stop_thread": false,
	"tally": true, "claim": true, "requeue": true, "edit": true, "settle": true, "end": true, "probe": true,
	"set_muted": true, "set_swept": true, "tell_ticket": true, "set_card": true, "set_feedback": true, "set_preferences": true,
}

// storeHook returns the function that the store reports its operations to: it
// counts the failures, and tells health whether the store takes writes.
func storeHook(m *metrics, h *health) func(op string, took time.Duration, err error) {
	return func(op string, _ time.Duration, err error) {
		wrote, writes := storeWrites[op]
		failed := storeFailed(err)
		if failed {
			m.storeErrors.WithLabelValues(op).Inc()
		}
		if writes && failed || wrote && err == nil {
			h.stored(err)
		}
	}
}

// storeFailed reports whether an error says that the store could not be used: a
// record that does not exist or is in another state is no fault of the store.
func storeFailed(err error) bool {
	for _, answer := range []error{
		nil, context.Canceled, context.DeadlineExceeded, storage.ErrNotFound, storage.ErrState, storage.ErrBadID,
	} {
		if errors.Is(err, answer) {
			return false
		}
	}
	return true
}

// lacks says which scopes the installation lacks.
func (h *health) lacks(scopes []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.missing = scopes
}

// haunted says how many connections Slack counts that are not held.
func (h *health) haunted(ghosts int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ghosts = ghosts
}

// report returns what is known now.
func (h *health) report() Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := Health{Sockets: slices.Clone(h.sockets), MissingScopes: slices.Clone(h.missing)}
	deaf := !slices.ContainsFunc(r.Sockets, func(s SocketHealth) bool { return s.live > 0 })
	if deaf {
		r.Reasons = append(r.Reasons, "no socket is open: questions are not heard")
	}
	if h.store != nil {
		r.Reasons = append(r.Reasons, fmt.Sprintf("the store takes no writes: %v", innermost(h.store)))
	}
	r.Ready = !deaf && h.store == nil
	if len(h.missing) > 0 {
		r.Reasons = append(r.Reasons, "the app lacks scopes: install it again ("+strings.Join(h.missing, ", ")+")")
	}
	if h.ghosts > 0 {
		r.Reasons = append(r.Reasons, fmt.Sprintf("Slack counts %d connections that this process does not hold; they take their share of the events", h.ghosts))
	}
	return r
}

// innermost returns the cause of an error, without what it was about, which can
// name people.
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

// ServeHTTP answers 200 if the bot is ready and 503 if not, with what is known.
func (h *health) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	r := h.report()
	body, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		http.Error(w, "the state cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !r.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // who asked has gone
}

// probe tries again and again whether the store takes writes, until ctx ends,
// so that readiness tells of a full disk before a question does, and of its end.
func probe(ctx context.Context, store storage.Store, every time.Duration, log zerolog.Logger) {
	failing := false
	for {
		err := store.Probe(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			log.Error().Err(err).Str("hint", storage.DiskHint).Msg("the store takes no writes")
		case err == nil && failing:
			log.Info().Msg("the store takes writes again")
		}
		failing = err != nil
		if sleep(ctx, every) != nil {
			return
		}
	}
}
