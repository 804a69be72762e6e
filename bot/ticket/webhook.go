package ticket

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The limits for a ticketing system.
const (
	maxBody          = 64 << 10 // bytes of one request
	updatesPerSecond = 10
	updatesAtOnce    = 50
)

// Webhook receives updates of tickets from a ticketing system's automation:
//
//	POST /tickets/{id}
//	Authorization: Bearer TICKET_WEBHOOK_SECRET
//
//	{"status": "Resolved", "priority": "High", "lastModified": "2026-11-22T10:00:00Z"}
//
// The body's fields are those of [decodeUpdate]. The response is 200 once the update
// is stored, also if it is older than what is known; the [Reconciler] then updates
// the cards. 400 says that no field of the body is understood, 404 that no thread
// has the ticket.
type Webhook struct {
	secret  atomic.Pointer[[sha256.Size]byte] // its digest; nil without a secret
	store   storage.Store
	clock   *slackapi.Clock
	log     zerolog.Logger
	limiter *rate.Limiter
	// logging limits how much callers without the secret can write into the log.
	logging rate.Sometimes
	updated chan struct{} // holds a token after an update
}

// NewWebhook returns a webhook that accepts updates with a secret; without one it
// accepts none.
func NewWebhook(secret string, store storage.Store, clock *slackapi.Clock, log zerolog.Logger) *Webhook {
	w := &Webhook{
		store: store, clock: clock, log: log, limiter: rate.NewLimiter(updatesPerSecond, updatesAtOnce),
		logging: rate.Sometimes{First: 10, Interval: time.Second}, updated: make(chan struct{}, 1),
	}
	w.SetSecret(secret)
	return w
}

// SetSecret changes the secret; an empty one turns the webhook off.
func (w *Webhook) SetSecret(secret string) {
	if secret == "" {
		w.secret.Store(nil)
		return
	}
	digest := sha256.Sum256([]byte(secret))
	w.secret.Store(&digest)
}

// On reports whether there is a secret, so that updates can be accepted.
func (w *Webhook) On() bool { return w.secret.Load() != nil }

// Updated holds a token after an update was stored.
func (w *Webhook) Updated() <-chan struct{} { return w.updated }

// ServeHTTP receives an update of one ticket.
func (w *Webhook) ServeHTTP(response http.ResponseWriter, r *http.Request) {
	status, err := w.receive(r)
	if err != nil {
		w.logging.Do(func() {
			w.log.Warn().Err(err).Int("status", status).Str("ticket", slackevent.Truncate(r.PathValue("id"), 100)).Msg("ticket: update refused")
		})
	}
	switch status {
	case http.StatusUnauthorized:
		response.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		response.Header().Set("Retry-After", "5")
	}
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := http.StatusText(status)
	if status == http.StatusBadRequest && err != nil {
		text = err.Error() // it is about the body alone, and helps the author of the automation
	}
	response.WriteHeader(status)
	_, _ = io.WriteString(response, text+"\n") // an error means that the caller is gone
}

// receive stores the update of a request. It returns the HTTP status.
func (w *Webhook) receive(r *http.Request) (int, error) {
	if !w.allowed(r) {
		return http.StatusUnauthorized, errors.New("the secret is wrong: use TICKET_WEBHOOK_SECRET in the automation")
	}
	if !w.limiter.Allow() {
		return http.StatusTooManyRequests, fmt.Errorf("more than %d a second", updatesPerSecond)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return http.StatusRequestEntityTooLarge, err
	} else if err != nil {
		return http.StatusBadRequest, fmt.Errorf("reading the update: %w", err)
	}
	u, err := decodeUpdate(body)
	if err != nil {
		return http.StatusBadRequest, err
	}
	u.ticket.ID = r.PathValue("id")
	if u.ticket.ID == "" || len(u.ticket.ID) > storage.MaxID {
		return http.StatusNotFound, errors.New("no ticket has such an ID")
	}
	return w.apply(r.Context(), u)
}

// allowed reports whether the request has the secret, in constant time.
func (w *Webhook) allowed(r *http.Request) bool {
	word, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got, want := sha256.Sum256([]byte(strings.TrimSpace(token))), w.secret.Load()
	return want != nil && subtle.ConstantTimeCompare(got[:], want[:]) == 1 && strings.EqualFold(word, "Bearer")
}

// apply stores an update, and triggers the reconciler. If the bot does not run, the
// cards are updated at the next start.
func (w *Webhook) apply(ctx context.Context, u update) (int, error) {
	var tickets []storage.Ticket
	// Replicas learn of both at once: a ticket must not be shown without knowing that it is closed.
	err := w.store.Decide(ctx, storage.Scope{}, func(s storage.Store) (err error) {
		if tickets, err = s.UpdateTicket(ctx, u.ticket, w.clock.Now()); err != nil || !u.closed || u.ticket.Status == "" {
			return err
		}
		if _, err = s.FirstTime(ctx, closedKey(u.ticket), w.clock.Now()); err != nil {
			return &unclosedError{err}
		}
		return nil
	})
	_, unclosed := errors.AsType[*unclosedError](err)
	switch {
	case !unclosed && (errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrBadID)):
		return http.StatusNotFound, err
	case err != nil:
		return http.StatusServiceUnavailable, err
	}
	w.log.Info().Str("ticket", slackevent.Truncate(u.ticket.ID, 100)).Int("threads", len(tickets)).Msg("ticket: update stored")
	select {
	case w.updated <- struct{}{}:
	default: // a token is there already
	}
	return http.StatusOK, nil
}

// unclosedError means that it could not be stored that a ticket is closed.
type unclosedError struct{ error }

// Unwrap returns why.
func (e *unclosedError) Unwrap() error { return e.error }
