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
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The bounds of what a ticketing system can send.
const (
	maxBody          = 64 << 10 // bytes of one message
	updatesPerSecond = 10
	updatesAtOnce    = 50
	maxTicketURL     = storage.MaxID
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
	secret  [sha256.Size]byte
	tickets storage.Store
	log     zerolog.Logger
	pace    *rate.Limiter
	// complaints bounds what callers without the secret can write into the log.
	complaints rate.Sometimes
	updated    chan struct{} // holds a token after an update
}

// NewWebhook returns a webhook that accepts updates with a secret; without one it
// accepts none.
func NewWebhook(secret string, store storage.Store, log zerolog.Logger) *Webhook {
	return &Webhook{
		secret: sha256.Sum256([]byte(secret)), tickets: store, log: log, pace: rate.NewLimiter(updatesPerSecond, updatesAtOnce),
		complaints: rate.Sometimes{First: 10, Interval: time.Second}, updated: make(chan struct{}, 1),
	}
}

// Updated holds a token after an update was stored.
func (h *Webhook) Updated() <-chan struct{} { return h.updated }

// ServeHTTP receives an update of one ticket.
func (h *Webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, err := h.take(r)
	if err != nil {
		h.complaints.Do(func() {
			h.log.Warn().Err(err).Int("status", status).Str("ticket", slackevent.Truncate(r.PathValue("id"), 100)).Msg("news of a ticket refused")
		})
	}
	switch status {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	said := http.StatusText(status)
	if status == http.StatusBadRequest && err != nil {
		said = err.Error() // it is about the body alone, and the author of the automation needs it
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, said+"\n") // the caller has gone
}

// take stores the update of a request. It returns the HTTP status.
func (h *Webhook) take(r *http.Request) (int, error) {
	if !h.allowed(r) {
		return http.StatusUnauthorized, errors.New("the secret is wrong: set TICKET_WEBHOOK_SECRET in the automation, too")
	}
	if !h.pace.Allow() {
		return http.StatusTooManyRequests, fmt.Errorf("more than %d a second", updatesPerSecond)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return http.StatusRequestEntityTooLarge, err
	} else if err != nil {
		return http.StatusBadRequest, fmt.Errorf("reading news of a ticket: %w", err)
	}
	u, err := decodeUpdate(body)
	if err != nil {
		return http.StatusBadRequest, err
	}
	u.ticket.ID = r.PathValue("id")
	if u.ticket.ID == "" || len(u.ticket.ID) > maxTicketURL {
		return http.StatusNotFound, errors.New("no ticket has such an ID")
	}
	return h.store(r.Context(), u)
}

// allowed reports whether the request has the secret. It takes as long for a wrong
// one as for the right one.
func (h *Webhook) allowed(r *http.Request) bool {
	word, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return subtle.ConstantTimeCompare(got[:], h.secret[:]) == 1 && strings.EqualFold(word, "Bearer")
}

// store stores an update, and triggers the reconciler. If the bot does not run, the
// cards are updated at the next start.
func (h *Webhook) store(ctx context.Context, u update) (int, error) {
	tickets, err := h.tickets.UpdateTicket(ctx, u.ticket, time.Now())
	switch {
	case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrBadID):
		return http.StatusNotFound, err
	case err != nil:
		return http.StatusServiceUnavailable, err
	}
	if u.done && u.ticket.Status != "" {
		if _, err := h.tickets.FirstTime(ctx, doneKey(u.ticket), time.Now()); err != nil {
			return http.StatusServiceUnavailable, err
		}
	}
	h.log.Info().Str("ticket", slackevent.Truncate(u.ticket.ID, 100)).Int("threads", len(tickets)).Msg("news of a ticket")
	select {
	case h.updated <- struct{}{}:
	default: // the reconciler has not looked yet
	}
	return http.StatusOK, nil
}
