package ticket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"enjobridge/blocks"
	"enjobridge/bot/slackapi"
	"enjobridge/bot/slackevent"
	"enjobridge/bot/supervise"
	"enjobridge/storage"
)

const (
	// reconcileEvery is how often outdated cards are looked for without an update.
	reconcileEvery = time.Minute
	// maxReconciling is how many tickets are shown at the same time.
	maxReconciling = 64
	// reconcileTimeout bounds the showing of one ticket.
	reconcileTimeout = 5 * time.Minute
)

// Reconciler updates the cards that do not show the latest state of their ticket, and
// notifies the requesters who want that.
type Reconciler struct {
	cards   *Cards
	store   storage.Store
	slack   *slackapi.Client
	panics  *supervise.Supervisor
	log     zerolog.Logger
	places  chan struct{} // holds a token for each ticket that is being shown
	running sync.WaitGroup

	mu   sync.Mutex
	busy map[string]bool // the tickets that are being shown
}

// NewReconciler returns a reconciler of cards.
func NewReconciler(cards *Cards, store storage.Store, client *slackapi.Client, panics *supervise.Supervisor, log zerolog.Logger) *Reconciler {
	return &Reconciler{
		cards: cards, store: store, slack: client, panics: panics, log: log, places: make(chan struct{}, maxReconciling), busy: make(map[string]bool),
	}
}

// Run looks for outdated cards at the start, after updates and periodically, until
// soft ends. Then it waits for the tickets that are being shown, which end with hard.
func (r *Reconciler) Run(soft, hard context.Context, updated <-chan struct{}) {
	defer r.running.Wait()
	ticker := time.NewTicker(reconcileEvery)
	defer ticker.Stop()
	for atStart := true; ; atStart = false {
		// An earlier process may have posted some of it.
		if err := r.reconcile(soft, hard, atStart); err != nil && soft.Err() == nil {
			r.log.Error().Err(err).Str("hint", storage.Hint(err)).Msg("ticket: looking for outdated cards failed, retrying")
		}
		select {
		case <-updated:
		case <-ticker.C:
		case <-soft.Done():
			return
		}
	}
}

// reconcile starts to show each ticket whose card is outdated.
func (r *Reconciler) reconcile(soft, hard context.Context, check bool) error {
	outdated, err := r.store.OutdatedCards(soft)
	if err != nil {
		return fmt.Errorf("looking for outdated cards: %w", err)
	}
	for _, t := range outdated {
		key := ticketKey(t.Thread, t.Latest.ID)
		if !r.begin(key) {
			continue
		}
		select {
		case r.places <- struct{}{}:
		case <-soft.Done():
			return nil
		}
		r.panics.Go(&r.running, "show a ticket", func() {
			defer func() { <-r.places }()
			defer r.end(key)
			r.showWithin(hard, t, check)
		})
	}
	return nil
}

// begin notes that a ticket is being shown, and returns false if it is already.
func (r *Reconciler) begin(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[key] {
		return false
	}
	r.busy[key] = true
	return true
}

func (r *Reconciler) end(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, key)
}

// showWithin shows a ticket within a timeout. If that fails, it is logged.
func (r *Reconciler) showWithin(ctx context.Context, t storage.Ticket, check bool) {
	ctx, cancel := context.WithTimeout(r.log.WithContext(ctx), reconcileTimeout)
	defer cancel()
	if err := r.show(ctx, t, check); err != nil {
		r.log.Warn().Err(err).Str("hint", slackapi.Classify(err).Hint).Msg("ticket: updating a card failed, retrying")
	}
}

// show brings a ticket's card up to date, and notifies its requester once of each change.
func (r *Reconciler) show(ctx context.Context, t storage.Ticket, check bool) error {
	if _, err := r.cards.Sync(ctx, t.Thread, t.Latest.ID, check); err != nil {
		return fmt.Errorf("showing ticket %q: %w", slackevent.Truncate(t.Latest.ID, 100), err)
	}
	first, err := r.store.FirstTime(ctx, storage.TicketNewsKey(t.Thread, digest(t)), r.slack.Now())
	if err != nil || !first {
		return err
	}
	return r.notify(ctx, t)
}

// notify sends the requester of a ticket a direct message about the change, if they
// want one and do not see the change in the thread. A reply to it continues the thread,
// unless this process dies between the two steps.
func (r *Reconciler) notify(ctx context.Context, t storage.Ticket) error {
	line, changed := blocks.TicketChange(t.Shown, t.Latest)
	if !changed || t.Requester == "" || storage.IsDirect(t.Thread.Channel) {
		return nil
	}
	preferences, err := r.store.Preferences(ctx, t.Requester)
	if err != nil || !preferences.TicketNews {
		return err
	}
	link := r.slack.Permalink(ctx, t.Thread.Channel, cmp.Or(t.Card, t.Thread.Root))
	channel, ts, err := r.slack.DirectMessage(ctx, t.Requester, blocks.WithLink(line, link))
	if err != nil {
		return err
	}
	post := storage.ThreadID{Team: t.Thread.Team, Channel: channel, Root: ts}
	err = storage.Retry(ctx, r.cards.backOff, func() error { return r.store.LinkThread(ctx, post, t.Thread, r.slack.Now()) })
	if errors.Is(err, storage.ErrNotFound) {
		return nil // the thread was forgotten
	}
	return err
}
