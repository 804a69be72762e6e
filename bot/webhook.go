package bot

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

	"enjobridge/bot/slackevent"
	"enjobridge/storage"
)

// The bounds of what a ticketing system can send.
const (
	maxNews      = 64 << 10 // bytes of one message
	newsASecond  = 10
	newsAtOnce   = 50
	maxTicketURL = storage.MaxID
)

// ticketNews takes what a ticketing system's automation tells of a ticket:
//
//	POST /tickets/{id}
//	Authorization: Bearer TICKET_WEBHOOK_SECRET
//
//	{"status": "Resolved", "priority": "High", "lastModified": "2026-11-22T10:00:00Z"}
//
// The body's fields are those of [decodeNews]. Once what it tells is stored, the
// answer is 200, also if it was known already or is older than what is known; and
// then the ticket's cards are brought up to date. 400 says that nothing in the body
// is understood, 404 that no thread knows the ticket.
type ticketNews struct {
	secret [sha256.Size]byte
	store  storage.Store
	log    zerolog.Logger
	pace   *rate.Limiter
	// complaints bounds what callers without the secret can write into the log.
	complaints rate.Sometimes
	// desk shows the news while the bot runs; nil before and after.
	desk atomic.Pointer[desk]
}

// newTicketNews returns nil without a secret: then nothing is taken.
func newTicketNews(secret string, store storage.Store, log zerolog.Logger) *ticketNews {
	if secret == "" {
		return nil
	}
	return &ticketNews{
		secret: sha256.Sum256([]byte(secret)), store: store, log: log, pace: rate.NewLimiter(newsASecond, newsAtOnce),
		complaints: rate.Sometimes{First: 10, Interval: time.Second},
	}
}

// shownBy has a desk show the news, until the function that it returns is called.
func (n *ticketNews) shownBy(d *desk) (end func()) {
	if n == nil {
		return func() {}
	}
	n.desk.Store(d)
	return func() { n.desk.Store(nil) }
}

// ServeHTTP takes news of one ticket.
func (n *ticketNews) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, err := n.take(r)
	if err != nil {
		n.complaints.Do(func() {
			n.log.Warn().Err(err).Int("status", status).Str("ticket", slackevent.Truncate(r.PathValue("id"), 100)).Msg("news of a ticket refused")
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
		said = err.Error() // it is about the body alone, and whoever wrote the automation has to know
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, said+"\n") // who told it has gone
}

// take stores what is told, and has it shown. It returns the HTTP status.
func (n *ticketNews) take(r *http.Request) (int, error) {
	if !n.allowed(r) {
		return http.StatusUnauthorized, errors.New("the secret is wrong: set TICKET_WEBHOOK_SECRET in the automation, too")
	}
	if !n.pace.Allow() {
		return http.StatusTooManyRequests, fmt.Errorf("more than %d a second", newsASecond)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxNews))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return http.StatusRequestEntityTooLarge, err
	} else if err != nil {
		return http.StatusBadRequest, fmt.Errorf("reading news of a ticket: %w", err)
	}
	told, err := decodeNews(body)
	if err != nil {
		return http.StatusBadRequest, err
	}
	told.ticket.ID = r.PathValue("id")
	if told.ticket.ID == "" || len(told.ticket.ID) > maxTicketURL {
		return http.StatusNotFound, errors.New("no ticket has such an ID")
	}
	return n.keep(r.Context(), told)
}

// allowed reports whether the request bears the secret. It takes as long for a
// wrong one as for the right one.
func (n *ticketNews) allowed(r *http.Request) bool {
	word, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	got := sha256.Sum256([]byte(strings.TrimSpace(token)))
	return subtle.ConstantTimeCompare(got[:], n.secret[:]) == 1 && strings.EqualFold(word, "Bearer")
}

// keep stores news, and has them shown on an errand. News of a ticket that nobody
// shows now are shown at the next start.
func (n *ticketNews) keep(ctx context.Context, told news) (int, error) {
	if told.done && told.ticket.Status != "" {
		// First, so that whoever shows the ticket, and be it another process, knows it.
		if _, err := n.store.Once(ctx, doneKey(told.ticket), time.Now()); err != nil {
			return http.StatusServiceUnavailable, err
		}
	}
	tickets, err := n.store.TellTicket(ctx, told.ticket, time.Now())
	switch {
	case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrBadID):
		return http.StatusNotFound, err
	case err != nil:
		return http.StatusServiceUnavailable, err
	}
	n.log.Info().Str("ticket", slackevent.Truncate(told.ticket.ID, 100)).Int("threads", len(tickets)).Msg("news of a ticket")
	if desk := n.desk.Load(); desk != nil {
		for _, t := range tickets {
			desk.errands.run("showing news of a ticket", func(ctx context.Context) error { return desk.showNews(ctx, t, false) })
		}
	}
	return http.StatusOK, nil
}

// showNews brings a ticket's card up to date, and tells its requester, once for
// each change.
func (d *desk) showNews(ctx context.Context, t storage.Ticket, check bool) error {
	if t.Card == "" || t.Shown == t.Told {
		return nil // the card is posted with the answer that told of the ticket
	}
	if _, err := d.deliver.cards.show(ctx, t.Thread, t.Told.ID, check); err != nil {
		return fmt.Errorf("showing news of ticket %q: %w", slackevent.Truncate(t.Told.ID, 100), err)
	}
	first, err := d.store.Once(ctx, storage.TicketNewsKey(t.Thread, digest(t)), time.Now())
	if err != nil || !first {
		return err
	}
	return d.tellNews(ctx, t)
}

// catchUpOnNews shows what was told of tickets and not shown before the process ended.
func (d *desk) catchUpOnNews(ctx context.Context) error {
	outdated, err := d.store.OutdatedCards(ctx)
	if err != nil {
		return fmt.Errorf("looking for outdated cards: %w", err)
	}
	for _, t := range outdated {
		d.errands.run("showing news of a ticket", func(ctx context.Context) error { return d.showNews(ctx, t, true) })
	}
	return nil
}
